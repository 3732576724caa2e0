import type { Evidence, Failure, FailureKind, NextStep, Phase } from '../../shared/model/failure.ts'
import type { GivenUpError } from './patience.ts'
import { WayError } from './reach.ts'

interface Circumstance {
  phase: Phase
  url: string
  bytesSent: number
  /** Milliseconds that were waited at most. */
  patience: number
}

interface Row {
  kind: FailureKind
  codes: RegExp
  say: (host: string, code: string) => string
  retryable: boolean
  next: NextStep[]
}

/** What a system, TLS or parser code means, in the order they are looked up. */
const rows: Row[] = [
  {
    kind: 'refused',
    codes: /^ECONNREFUSED$/,
    say: (host) => `${host} refused the connection: nothing listens there.`,
    retryable: true,
    next: ['check-address', 'check-network'],
  },
  {
    kind: 'dns',
    codes: /^(?:ENOTFOUND|EAI_[A-Z]+)$/,
    say: (host) => `The name of ${host} was not found.`,
    retryable: true,
    next: ['check-address', 'check-dns'],
  },
  {
    kind: 'unreachable',
    codes: /^(?:EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL)$/,
    say: (host) => `There is no way to ${host}.`,
    retryable: true,
    next: ['check-network', 'check-address'],
  },
  {
    kind: 'timeout',
    codes: /^(?:ETIMEDOUT|UND_ERR_[A-Z]+_TIMEOUT)$/,
    say: (host) => `${host} did not answer in time.`,
    retryable: true,
    next: ['retry', 'check-network'],
  },
  {
    kind: 'tls-on-plain',
    codes:
      /^(?:EPROTO|ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNEXPECTED_MESSAGE))$/,
    say: (host) => `${host} does not speak TLS on this port.`,
    retryable: false,
    next: ['use-http', 'check-scheme'],
  },
  {
    kind: 'tls-untrusted',
    codes:
      /^(?:.*SELF_SIGNED.*|UNABLE_TO_(?:GET|VERIFY|DECODE|DECRYPT).*|CERT_.*|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|ERR_TLS_CERT_.*|PATH_LENGTH_EXCEEDED)$/,
    say: (host, code) => `The certificate of ${host} is not trusted (${code}).`,
    retryable: false,
    next: ['trust-certificate', 'check-address'],
  },
  {
    // RFC 8446, 6.2: what a server says of the certificate it was shown, or was not
    kind: 'unauthorized',
    codes:
      /^ERR_SSL_.*_ALERT_(?:CERTIFICATE_[A-Z]+|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)$/,
    say: (host, code) => `${host} wants a client certificate that it accepts (${code}).`,
    retryable: false,
    next: ['log-in', 'ask-registry-admin'],
  },
  {
    kind: 'connection-lost',
    codes: /^(?:ECONNRESET|ECONNABORTED|EPIPE|UND_ERR_SOCKET|ERR_SSL_.*|ERR_TLS_.*|HPE_INVALID_EOF_STATE)$/,
    say: (host, code) => `The connection to ${host} broke off (${code}).`,
    retryable: true,
    next: ['retry', 'check-network'],
  },
  {
    kind: 'answer-invalid',
    codes: /^(?:UND_ERR_HEADERS_OVERFLOW|HPE_HEADER_OVERFLOW)$/,
    say: (host) => `${host} sent a longer head than is read.`,
    retryable: false,
    next: ['check-address', 'ask-registry-admin'],
  },
  {
    kind: 'answer-invalid',
    codes: /^UND_ERR_RES_.*$/,
    say: (host, code) => `The answer of ${host} breaks the rules of HTTP (${code}).`,
    retryable: false,
    next: ['check-address', 'ask-registry-admin'],
  },
  {
    kind: 'not-a-registry',
    codes: /^(?:HPE_.*|HTTPParserError)$/,
    say: (host) => `${host} answers, but not in HTTP.`,
    retryable: false,
    next: ['check-address', 'check-scheme'],
  },
]

/** Something is there and made itself heard, if not in HTTP. */
const fromServer: ReadonlySet<FailureKind> = new Set(['not-a-registry', 'tls-on-plain', 'unauthorized'])

/** Says why nobody answered `url`, or why the answer broke off, from the error undici or Node gave. */
export function networkFailure(error: unknown, at: Circumstance): Failure {
  if (error instanceof WayError) return notReached(error, at)
  const host = new URL(at.url).host
  const failure = (
    kind: FailureKind,
    message: string,
    more: Partial<Pick<Failure, 'answeredBy' | 'evidence' | 'retryable' | 'next'>>,
  ): Failure => ({
    kind,
    phase: at.phase,
    message,
    host,
    ociErrors: [],
    answeredBy: 'nobody',
    retryable: false,
    next: [],
    ...more,
    evidence: [...(more.evidence ?? []), ...bytesSent(at)],
  })
  const code = codeOf(error)
  const givenUp = isGivenUp(error) ? error.givenUp : undefined
  // the transport was closed over a running request: the app ends
  const closed = code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED'
  if (givenUp === 'cancelled' || closed) {
    return failure('cancelled', 'Cancelled.', { answeredBy: 'chartroom', next: ['none-needed'] })
  }
  if (givenUp === 'timeout') {
    return failure('timeout', `${host} did not move for ${at.patience / 1000} s.`, {
      evidence: [{ fact: 'limit', value: `${at.patience} ms` }],
      retryable: true,
      next: ['retry', 'check-network'],
    })
  }
  const evidence: Evidence[] = [{ fact: 'error-code', value: code }, ...certificateOf(error)]
  if (at.url.startsWith('http:') && beginsLikeTls(error)) {
    return failure('plain-on-tls', `${host} speaks TLS on this port and was asked in plain http.`, {
      answeredBy: 'server',
      evidence,
      next: ['use-https', 'check-scheme'],
    })
  }
  const row = rows.find(({ codes }) => codes.test(code))
  if (row === undefined) {
    return failure('internal', `The request to ${host} failed (${code}).`, {
      answeredBy: 'chartroom',
      evidence,
      next: ['report-bug'],
    })
  }
  return failure(row.kind, row.say(host, code), {
    answeredBy: fromServer.has(row.kind) ? 'server' : 'nobody',
    evidence,
    retryable: row.retryable,
    // a TLS listener may just hang up on plain http
    next: row.kind === 'connection-lost' && at.phase === 'ping' ? ['check-scheme', ...row.next] : row.next,
  })
}

/** The registry was not asked: what leads to it failed, and is what the failure names. */
function notReached(error: WayError, at: Circumstance): Failure {
  const failure = networkFailure(error.cause, { ...at, url: error.url })
  return {
    ...failure,
    message: `On the way to ${new URL(at.url).host}: ${failure.message}`,
    evidence: [...failure.evidence, { fact: 'route', value: error.route }],
    next: error.route.startsWith('relay') ? ['retry', 'restart-app'] : ['check-network', 'ask-proxy-admin'],
  }
}

function bytesSent(at: Circumstance): Evidence[] {
  return at.bytesSent > 0 ? [{ fact: 'bytes-sent', value: String(at.bytesSent) }] : []
}

/** The names a certificate is for, where it is not for the one that was asked (Node, `checkServerIdentity`). */
function certificateOf(error: unknown): Evidence[] {
  const { cert } = (error ?? {}) as { cert?: { subjectaltname?: unknown } }
  const names = cert?.subjectaltname
  return typeof names === 'string' ? [{ fact: 'certificate', value: names.slice(0, 500) }] : []
}

function isGivenUp(error: unknown): error is GivenUpError {
  return typeof error === 'object' && error !== null && 'givenUp' in error
}

/** The innermost code: undici wraps what the socket said, and several addresses fail as one error of many. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const { code } = error as { code?: unknown }
  if (error instanceof AggregateError && typeof code !== 'string') return codeOf(error.errors[0])
  if (code === 'UND_ERR_SOCKET' && error.cause instanceof Error && 'code' in error.cause)
    return codeOf(error.cause)
  return typeof code === 'string' ? code.slice(0, 100) : error.name
}

/** Whether the parser stumbled over a TLS alert record: content type 21, major version 3. */
function beginsLikeTls(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { data } = error as { data?: unknown }
  const text = typeof data === 'string' || data instanceof Uint8Array ? Buffer.from(data) : Buffer.alloc(0)
  return text[0] === 0x15 && text[1] === 0x03
}
