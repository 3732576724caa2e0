import type { X509Certificate } from 'node:crypto'
import { checkServerIdentity, type TLSSocket } from 'node:tls'
import type { TlsReport } from '../../../shared/model/registry.ts'

/** Certificates of a chain, and names of a certificate, that are shown at most. */
const maxChain = 10
const maxNames = 100
/** Bits below which an RSA key is called weak (NIST SP 800-57, part 1). */
const minRsaBits = 2048

type Problem = TlsReport['problems'][number]

/** The certificates the server sent, its own first. */
export function chainOf(socket: TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = []
  let next = socket.getPeerX509Certificate()
  while (next !== undefined && chain.length < maxChain && !chain.some(isSame(next))) {
    chain.push(next)
    next = next.issuerCertificate
  }
  return chain
}

/** The authority a chain ends at, and where it stands; undefined where none of `known` is. */
export function anchorOf(
  chain: readonly X509Certificate[],
  known: ReadonlyArray<{ from: string; certificate: X509Certificate }>,
): string | undefined {
  for (const certificate of chain) {
    const anchor = known.find(
      ({ certificate: authority }) =>
        isSame(certificate)(authority) ||
        (certificate.checkIssued(authority) && certificate.verify(authority.publicKey)),
    )
    if (anchor !== undefined) return anchor.from
  }
  return undefined
}

/** Everything that is wrong with a chain at the time `now`, seen as that of `hostname`. */
export function problemsOf(
  chain: readonly X509Certificate[],
  at: { hostname: string; now: number; anchored: boolean },
): Problem[] {
  const [own] = chain
  if (own === undefined) return []
  const problems: Problem[] = []
  if (chain.some(({ validToDate }) => validToDate.getTime() < at.now)) problems.push('expired')
  if (chain.some(({ validFromDate }) => validFromDate.getTime() > at.now)) problems.push('not-yet-valid')
  if (checkServerIdentity(at.hostname, own.toLegacyObject()) !== undefined) problems.push('wrong-name')
  if (!at.anchored) {
    if (isSelfSigned(own)) problems.push('self-signed')
    // with its own certificate alone, an unknown authority and a missing one in between look the same
    else if (chain.length === 1) problems.push('missing-intermediate', 'unknown-authority')
    else problems.push('unknown-authority')
  }
  if (chain.some(isWeak)) problems.push('weak')
  return problems
}

/** A certificate as the report shows it; times in milliseconds since 1970. */
export function describe(certificate: X509Certificate): TlsReport['chain'][number] {
  return {
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    names: (certificate.subjectAltName ?? '')
      .split(', ')
      .filter((name) => name !== '')
      .slice(0, maxNames)
      .map((name) => name.replace(/^(?:DNS|IP Address):/, '').slice(0, 300)),
    validFrom: certificate.validFromDate.getTime(),
    validTo: certificate.validToDate.getTime(),
    sha256: certificate.fingerprint256,
    selfSigned: isSelfSigned(certificate),
  }
}

function isSame(certificate: X509Certificate) {
  return (other: X509Certificate) => other.fingerprint256 === certificate.fingerprint256
}

function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey)
}

/** A root's own signature is trusted for what it is, not for how it is made. */
function isWeak(certificate: X509Certificate): boolean {
  const bits = certificate.publicKey.asymmetricKeyDetails?.modulusLength
  if (bits !== undefined && bits < minRsaBits) return true
  return !isSelfSigned(certificate) && /md5|sha1(?!\d)/i.test(certificate.signatureAlgorithm ?? '')
}

function oneLine(name: string): string {
  return name.split('\n').join(', ').slice(0, 500)
}
