import { FailureError, type FailureKind } from '../../../shared/model/failure.ts'
import { chunkBytesOf, send } from './carry.ts'
import type { UploadJob } from './job.ts'
import { sessionOf } from './saved-upload.ts'

/** What says that a session, or what it holds, is of no use any more. */
const useless: ReadonlySet<FailureKind> = new Set([
  'upload-lost',
  'range-refused',
  'digest-refused',
  'digest-mismatch',
  'invalid',
])

/**
 * Goes on where an earlier run of the app stopped. Resolves to whether that carried the blob: not where nothing was
 * saved for it, and not where the session is gone, which the job hears as `anew`. Throws any other FailureError.
 */
export async function goOn(job: UploadJob): Promise<boolean> {
  const session = sessionOf(job)
  if (session === undefined) return false
  try {
    await send(job, { strategy: 'chunked', chunkBytes: chunkBytesOf(job), session })
    return true
  } catch (error) {
    if (!(error instanceof FailureError) || !useless.has(error.failure.kind)) throw error
    job.onEvent({ type: 'anew', because: error.failure.message })
    return false
  }
}
