import type { PublicKey } from 'openpgp'
import { parseDocument } from 'yaml'
import { FailureError } from '../../shared/model/failure.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import { type Finding, found } from './finding.ts'

/** Bytes of a provenance file and of a keyring, and how many signatures and keys are read of them. */
export const provenanceLimits = {
  prov: 1024 * 1024,
  signatures: 16,
  keyring: 10 * 1024 * 1024,
  keys: 2000,
} as const

/** What a provenance file says, apart from whether its signature holds. */
export interface Provenance {
  /** Digests (`sha256:…`) by the names of the files that were signed. */
  files: ReadonlyMap<string, string>
  /** The text that was signed: the chart's metadata, then the digests. */
  text: string
}

/** A provenance file, the chart it lies beside, and the keys that are trusted. */
export interface ProvenanceQuestion {
  prov: Uint8Array
  /** The name `helm pull` gives the chart: `<name>-<version>.tgz`. It has to be the one that was signed. */
  fileName: string
  /** sha256 of the chart. */
  digest: string
  /** Public keys: GnuPG's binary pubring.gpg, or armored. */
  keyring?: Uint8Array
}

const begin = '-----BEGIN PGP SIGNED MESSAGE-----'
const keyBlock = '-----BEGIN PGP PUBLIC KEY BLOCK-----'

/**
 * Reads a .prov: a clear-signed text of the chart's metadata, `...`, and `files: {name: digest}` (Helm's
 * pkg/provenance; helm.sh/docs/topics/provenance). Throws a FailureError of kind `input-invalid`.
 */
export async function readProvenance(bytes: Uint8Array): Promise<Provenance> {
  const text = (await messageOf(bytes)).getText()
  const [, sums] = text.split('\n...\n')
  if (sums === undefined) throw invalid('it has no list of digests')
  return { files: filesOf(sums), text }
}

/**
 * Whether a provenance file vouches for the chart: the digest signed for its name is the chart's and, where a keyring
 * is given, a key in it made the signature. What `helm pull --verify` would refuse later is said now.
 */
export async function checkProvenance(question: ProvenanceQuestion): Promise<Finding> {
  const { prov, fileName, digest, keyring } = question
  let provenance: Provenance
  try {
    provenance = await readProvenance(prov)
  } catch (error) {
    if (!(error instanceof FailureError)) throw error
    return found('blocked', 'provenance-unreadable', {}, error.failure.message)
  }
  const wrong = wrongDigest(provenance, fileName, digest)
  if (wrong !== undefined) return wrong
  if (keyring === undefined) {
    const message = 'The provenance is for this file. Its signature was not checked: no keyring is set.'
    return found('note', 'provenance-unverified', { file: fileName }, message)
  }
  return checkSignature(prov, keyring)
}

function wrongDigest({ files }: Provenance, fileName: string, digest: string): Finding | undefined {
  const signed = files.get(fileName)
  if (signed === digest) return undefined
  if (signed !== undefined) {
    const message = `The provenance was made for other content of ${fileName}: ${signed}, not ${digest}.`
    return found('blocked', 'provenance-other-content', { file: fileName, signed, digest }, message)
  }
  const [name] = [...files].find(([, other]) => other === digest) ?? []
  if (name !== undefined) {
    const message = `The provenance is of this chart under the name ${name}; helm pull --verify looks for ${fileName} in it and refuses.`
    return found('warn', 'provenance-other-name', { file: fileName, signed: name }, message)
  }
  const names = [...files.keys()].join(', ').slice(0, 500)
  const message = `The provenance is of ${names || 'no file'}, not of ${fileName}.`
  return found('blocked', 'provenance-other-file', { file: fileName, signed: names }, message)
}

async function checkSignature(prov: Uint8Array, keyring: Uint8Array): Promise<Finding> {
  const { verify } = await import('openpgp')
  const message = await messageOf(prov)
  let keys: Awaited<ReturnType<typeof keysOf>>
  try {
    keys = await keysOf(keyring)
  } catch (error) {
    if (!(error instanceof FailureError)) throw error
    return found('warn', 'provenance-keyring-unreadable', {}, error.failure.message)
  }
  const { signatures } = await verify({ message, verificationKeys: keys })
  let problem: Finding | undefined
  for (const { keyID, verified } of signatures) {
    const id = keyID.toHex().toUpperCase()
    const [key] = keys.filter((one) => one.getKeys(keyID).length > 0)
    if (key === undefined) {
      problem ??= found(
        'warn',
        'provenance-unknown-key',
        { key: id },
        `The provenance is signed with the key ${id}, which is not in the keyring.`,
      )
      continue
    }
    try {
      await verified
      const signer = key.users[0]?.userID?.userID.slice(0, 200) ?? id
      const fingerprint = key.getFingerprint().toUpperCase()
      if (!(await isInForce(key))) {
        const text = `The provenance is signed by ${signer} with a key that has expired or was revoked since; helm pull --verify refuses it.`
        return found('warn', 'provenance-key-expired', { signer, key: fingerprint }, text)
      }
      return found(
        'ok',
        'provenance-verified',
        { signer, key: fingerprint },
        `The provenance is for this file and signed by ${signer} (${fingerprint}).`,
      )
    } catch (error) {
      const why = error instanceof Error ? error.message.slice(0, 300) : 'it does not hold'
      const text = `The signature of the provenance by the key ${id} does not hold: ${why}.`
      problem = found('blocked', 'provenance-bad-signature', { key: id, why }, text)
    }
  }
  return problem ?? found('blocked', 'provenance-unsigned', {}, 'The provenance has no signature.')
}

/** A signature outlives its key in OpenPGP, but not in Helm. */
async function isInForce(key: PublicKey): Promise<boolean> {
  const expires = await key.getExpirationTime()
  if (expires === null || (await key.isRevoked())) return false
  return expires === Infinity || expires > new Date()
}

async function messageOf(bytes: Uint8Array) {
  if (bytes.length > provenanceLimits.prov) throw invalid(`it is larger than ${provenanceLimits.prov} bytes`)
  const { readCleartextMessage } = await import('openpgp')
  const all = new TextDecoder().decode(bytes)
  const start = all.indexOf(begin)
  if (start < 0) throw invalid('it holds no signed message')
  const message = await readCleartextMessage({ cleartextMessage: all.slice(start) }).catch(
    (error: unknown) => {
      throw invalid(error instanceof Error ? error.message.slice(0, 300) : 'it is malformed')
    },
  )
  if (message.getSigningKeyIDs().length > provenanceLimits.signatures)
    throw invalid('it has too many signatures')
  return message
}

function filesOf(sums: string): Map<string, string> {
  const value = yamlOf(sums)
  const map = isFields(value) ? value['files'] : undefined
  if (!isFields(map)) throw invalid('its list of digests cannot be read')
  return new Map(Object.entries(map).map(([name, digest]) => [name, String(digest).slice(0, 200)]))
}

function yamlOf(text: string): unknown {
  try {
    const document = parseDocument(text, { version: '1.1', uniqueKeys: false })
    return document.errors.length > 0 ? undefined : document.toJS({ maxAliasCount: 100 })
  } catch {
    // aliases that multiply, nesting without end
    return undefined
  }
}

/** Armored keys, or the packets of GnuPG's older pubring.gpg. */
async function keysOf(keyring: Uint8Array) {
  const { readKeys } = await import('openpgp')
  if (keyring.length > provenanceLimits.keyring) {
    throw badKeyring(`it is larger than ${provenanceLimits.keyring} bytes`)
  }
  if (Buffer.from(keyring.subarray(8, 12)).toString('latin1') === 'KBXf') {
    throw badKeyring('it is in the keybox format of GnuPG 2.1; export the keys with gpg --export')
  }
  try {
    const text = Buffer.from(keyring).toString('latin1')
    if (!text.includes(keyBlock))
      return (await readKeys({ binaryKeys: keyring })).slice(0, provenanceLimits.keys)
    const blocks = text.split(keyBlock).slice(1, provenanceLimits.keys + 1)
    const read = await Promise.all(blocks.map((block) => readKeys({ armoredKeys: keyBlock + block })))
    return read.flat()
  } catch (error) {
    throw badKeyring(error instanceof Error ? error.message.slice(0, 300) : 'it is malformed')
  }
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(why: string): FailureError {
  return failureError('input-invalid', 'input', `The provenance file cannot be read: ${why}.`)
}

function badKeyring(why: string): FailureError {
  return failureError('input-invalid', 'input', `The keyring cannot be read: ${why}.`)
}
