import { FailureError, type FailureKind } from '../../../shared/model/failure.ts'
import { failureError } from '../../../shared/model/local-failure.ts'
import type { AnswerHead, Ask } from '../ask.ts'
import { headBlob } from '../blobs.ts'
import { refusal } from '../refusal.ts'
import { createCutter, type Cutter } from './cut.ts'
import { heldBytes } from './range.ts'
import {
  bytesType,
  closeSession,
  isAccepted,
  locationOf,
  type SendBlob,
  type Sending,
  sendUpload,
  uploadAsk,
  type UploadPlace,
} from './session.ts'

/** How often one upload asks its session where it stands, instead of giving it up. */
const maxResumes = 10

/** A chunk that ended like this may be on the other side in part: the session knows. */
const resumable: ReadonlySet<FailureKind> = new Set([
  'connection-lost',
  'timeout',
  'gateway-fault',
  'server-fault',
])

/**
 * PATCHes with Content-Range, an empty PUT (distribution-spec, "Pushing a blob in chunks"), and a HEAD: an
 * Artifactory kept only the last chunk and answered 201 (wasmCloud issue 3405). After a drop the session is asked
 * where it stands, once for each place; where what it says cannot be, this throws `upload-lost` and only a new
 * session helps.
 */
export const sendChunked: SendBlob = async (place, sending) => {
  const { blob, session, onSent } = sending
  const cutter = createCutter(blob)
  const size = Math.max(sending.chunkBytes, session.minChunk)
  let at = 0
  let failedAt = -1
  let resumes = 0
  try {
    while (at < blob.size) {
      const end = Math.min(at + size, blob.size)
      try {
        const held = await sendChunk(place, sending, cutter, { at, end })
        // a registry that keeps less than it was sent is sent the rest, but not for ever
        if (held < end && (resumes += 1) > maxResumes)
          throw lost(place, 'It keeps only a part of each chunk.')
        at = held
      } catch (error) {
        if (!(error instanceof FailureError) || !resumable.has(error.failure.kind)) throw error
        if (at === failedAt || (resumes += 1) > maxResumes) throw error
        failedAt = at
        at = await resume(place, sending, { at, end, because: error })
        onSent(at)
      }
    }
  } finally {
    cutter.close()
  }
  await closeSession(place, sending, 'chunked')
  await confirm(place, sending)
}

/** One PATCH with the bytes from `at` to before `end`; how many bytes of the blob the registry holds after it. */
async function sendChunk(
  place: UploadPlace,
  { session, onSent }: Sending,
  cutter: Cutter,
  { at, end }: { at: number; end: number },
): Promise<number> {
  const { ask, answer } = await sendUpload(
    place,
    uploadAsk(place, {
      method: 'PATCH',
      url: session.location,
      phase: 'upload-body',
      // no "bytes " and no total: distribution parses `<start>-<end>` and nothing else
      headers: { ...bytesType, 'content-range': `${at}-${end - 1}` },
      body: () => ({ stream: cutter.part(at, end - at), length: end - at }),
      onSent: (bytes) => onSent(at + bytes),
    }),
  )
  if (!isAccepted(answer)) throw refusal(ask, answer, 'chunked')
  session.location = locationOf(ask, answer) ?? session.location
  const held = heldBytes(answer)
  if (held !== undefined && held > end) throw past(ask, answer, end)
  // ECR took the chunk and still names the end of the first one (aws/containers-roadmap issue 2831): the chunk was
  // accepted, so it counts; the digest has the last word
  return held === undefined || held <= at ? end : held
}

/** GET of the session (distribution-spec end-13): where it goes on after a chunk that may have arrived in part. */
async function resume(
  place: UploadPlace,
  { session }: Sending,
  { at, end, because }: { at: number; end: number; because: FailureError },
): Promise<number> {
  const { ask, answer } = await sendUpload(
    place,
    uploadAsk(place, { method: 'GET', url: session.location, phase: 'upload-session' }),
  )
  if (!isAccepted(answer)) throw refusal(ask, answer, 'chunked')
  const held = heldBytes(answer)
  // of a session that holds less than it confirmed, or more than was sent, nothing is certain
  if (held === undefined || held < at || held > end) {
    throw lost(
      place,
      `${new URL(ask.url).host} does not say how much of the upload it holds.`,
      answer,
      because,
    )
  }
  session.location = locationOf(ask, answer) ?? session.location
  return held
}

/** HEAD of the blob: it is there, in full. */
async function confirm(place: UploadPlace, { blob }: Sending): Promise<void> {
  const found = await headBlob({ ...place, digest: blob.digest, push: true })
  if (found !== undefined && (found.size === undefined || found.size === blob.size)) return
  const { host } = new URL(place.url)
  throw failureError('digest-mismatch', 'upload-commit', `${host} does not hold what was sent in chunks.`, {
    host,
    evidence: [
      { fact: 'expected', value: `${blob.size} bytes` },
      { fact: 'actual', value: found === undefined ? 'none' : `${found.size} bytes` },
    ],
    retryable: true,
    next: ['use-streamed', 'ask-registry-admin'],
  })
}

function past(ask: Ask, answer: AnswerHead, end: number): FailureError {
  const { host } = new URL(ask.url)
  return failureError('range-refused', ask.phase, `${host} says it holds more bytes than were sent.`, {
    host,
    evidence: [
      { fact: 'expected', value: `0-${end - 1}` },
      { fact: 'range', value: (answer.headers['range'] ?? '').slice(0, 100) },
    ],
    retryable: true,
    next: ['use-streamed', 'ask-registry-admin'],
  })
}

function lost(place: UploadPlace, message: string, answer?: AnswerHead, cause?: FailureError): FailureError {
  const { host } = new URL(place.url)
  const range = answer?.headers['range']
  const error = failureError('upload-lost', 'upload-body', message, {
    host,
    evidence: [
      { fact: 'range', value: (range ?? 'absent').slice(0, 100) },
      ...(cause?.failure.evidence.filter(({ fact }) => fact === 'error-code' || fact === 'status') ?? []),
    ],
    retryable: true,
    next: ['retry', 'use-streamed'],
  })
  return new FailureError(error.failure, { cause })
}
