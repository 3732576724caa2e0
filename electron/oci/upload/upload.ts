import { type Failure, FailureError, type FailureKind } from '../../../shared/model/failure.ts'
import { autoBufferLimit, type UploadMode, type WireMode } from '../../../shared/model/upload.ts'
import type { BlobSource } from './blob-source.ts'
import { sendBuffered } from './buffered.ts'
import { abandonSession, openSession, type UploadPlace } from './session.ts'
import { sendStreamed } from './streamed.ts'

/** What an upload tells while it runs. `sent` counts the bytes of this blob; a new try begins at 0 again. */
export type UploadEvent =
  | { type: 'step'; step: 'session' | 'body' | 'commit'; mode: WireMode }
  | { type: 'sent'; bytes: number }
  | { type: 'fallback'; from: WireMode; to: WireMode; because: string }

export interface UploadJob extends UploadPlace {
  blob: BlobSource
  mode: UploadMode
  /** Bytes up to which `auto` begins buffered. */
  bufferLimit?: number
  onEvent: (event: UploadEvent) => void
}

/** Failures that another shape of the body may cure: what the registry itself refuses, no shape changes. */
const curable: ReadonlySet<FailureKind> = new Set([
  'body-refused',
  'connection-lost',
  'length-required',
  'method-blocked',
  'gateway-fault',
  'proxy-refused',
])

/**
 * Uploads one blob and returns the shape that carried it. `auto` tries the other shape once, in a new session,
 * when something on the way refused the first. Throws a FailureError; a session that is given up is deleted
 * where the registry lets us.
 */
export async function uploadBlob(job: UploadJob): Promise<WireMode> {
  if (job.mode !== 'auto') return send(job, job.mode)
  const first = firstMode(job.blob.size, job.bufferLimit)
  try {
    return await send(job, first)
  } catch (error) {
    if (!(error instanceof FailureError) || !isCurable(error.failure)) throw error
    const other = otherMode(first)
    job.onEvent({ type: 'fallback', from: first, to: other, because: error.failure.message })
    return send(job, other)
  }
}

/** The shape `auto` begins with for a blob of `size` bytes. */
export function firstMode(size: number, bufferLimit = autoBufferLimit): WireMode {
  return size <= bufferLimit ? 'buffered' : 'streamed'
}

async function send(job: UploadJob, mode: WireMode): Promise<WireMode> {
  const { blob, onEvent } = job
  onEvent({ type: 'step', step: 'session', mode })
  let location = await openSession(job)
  const onSent = (bytes: number) => onEvent({ type: 'sent', bytes })
  onEvent({ type: 'step', step: 'body', mode })
  onSent(0)
  try {
    if (mode === 'buffered') await sendBuffered(job, { location, blob, onSent })
    else {
      const onMoved = (moved: string) => {
        location = moved
        onEvent({ type: 'step', step: 'commit', mode })
      }
      await sendStreamed(job, { location, blob, onSent, onMoved })
    }
  } catch (error) {
    await abandonSession(job, location)
    throw withOtherMode(error, mode)
  }
  return mode
}

function isCurable({ kind, phase }: Failure): boolean {
  return curable.has(kind) && (phase === 'upload-body' || phase === 'upload-commit')
}

function otherMode(mode: WireMode): WireMode {
  return mode === 'buffered' ? 'streamed' : 'buffered'
}

/** Where the way swallowed the body without an answer, the other shape is the first thing to try. */
function withOtherMode(error: unknown, mode: WireMode): unknown {
  if (!(error instanceof FailureError) || !isCurable(error.failure)) return error
  const step = mode === 'buffered' ? 'use-streamed' : 'use-buffered'
  const { failure } = error
  if (failure.next.includes(step)) return error
  return new FailureError({ ...failure, next: [step, ...failure.next] }, { cause: error })
}
