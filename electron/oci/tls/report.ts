import { X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import { FailureError } from '../../../shared/model/failure.ts'
import { failureError } from '../../../shared/model/local-failure.ts'
import type { TlsReport } from '../../../shared/model/registry.ts'
import type { Clock } from '../../ports.ts'
import type { Connection } from '../connection.ts'
import { networkFailure } from '../network-failure.ts'
import { openTls, reach } from '../reach.ts'
import { anchorOf, chainOf, describe, problemsOf } from './chain.ts'
import { certificatesIn } from './pem.ts'
import { secureContextOf, systemAuthorities } from './secure-context.ts'

/** Milliseconds all handshakes together may take. */
const timeout = 15_000
/** Milliseconds a server has to say that it wants a client certificate after the handshake. */
const objection = 1000

export interface ReportAsked {
  /** https address of the registry. */
  url: string
  connection: Connection
  /** PEM of the authorities in `connection`, by where they stand: `entry` or a file. */
  authorities: ReadonlyArray<{ from: string; ca: string }>
  /** Files that should have told more. */
  unread?: readonly string[]
  clock: Clock
  signal?: AbortSignal | undefined
}

/**
 * Looks at the TLS of a registry: one handshake shows what it sends, another whether that verifies with the system's
 * authorities and those given. Nothing is sent over either, and any certificate may be looked at. Throws a
 * FailureError where there is no TLS to look at.
 */
export async function tlsReport(asked: ReportAsked): Promise<TlsReport> {
  const { connection, clock } = asked
  const url = new URL(asked.url)
  if (url.protocol !== 'https:') {
    throw failureError(
      'input-invalid',
      'input',
      `${url.host} is asked in plain http: there is no certificate.`,
      {
        host: url.host,
        next: ['use-https'],
      },
    )
  }
  const hostname = url.hostname.replace(/^\[|\]$/g, '')
  const shown = await handshake(asked, hostname, openContext(connection))
  const verified = await verdict(asked, hostname)
  const known = authoritiesOf(asked)
  const anchor = anchorOf(shown.chain, known)
  const problems = problemsOf(shown.chain, { hostname, now: clock.now(), anchored: anchor !== undefined })
  if (
    !problems.includes('weak') &&
    (isOld(shown.protocol) || /TOO_(?:SMALL|WEAK)/.test(verified.code ?? ''))
  ) {
    problems.push('weak')
  }
  if (shown.wantsClient || verified.wantsClient) problems.push('client-certificate-wanted')
  if (connection.tls?.verify === false) problems.push('not-verified')
  const trusted = verified.code === undefined
  return {
    host: url.host,
    protocol: shown.protocol,
    cipher: shown.cipher,
    chain: shown.chain.map(describe),
    trusted,
    trustedBy: trusted && anchor !== undefined ? [anchor] : [],
    problems,
    unread: [...(asked.unread ?? [])],
    ...(verified.code !== undefined ? { code: verified.code } : {}),
  }
}

interface Shown {
  protocol: string
  cipher: string
  chain: X509Certificate[]
  wantsClient: boolean
  /** OpenSSL's word for what does not verify. */
  code: string | undefined
}

/** Shakes hands, whatever the certificate. */
async function handshake(asked: ReportAsked, hostname: string, secureContext: SecureContext): Promise<Shown> {
  const { connection, url } = asked
  const signal = AbortSignal.any([AbortSignal.timeout(timeout), ...(asked.signal ? [asked.signal] : [])])
  const way = { ...connection, proxyContext: () => secureContextOf(undefined) }
  const target = { hostname, port: Number(new URL(url).port) || 443, secure: true }
  let socket: TLSSocket
  try {
    const plain = await reach(target, way, signal)
    socket = await openTls(plain, { hostname, secureContext, verify: false }, signal)
  } catch (error) {
    if (error instanceof FailureError) throw error
    const cancelled = asked.signal?.aborted === true
    const reason = signal.aborted ? { givenUp: cancelled ? 'cancelled' : 'timeout' } : error
    throw new FailureError(
      networkFailure(reason, { phase: 'connect', url, bytesSent: 0, patience: timeout }),
      { cause: error },
    )
  }
  try {
    const refusal: unknown = socket.authorizationError
    return {
      protocol: socket.getProtocol() ?? '',
      cipher: socket.getCipher().name,
      chain: chainOf(socket),
      wantsClient: await objects(socket),
      code: socket.authorized ? undefined : String(refusal instanceof Error ? refusal.message : refusal),
    }
  } finally {
    socket.destroy()
  }
}

/** Whether it verifies. What shakes hands only with everything allowed, as a protocol out of use, does not. */
async function verdict(asked: ReportAsked, hostname: string): Promise<Pick<Shown, 'wantsClient' | 'code'>> {
  try {
    return await handshake(asked, hostname, secureContextOf(asked.connection.tls))
  } catch (error) {
    if (!(error instanceof FailureError) || error.failure.kind === 'cancelled') throw error
    const code = error.failure.evidence.find(({ fact }) => fact === 'error-code')?.value
    return { wantsClient: false, code: code ?? error.failure.kind }
  }
}

/**
 * In TLS 1.3 a server says that a client certificate is missing only after the handshake. One that hands out a
 * session has nothing to object.
 */
function objects(socket: TLSSocket): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle(false), objection)
    const settle = (wanted: boolean) => {
      clearTimeout(timer)
      resolve(wanted)
    }
    socket.once('session', () => settle(false))
    socket.once('error', ({ code }: NodeJS.ErrnoException) => settle(/_ALERT_/.test(code ?? '')))
    socket.once('close', () => settle(false))
    socket.resume()
  })
}

/** Trusts nobody, so that the chain is what the server sent, and speaks what is long out of use. */
function openContext({ tls }: Connection): SecureContext {
  const common = {
    ca: [],
    ...(tls?.client !== undefined ? { cert: tls.client.certificate, key: tls.client.key } : {}),
  }
  try {
    return createSecureContext({ ...common, minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' })
  } catch {
    // Electron's BoringSSL knows no levels
    return createSecureContext(common)
  }
}

function authoritiesOf({ authorities }: ReportAsked) {
  const own = authorities.flatMap(({ from, ca }) =>
    certificatesIn(ca).map((certificate) => ({ from, certificate })),
  )
  const system = systemAuthorities().flatMap((pem) => {
    try {
      return [{ from: 'system', certificate: new X509Certificate(pem) }]
    } catch {
      return []
    }
  })
  return [...own, ...system]
}

function isOld(protocol: string): boolean {
  return protocol === 'TLSv1' || protocol === 'TLSv1.1' || protocol.startsWith('SSL')
}
