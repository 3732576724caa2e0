import { ORPCError } from '@orpc/client'
import { type Failure, FailureError, failureSchema } from '../../shared/model/failure.ts'
import { localFailure } from '../../shared/model/local-failure.ts'

/** The Failure in whatever a call threw; what carries none is explained as far as it can be. Never throws. */
export function failureOf(error: unknown): Failure {
  if (error instanceof FailureError) return error.failure
  if (error instanceof ORPCError) {
    const carried = failureSchema.safeParse(error.data)
    if (carried.success) return carried.data
    if (error.code === 'BAD_REQUEST') {
      return localFailure('input-invalid', 'input', `The input was refused: ${error.message}`)
    }
    return localFailure('internal', 'wire', error.message, { next: ['report-bug'] })
  }
  if (error instanceof Error && error.name === 'AbortError') {
    return localFailure('cancelled', 'wire', 'The call was cancelled.')
  }
  const message = error instanceof Error ? error.message : String(error)
  return localFailure('internal', 'wire', message, { next: ['report-bug'] })
}
