import { ORPCError } from '@orpc/server'
import { z } from 'zod'
import { type Failure, FailureError, failureSchema } from '../../shared/model/failure.ts'
import { localFailure } from '../../shared/model/local-failure.ts'

const issuesSchema = z.object({
  issues: z.array(z.object({ message: z.string(), path: z.array(z.unknown()).optional() })).min(1),
})

/** The Failure in what a call of the router threw; what is none is thrown again. */
export function failureOf(error: unknown): Failure {
  if (error instanceof FailureError) return error.failure
  if (error instanceof ORPCError) {
    const failure = failureSchema.safeParse(error.data)
    if (failure.success) return failure.data
    const refused = issuesSchema.safeParse(error.data)
    if (refused.success) {
      const words = refused.data.issues.map((issue) => `${(issue.path ?? []).join('.')}: ${issue.message}`)
      return localFailure(
        'input-invalid',
        'input',
        `A value does not hold. ${words.join('; ')}`.slice(0, 1000),
      )
    }
  }
  throw error
}
