import { type Failure, FailureError, type FailureKind, type Phase } from './failure.ts'

/**
 * A Failure this app found by itself, before or without an answer from outside: bad input, a broken file,
 * a cancelled job. What others answered is explained in `explain.ts`.
 */
export function localFailure(
  kind: FailureKind,
  phase: Phase,
  message: string,
  more: Partial<Pick<Failure, 'host' | 'evidence' | 'next' | 'retryable'>> = {},
): Failure {
  return {
    kind,
    phase,
    message,
    ociErrors: [],
    answeredBy: 'chartroom',
    evidence: more.evidence ?? [],
    retryable: more.retryable ?? false,
    next: more.next ?? [],
    ...(more.host !== undefined ? { host: more.host } : {}),
  }
}

/** The same as an error to throw. */
export function failureError(...parts: Parameters<typeof localFailure>): FailureError {
  return new FailureError(localFailure(...parts))
}
