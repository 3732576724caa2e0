import { STATUS_CODES } from 'node:http'
import type { Failure } from '../../shared/model/failure.ts'
import type { ContainerdVersion, PullAttempt, PullStep, PullVerdict } from '../../shared/model/pull.ts'

type Prediction = NonNullable<PullVerdict['containerd']>

/** What the prediction is made from. */
export interface FailedStep {
  /** registry/repository:tag, as the kubelet passes it on. */
  reference: string
  containerd: ContainerdVersion
  /** Whether the walk had a credential for the upstream. */
  authenticated: boolean
  step: PullStep
  /** All attempts of that step, in order; empty if no host may resolve. */
  attempts: readonly PullAttempt[]
  /** The blob that was asked for, if the walk came that far. */
  blob?: { digest: string; mediaType: string }
}

/**
 * What containerd would print for a step that no host served, and by which rule. Read in containerd 1.7.27
 * and 2.1.5 (remotes/docker: resolver.go, fetcher.go, authorizer.go) and compared with what both resolvers
 * print for the same hosts:
 * - resolve, 1.7: the first error that is not a 404; all 404 is "not found".
 * - resolve, 2.1: no answer counts 1, a 404 counts 2, any other status from 400 on counts 3; the first of the highest.
 * - fetch, both: the error of the first host, whatever the later ones said.
 * A 401 that cannot be answered is an error and no status: it counts as "no answer".
 */
export function predict(failed: FailedStep): Prediction | undefined {
  const first = failed.attempts[0]
  if (first === undefined) return undefined
  if (failed.step !== 'resolve') {
    const message = `failed to copy: httpReadSeeker: failed open: ${fetchError(first, failed)}`
    return { version: failed.containerd, message, rule: 'fetch-first', host: first.host }
  }
  const attempts = lastPerHost(failed.attempts)
  // where a HEAD without a digest was served, both versions take the error page of the GET for a manifest
  if (attempts.length < failed.attempts.length && failed.attempts.at(-2)?.outcome === 'served')
    return undefined
  const oldRule = failed.containerd === '1.7'
  const chosen = oldRule
    ? (attempts.find((attempt) => attempt.status !== 404) ?? first)
    : attempts.reduce((best, attempt) => (weight(attempt, failed) > weight(best, failed) ? attempt : best))
  return {
    version: failed.containerd,
    message: `failed to resolve reference "${failed.reference}": ${resolveError(chosen, failed)}`,
    rule: oldRule ? 'resolve-first-non-404' : 'resolve-highest',
    host: chosen.host,
  }
}

function weight(attempt: PullAttempt, failed: FailedStep): number {
  if (attempt.status === undefined || authorizationError(attempt, failed) !== undefined) return 1
  return attempt.status === 404 ? 2 : 3
}

/** A host that was asked by HEAD and then by GET has one error: the later. */
function lastPerHost(attempts: readonly PullAttempt[]): PullAttempt[] {
  return attempts.filter((attempt, index) => {
    const next = attempts[index + 1]
    return next === undefined || next.host !== attempt.host || next.method === attempt.method
  })
}

function resolveError(attempt: PullAttempt, failed: FailedStep): string {
  const authorization = authorizationError(attempt, failed)
  if (authorization !== undefined) {
    return `pull access denied, repository does not exist or may require authorization: ${authorization}`
  }
  if (attempt.status === undefined) return transportError(attempt, failed)
  if (attempt.status === 404) return `${failed.reference}: not found`
  return `unexpected status from ${attempt.method} request to ${attempt.url}: ${statusText(attempt.status)}`
}

function fetchError(attempt: PullAttempt, failed: FailedStep): string {
  const { status, url } = attempt
  const authorization = authorizationError(attempt, failed)
  if (authorization !== undefined) return authorization
  if (status === undefined) return transportError(attempt, failed)
  if (status === 404) {
    return failed.step === 'blob' && failed.blob !== undefined
      ? `could not fetch content descriptor ${failed.blob.digest} (${failed.blob.mediaType}) from remote: not found`
      : `content at ${url} not found: not found`
  }
  const said = serverMessage(attempt.failure)
  return failed.containerd === '1.7'
    ? `unexpected status code ${url}: ${statusText(status)}${said === '' ? '' : ` - Server message: ${said}`}`
    : `unexpected status from GET request to ${url}: ${statusText(status)}${said === '' ? '' : `\n${said}`}`
}

/** RFC 6750, section 3.1. */
const bearerError = /\b(?:invalid_request|invalid_token|insufficient_scope)\b/

/** authorizer.go gives up before the 401 becomes a status: without a password for Basic, or when a token was refused. */
function authorizationError(attempt: PullAttempt, failed: FailedStep): string | undefined {
  if (attempt.status !== 401) return undefined
  const challenge = attempt.failure?.evidence.find(({ fact }) => fact === 'challenge')?.value ?? ''
  const [scheme] = challenge.toLowerCase().split(' ')
  const error = bearerError.exec(challenge)?.[0]
  const hasCredential = failed.authenticated && attempt.role === 'upstream'
  if (scheme === 'basic' && !hasCredential) return 'authorization failed: no basic auth credentials'
  if (scheme === 'bearer' && error !== undefined) return `server message: ${error}: authorization failed`
  return undefined
}

function transportError(attempt: PullAttempt, failed: FailedStep): string {
  const { failure } = attempt
  if (failure?.phase === 'token') {
    const grant = failed.authenticated ? 'oauth' : 'anonymous'
    const answer =
      failure.status === undefined ? goError(failure, failure.host ?? attempt.host) : tokenAnswer(failure)
    return `failed to authorize: failed to fetch ${grant} token: ${answer}`
  }
  const method = attempt.method === 'HEAD' ? 'Head' : 'Get'
  return `failed to do request: ${method} "${attempt.url}": ${goError(failure, attempt.host)}`
}

function tokenAnswer(failure: Failure): string {
  // the whole address is not kept: a token's query may hold a name
  return `unexpected status from GET request to ${failure.host ?? ''}/…: ${statusText(failure.status ?? 0)}`
}

/** Go's words for what happened on the wire; names stand where Go prints the address it found for them. */
function goError(failure: Failure | undefined, host: string): string {
  const address = /:[0-9]+$/.test(host) ? host : `${host}:443`
  const name = address.replace(/:[0-9]+$/, '')
  switch (failure?.kind) {
    case 'refused':
      return `dial tcp ${address}: connect: connection refused`
    case 'dns':
      return `dial tcp: lookup ${name}: no such host`
    case 'unreachable':
      return `dial tcp ${address}: connect: no route to host`
    case 'timeout':
      return `dial tcp ${address}: i/o timeout`
    case 'tls-untrusted':
      return 'tls: failed to verify certificate: x509: certificate signed by unknown authority'
    case 'tls-on-plain':
      return 'http: server gave HTTP response to HTTPS client'
    default:
      return 'EOF'
  }
}

function statusText(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? ''}`.trim()
}

/** Error codes containerd has a name for (errdesc.go); it prints all others as "unknown". */
const knownCodes: ReadonlySet<string> = new Set([
  'UNSUPPORTED',
  'UNAUTHORIZED',
  'DENIED',
  'UNAVAILABLE',
  'TOOMANYREQUESTS',
])

function serverMessage(failure: Failure | undefined): string {
  const said = (failure?.ociErrors ?? []).map(
    ({ code, message }) => `${knownCodes.has(code) ? code.toLowerCase() : 'unknown'}: ${message ?? ''}`,
  )
  if (said.length < 2) return said[0] ?? ''
  return `errors:\n${said.join('\n')}\n`
}
