import { ORPCError } from '@orpc/server'
import { type Failure, FailureError, failureSchema } from '../../shared/model/failure.ts'
import { localFailure } from '../../shared/model/local-failure.ts'
import type { Log } from '../log.ts'

/**
 * The Failure that stands for anything a handler threw. What no part of the app explained is `internal`:
 * it is logged here in full, and crosses the wire without its text, which may hold paths or secrets.
 */
export function failureFor(error: unknown, operation: string, signal: AbortSignal, log: Log): Failure {
  if (error instanceof FailureError) return fitted(error.failure)
  if (signal.aborted || (error instanceof Error && error.name === 'AbortError')) {
    return localFailure('cancelled', 'wire', 'The call was cancelled.', { retryable: true, next: ['retry'] })
  }
  log.error({ operation, err: error }, 'an operation failed unexplained')
  return localFailure('internal', 'wire', `Chartroom itself failed in ${operation}; its log says more.`, {
    next: ['retry', 'restart-app', 'report-bug'],
  })
}

/**
 * What the caller gets to see: the contract's FAILED with a Failure, or, where what it sent is not what the
 * contract asks for, oRPC's BAD_REQUEST with the issues.
 */
export function wireError(error: unknown, operation: string, signal: AbortSignal, log: Log): Error {
  if (error instanceof ORPCError && error.code === 'BAD_REQUEST') return error
  const failure = failureFor(error, operation, signal, log)
  return new ORPCError('FAILED', { defined: true, status: 500, message: failure.message, data: failure })
}

/** A Failure that breaks its own schema (too long an evidence) keeps its verdict and loses what is too long. */
function fitted(failure: Failure): Failure {
  const parsed = failureSchema.safeParse(failure)
  return parsed.success ? parsed.data : { ...failure, evidence: [], ociErrors: [] }
}
