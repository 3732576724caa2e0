import { type Failure, FailureError } from '../../shared/model/failure.ts'

/** The Failure a promise rejects with; anything else that happens is an error of the test. */
export async function failureIn(job: Promise<unknown>): Promise<Failure> {
  try {
    await job
  } catch (error) {
    if (error instanceof FailureError) return error.failure
    throw error
  }
  throw new Error('it did not fail')
}
