import type { Failure, FailureKind, Phase } from '../../../shared/model/failure.ts'

/** Nobody there, or not what was expected: the relay leads to the same address. 429: enough was asked. */
const everywhere: ReadonlySet<FailureKind> = new Set([
  'dns',
  'refused',
  'unreachable',
  'tls-untrusted',
  'tls-on-plain',
  'plain-on-tls',
  'not-a-registry',
  'rate-limited',
])

const permissions: ReadonlySet<FailureKind> = new Set(['unauthorized', 'denied'])

/** No byte of a blob had left: neither shape nor size can be why. */
const beforeBody: ReadonlySet<Phase> = new Set(['connect', 'ping', 'token', 'blob', 'upload-session'])

/**
 * How much of a path check a failure ends: its own shape over this route (larger blobs are not tried), the route, or
 * all of it. What would come back the same for every cell is asked once. A permission that is missing is missing
 * everywhere, unless something passed before: then a 401 or 403 is about that one body.
 */
export function verdictEnds(failure: Failure, anyPassed: boolean): 'shape' | 'route' | 'check' {
  const { kind, phase, answeredBy } = failure
  if (everywhere.has(kind)) return 'check'
  if (permissions.has(kind) && !anyPassed) return 'check'
  if (!beforeBody.has(phase)) return 'shape'
  return answeredBy === 'registry' || answeredBy === 'token-service' ? 'check' : 'route'
}
