import { oc } from '@orpc/contract'
import { failureSchema } from '../model/failure.ts'

/** Every operation starts here: whatever goes wrong reaches the caller as one typed error with a Failure in it. */
export const operation = oc.errors({ FAILED: { status: 500, data: failureSchema } })
