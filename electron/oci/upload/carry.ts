import { FailureError, type FailureKind } from '../../../shared/model/failure.ts'
import type { Strategy } from '../../../shared/model/upload.ts'
import { headBlob } from '../blobs.ts'
import type { UploadJob } from './job.ts'
import { mayBeAccident } from './plan.ts'
import { quirkOf } from './quirks.ts'
import { isKept, savedUpload } from './saved-upload.ts'
import { abandonSession, type Session } from './session.ts'
import { strategies } from './strategies.ts'

/** What nginx lets through by default (client_max_body_size, 1 MiB): chunks that are too large are made this small. */
const smallChunk = 1024 * 1024

/**
 * One shape: in a session of `sessions`, and once more in another where what befell it may have been an accident.
 * Throws the FailureError of the last try; a session that is given up is deleted where the registry lets us.
 */
export async function carry(
  job: UploadJob,
  strategy: Strategy,
  sessions: () => Promise<Session>,
): Promise<void> {
  const chunkBytes = chunkBytesOf(job)
  const first = await begin(job, strategy, sessions)
  try {
    await send(job, { strategy, chunkBytes, session: first })
  } catch (error) {
    if (!(error instanceof FailureError) || isKept(job, first, error)) throw error
    const tooLarge = error.failure.kind === 'too-large' && strategy === 'chunked' && chunkBytes > smallChunk
    if (!tooLarge && !mayBeAccident(error.failure)) throw error
    const session = await begin(job, strategy, sessions)
    await send(job, { strategy, chunkBytes: tooLarge ? smallChunk : chunkBytes, session }).catch(unmask)
  }
}

/** A session that gets lost twice gets lost for a reason: that one, and who caused it, is the verdict. */
function unmask(error: unknown): never {
  const isLost = error instanceof FailureError && error.failure.kind === 'upload-lost'
  throw isLost && error.cause instanceof FailureError ? error.cause : error
}

async function begin(
  { onEvent }: UploadJob,
  strategy: Strategy,
  sessions: () => Promise<Session>,
): Promise<Session> {
  onEvent({ type: 'step', step: 'session', strategy })
  return sessions()
}

export function chunkBytesOf({ url, limits }: UploadJob): number {
  return limits?.chunkBytes ?? quirkOf(url).chunkBytes
}

/**
 * One shape in one session, which is deleted when that fails, unless it can be gone on with later. Throws a
 * FailureError.
 */
export async function send(
  job: UploadJob,
  { strategy, chunkBytes, session }: { strategy: Strategy; chunkBytes: number; session: Session },
): Promise<void> {
  const { blob, framing, resumption, onEvent } = job
  let goesOn = session.held > 0
  onEvent({ type: 'step', step: 'body', strategy })
  onEvent({ type: 'sent', bytes: 0 })
  try {
    await strategies[strategy](job, {
      blob,
      session,
      chunkBytes,
      framing: framing ?? 'length',
      onSent: (bytes) => onEvent({ type: 'sent', bytes }),
      onHeld: () => {
        resumption?.onSaved(savedUpload(job, session))
        if (goesOn) onEvent({ type: 'resumed', bytes: session.held })
        goesOn = false
      },
      onCommit: () => onEvent({ type: 'step', step: 'commit', strategy }),
    })
    resumption?.onSaved(undefined)
  } catch (error) {
    if (await arrived(job, strategy, error)) return resumption?.onSaved(undefined)
    if (isKept(job, session, error)) throw error
    resumption?.onSaved(undefined)
    await abandonSession(job, session.location)
    throw error
  }
}

/** How an answer gets lost on its way back. */
const unanswered: ReadonlySet<FailureKind> = new Set(['connection-lost', 'timeout', 'gateway-fault'])

/** Whether the registry has the blob all the same: a last PUT that was done and whose answer got lost looks undone. */
async function arrived(job: UploadJob, strategy: Strategy, error: unknown): Promise<boolean> {
  if (!(error instanceof FailureError) || !unanswered.has(error.failure.kind)) return false
  const closes =
    error.failure.phase === 'upload-commit' || strategy === 'buffered' || strategy === 'streamed-put'
  if (!closes) return false
  const found = await headBlob({ ...job, digest: job.blob.digest, push: true }).catch(() => undefined)
  return found?.size === job.blob.size
}
