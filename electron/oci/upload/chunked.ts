import { type Failure, FailureError, type FailureKind } from '../../../shared/model/failure.ts'
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
  type Session,
  sendUpload,
  uploadAsk,
  type UploadPlace,
} from './session.ts'

/** How often one upload asks its session where it stands, and how often without having moved on in between. */
const maxResumes = 10
const maxStuck = 2

/**
 * PATCHes with Content-Range, an empty PUT (distribution-spec, "Pushing a blob in chunks"), and a HEAD: an
 * Artifactory kept only the last chunk and answered 201 (wasmCloud issue 3405). After a drop, and where the session
 * holds bytes of an earlier run, it is asked where it stands; where what it says cannot be, this throws `upload-lost`
 * and only a new session helps.
 */
export const sendChunked: SendBlob = async (place, sending) => {
  const { blob, session, onSent } = sending
  const cutter = createCutter(blob)
  const size = Math.max(sending.chunkBytes, session.minChunk)
  let at = 0
  let stuck = 0
  let resumes = 0
  const confirmed = (bytes: number) => {
    at = bytes
    session.held = bytes
    sending.onHeld?.()
  }
  try {
    if (session.held > 0) {
      confirmed(await takeUp(place, sending))
      onSent(at)
    }
    while (at < blob.size) {
      const end = Math.min(at + size, blob.size)
      try {
        await sendChunk(place, sending, cutter, { at, end })
        confirmed(end)
        stuck = 0
      } catch (error) {
        if (!(error instanceof FailureError) || !isResumable(error.failure)) throw error
        if (resumes === maxResumes || stuck === maxStuck) throw error
        const held = await resume(place, sending, { at, end, because: error })
        resumes += 1
        stuck = held > at ? 0 : stuck + 1
        confirmed(held)
        onSent(at)
      }
    }
  } finally {
    cutter.close()
  }
  await closeSession(place, sending, 'chunked')
  await confirm(place, sending)
}

const resumable: ReadonlySet<FailureKind> = new Set([
  'connection-lost',
  'timeout',
  'gateway-fault',
  'server-fault',
  'rate-limited',
  // the token ran out: asking the session brings a new one
  'unauthorized',
])

/**
 * Whether a chunk may be on the other side in part, or not at all, as the session knows. A 416 comes where it was
 * asked before the registry had noticed that the last chunk was cut.
 */
function isResumable({ kind, status }: Failure): boolean {
  return resumable.has(kind) || (kind === 'range-refused' && status === 416)
}

/** One PATCH with the bytes from `at` to before `end`. */
async function sendChunk(
  place: UploadPlace,
  { session, onSent }: Sending,
  cutter: Cutter,
  { at, end }: { at: number; end: number },
): Promise<void> {
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
  // ECR takes every chunk and names the end of the first for ever (aws/containers-roadmap issue 2831), others that of
  // the last chunk alone (distribution-spec issue 580): the chunk was accepted, and the digest has the last word
  if (held !== undefined && held > at && held !== end) throw otherRange(ask, answer, end)
}

/** Where a session goes on after a chunk that may have arrived in part. */
async function resume(
  place: UploadPlace,
  { session }: Sending,
  { at, end, because }: { at: number; end: number; because: FailureError },
): Promise<number> {
  const { ask, answer } = await askSession(place, session)
  const held = isAccepted(answer) ? heldBytes(answer) : undefined
  // 2.8 answers 404 after any cut PATCH, ECR always; and of a session that holds less than it confirmed, or more than
  // was sent, nothing is certain
  if (held === undefined || held < at || held > end) throw lost(ask.url, answer, because)
  return held
}

/** Where a session of an earlier run goes on. Who answers that it is broken himself says nothing of the session. */
async function takeUp(place: UploadPlace, { blob, session }: Sending): Promise<number> {
  const { ask, answer } = await askSession(place, session)
  if ([401, 403, 407, 408, 429].includes(answer.status) || answer.status > 499) {
    throw refusal(ask, answer, 'chunked')
  }
  const held = isAccepted(answer) ? heldBytes(answer) : undefined
  if (held === undefined || held < session.held || held > blob.size) throw lost(ask.url, answer)
  return held
}

/** GET of the session (distribution-spec end-13). */
async function askSession(place: UploadPlace, session: Session): Promise<{ ask: Ask; answer: AnswerHead }> {
  const { ask, answer } = await sendUpload(
    place,
    uploadAsk(place, { method: 'GET', url: session.location, phase: 'upload-body' }),
  )
  if (isAccepted(answer)) session.location = locationOf(ask, answer) ?? session.location
  return { ask, answer }
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

function otherRange(ask: Ask, answer: AnswerHead, end: number): FailureError {
  const { host } = new URL(ask.url)
  const message = `${host} says it holds another number of bytes than it was sent.`
  const error = failureError('range-refused', ask.phase, message, {
    host,
    evidence: [
      { fact: 'expected', value: `0-${end - 1}` },
      { fact: 'range', value: (answer.headers['range'] ?? '').slice(0, 100) },
    ],
    retryable: true,
    next: ['use-streamed', 'ask-registry-admin'],
  })
  return new FailureError({ ...error.failure, answeredBy: 'registry' })
}

/** `because` is what made it necessary to ask the session, unless it was left open before; `answer` what it said. */
function lost(url: string, answer: AnswerHead, because?: FailureError): FailureError {
  const { host } = new URL(url)
  const codes = because?.failure.evidence.filter(({ fact }) => fact === 'error-code') ?? []
  const error = failureError(
    'upload-lost',
    'upload-body',
    `The upload broke off, and ${host} does not say how much of it it holds.`,
    {
      host,
      evidence: [
        ...codes,
        { fact: 'status', value: String(answer.status) },
        { fact: 'range', value: (answer.headers['range'] ?? 'absent').slice(0, 100) },
      ],
      retryable: true,
      next: ['retry', 'use-streamed'],
    },
  )
  return new FailureError({ ...error.failure, answeredBy: 'registry' }, { cause: because })
}
