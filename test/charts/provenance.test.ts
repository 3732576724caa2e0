import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createCleartextMessage, generateKey, type PrivateKey, type PublicKey, readKey, sign } from 'openpgp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkProvenance, provenanceLimits, readProvenance } from '../../electron/charts/provenance.ts'
import { digestOf } from '../../electron/oci/digest.ts'
import { chartArchive } from '../fakes/charts.ts'
import { type Helm, openHelm } from '../lab/helm.ts'

const fileName = 'cart-1.0.0.tgz'
let helm: Helm
let chart: Buffer
let digest: string
let ours: PrivateKey
let other: PrivateKey

beforeAll(async () => {
  helm = await openHelm()
  chart = await chartArchive()
  digest = digestOf(chart)
  ours = await newKey('Ada')
  other = await newKey('Grace')
})
afterAll(() => helm.close())

async function newKey(
  name: string,
  more: { keyExpirationTime?: number; date?: Date } = {},
): Promise<PrivateKey> {
  const userIDs = [{ name, email: `${name.toLowerCase()}@example.invalid` }]
  const { privateKey } = await generateKey({
    type: 'ecc',
    curve: 'ed25519Legacy',
    userIDs,
    format: 'object',
    ...more,
  })
  return privateKey
}

/** What helm package --sign writes: metadata, the mark, digests. */
function statement(files: Record<string, string>): string {
  const sums = Object.entries(files).map(([name, sum]) => `  ${name}: ${sum}\n`)
  return `apiVersion: v2\nname: cart\nversion: 1.0.0\n\n...\nfiles:\n${sums.join('')}`
}

async function signed(text: string, key: PrivateKey = ours, date?: Date): Promise<Buffer> {
  const message = await createCleartextMessage({ text })
  const prov = await sign({ message, signingKeys: key, ...(date === undefined ? {} : { date }) })
  return Buffer.from(prov)
}

function ring(...keys: Array<PrivateKey | PublicKey>): Buffer {
  return Buffer.concat(keys.map((key) => key.toPublic().write()))
}

const check = (prov: Uint8Array, keyring?: Uint8Array) =>
  checkProvenance({ prov, fileName, digest, ...(keyring === undefined ? {} : { keyring }) })

/** Whether helm verify takes the chart with this provenance. */
async function helmTakes(prov: Uint8Array, keyring: Uint8Array): Promise<boolean> {
  const directory = join(helm.directory, 'verify')
  await mkdir(directory, { recursive: true })
  await writeFile(join(directory, fileName), chart)
  await writeFile(join(directory, `${fileName}.prov`), prov)
  await writeFile(join(directory, 'ring.gpg'), keyring)
  return helm.run(['verify', fileName, '--keyring', 'ring.gpg'], directory).then(
    () => true,
    () => false,
  )
}

describe('a provenance', () => {
  it('of the very file, signed by a key of the keyring, is verified as by helm', async () => {
    const prov = await signed(statement({ [fileName]: digest }))
    expect(await check(prov, ring(other, ours))).toMatchObject({
      outcome: 'ok',
      finding: 'provenance-verified',
      values: { signer: 'Ada <ada@example.invalid>', key: ours.getFingerprint().toUpperCase() },
    })
    expect(await helmTakes(prov, ring(other, ours))).toBe(true)
  })

  it('is read for its digests without any key', async () => {
    const { files, text } = await readProvenance(
      await signed(statement({ [fileName]: digest, b: 'sha256:0' })),
    )
    expect([...files]).toEqual([
      [fileName, digest],
      ['b', 'sha256:0'],
    ])
    expect(text).toContain('name: cart')
  })

  it('without a keyring counts for its digest, and says that nobody looked at the signature', async () => {
    const prov = await signed(statement({ [fileName]: digest }))
    expect(await check(prov)).toMatchObject({ outcome: 'note', finding: 'provenance-unverified' })
  })

  it.each([
    [
      'of other content',
      () => ({ [fileName]: `sha256:${'0'.repeat(64)}` }),
      'blocked',
      'provenance-other-content',
    ],
    ['under another name', () => ({ 'renamed.tgz': digest }), 'warn', 'provenance-other-name'],
    ['of another file', () => ({ 'other.tgz': 'sha256:1' }), 'blocked', 'provenance-other-file'],
    ['of nothing', () => ({}), 'blocked', 'provenance-unreadable'],
  ] as const)(
    '%s is found out before a key is looked at, and helm refuses it',
    async (_what, files, outcome, finding) => {
      const prov = await signed(statement(files()))
      expect(await check(prov, ring(ours))).toMatchObject({ outcome, finding })
      expect(await check(prov)).toMatchObject({ outcome, finding })
      expect(await helmTakes(prov, ring(ours))).toBe(false)
    },
  )

  it('signed by a stranger is told from one that was tampered with', async () => {
    const prov = await signed(statement({ [fileName]: digest }), other)
    expect(await check(prov, ring(ours))).toMatchObject({
      outcome: 'warn',
      finding: 'provenance-unknown-key',
    })
    expect(await helmTakes(prov, ring(ours))).toBe(false)

    const honest = await signed(statement({ [fileName]: digest }))
    const changed = Buffer.from(honest.toString().replace('version: 1.0.0', 'version: 1.0.1'))
    expect(await check(changed, ring(ours))).toMatchObject({
      outcome: 'blocked',
      finding: 'provenance-bad-signature',
    })
    expect(await helmTakes(changed, ring(ours))).toBe(false)
  })

  it('signed by a key that has expired since is told from a good one, for helm refuses it', async () => {
    const date = new Date('2020-01-01T00:00:00Z')
    const expired = await newKey('Old', { date, keyExpirationTime: 1000 })
    const prov = await signed(statement({ [fileName]: digest }), expired, new Date(date.getTime() + 5000))
    const found = await check(prov, ring(expired))
    expect(await helmTakes(prov, ring(expired))).toBe(false)
    expect(found).toMatchObject({ outcome: 'warn', finding: 'provenance-key-expired' })
  })

  it('may have text around it and digests in any YAML', async () => {
    const prov = await signed(`name: cart\n...\nfiles: {"${fileName}": '${digest}'}\n`)
    const mailed = Buffer.concat([Buffer.from('Dear all,\n\n'), prov, Buffer.from('\nBye\n')])
    expect(await check(mailed, ring(ours))).toMatchObject({ finding: 'provenance-verified' })
    expect(await helmTakes(mailed, ring(ours))).toBe(true)
  })

  it.each([
    ['no text at all', Buffer.alloc(0)],
    ['no signed message', Buffer.from('files:\n  a: b\n')],
    ['a message that breaks off', Buffer.from('-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nx\n')],
    ['bytes without end', Buffer.alloc(provenanceLimits.prov + 1, '-')],
    ['random bytes', Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * 7919) % 256))],
  ])('that is %s is a finding and no crash', async (_what, prov) => {
    expect(await check(prov, ring(ours))).toMatchObject({
      outcome: 'blocked',
      finding: 'provenance-unreadable',
    })
  })

  it('with signatures without end is refused', async () => {
    const message = await createCleartextMessage({ text: statement({ [fileName]: digest }) })
    const prov = await sign({ message, signingKeys: Array.from({ length: 17 }, () => ours) })
    expect(await check(Buffer.from(prov), ring(ours))).toMatchObject({ finding: 'provenance-unreadable' })
  })

  it('with aliases that multiply among its digests is refused', async () => {
    const lines = [...'bcdefghi'].map(
      (name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[at]}`).join(', ')}]`,
    )
    const prov = await signed(`name: x\n...\na: &a [x]\n${lines.join('\n')}\nfiles: {x: *i}\n`)
    expect(await check(prov)).toMatchObject({ outcome: 'blocked', finding: 'provenance-unreadable' })
  })
})

describe('a keyring', () => {
  it.each([
    ['armored', () => Buffer.from(ours.toPublic().armor())],
    [
      'armored, one key after the other',
      () => Buffer.from(other.toPublic().armor() + ours.toPublic().armor()),
    ],
    [
      'binary, with packets of GnuPG’s own about trust',
      () => Buffer.concat([ring(other), Buffer.from([0xb0, 2, 0, 6]), ring(ours)]),
    ],
  ])('that is %s is read', async (_what, keyring) => {
    const prov = await signed(statement({ [fileName]: digest }))
    expect(await check(prov, keyring())).toMatchObject({ finding: 'provenance-verified' })
  })

  it.each([
    ['a keybox of GnuPG 2.1', Buffer.from('\0\0\0\x20\x01\x01\0\x02KBXf\0\0\0\0', 'latin1'), 'gpg --export'],
    ['nothing', Buffer.alloc(0), 'cannot be read'],
    ['no keys', Buffer.from('hello'), 'cannot be read'],
    ['larger than keyrings are', Buffer.alloc(provenanceLimits.keyring + 1), 'larger'],
  ])('that is %s is said to be so, and the chart can still be published', async (_what, keyring, words) => {
    const found = await check(await signed(statement({ [fileName]: digest })), keyring)
    expect(found).toMatchObject({ outcome: 'warn', finding: 'provenance-keyring-unreadable' })
    expect(found.message).toContain(words)
  })

  it('may hold keys that cannot be read beside those that can', async () => {
    const armored = ours.toPublic().armor()
    const unknown = Buffer.from([0x99, 0, 6, 4, 0, 0, 0, 0, 99])
    const prov = await signed(statement({ [fileName]: digest }))
    expect(await check(prov, Buffer.concat([unknown, ring(ours)]))).toMatchObject({
      finding: 'provenance-verified',
    })
    expect((await readKey({ armoredKey: armored })).getFingerprint()).toBe(ours.getFingerprint())
  })
})
