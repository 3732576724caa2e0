import { type Failure, FailureError, type FailureKind, type NextStep } from '../../../shared/model/failure.ts'
import {
  type Learned,
  type Refused,
  type Route,
  type Strategy,
  strategyOf,
  strategySchema,
  type UploadMode,
} from '../../../shared/model/upload.ts'
import type { Clock } from '../../ports.ts'
import { headBlob } from '../blobs.ts'
import { tryMount } from '../mount.ts'
import type { BlobSource } from './blob-source.ts'
import { checkFitsMemory } from './buffered.ts'
import type { UploadMemory } from './memory.ts'
import { curesOf, mayBeAccident, planOf } from './plan.ts'
import { quirkOf } from './quirks.ts'
import { abandonSession, openSession, type Sending, type Session, type UploadPlace } from './session.ts'
import { strategies } from './strategies.ts'

const mebibyte = 1024 * 1024
/** Bytes that are read into memory at most, unless the user allowed more. */
const defaultBufferBytes = 256 * mebibyte
/** What nginx lets through by default (client_max_body_size): chunks that are too large are made this small. */
const smallChunk = mebibyte

/** What an upload tells while it runs. `sent` counts the bytes of this blob; a new try begins at 0 again. */
export type UploadEvent =
  | { type: 'step'; step: 'session' | 'body' | 'commit'; strategy: Strategy }
  | { type: 'sent'; bytes: number }
  | { type: 'fallback'; from: Strategy; to: Strategy; because: string }

export interface UploadJob extends UploadPlace {
  blob: BlobSource
  /** Anything but `auto` is used as it is and teaches nothing. */
  mode: UploadMode
  /** Where `auto` begins, and what it keeps of its way. */
  memory?: UploadMemory
  /** What `transport` goes through; what is learned of one way does not hold for the other. */
  route?: Route
  /** A repository of the same registry that may hold the blob: it is mounted from there if it can be. */
  mountFrom?: string
  /** How streamed-patch frames its body: `chunked` is docker's shape, without a length. `length` unless told. */
  framing?: Sending['framing']
  limits?: {
    /** Bytes that are read into memory at most (256 MiB unless told). */
    bufferBytes?: number
    /** Bytes of a chunk; what suits the registry unless told. OCI-Chunk-Min-Length is honoured either way. */
    chunkBytes?: number
  }
  /** Dates what is learned. */
  clock?: Clock
  onEvent: (event: UploadEvent) => void
}

export interface UploadResult {
  /** The shape that carried the bytes; absent where none had to travel. */
  strategy?: Strategy
  existed: boolean
  mounted: boolean
  /** The shapes that were refused before it, oldest first. */
  reasons: Learned['refused']
}

/**
 * Puts one blob into a repository, unless it is there or can be mounted. `auto` goes from one shape to the next on
 * failures that another shape can cure, each in a session of its own; no PATCH is ever sent twice. Throws a
 * FailureError; a session that is given up is deleted where the registry lets us.
 */
export async function uploadBlob(job: UploadJob): Promise<UploadResult> {
  const { blob, mode } = job
  const bufferBytes = job.limits?.bufferBytes ?? defaultBufferBytes
  if (mode === 'buffered') checkFitsMemory(blob, bufferBytes)
  const found = await headBlob({ ...job, digest: blob.digest, push: true })
  // another size under the same digest is a broken copy: the right bytes mend it
  if (found !== undefined && (found.size === undefined || found.size === blob.size)) {
    return { existed: true, mounted: false, reasons: [] }
  }
  const offered = await mount(job)
  if (offered === 'mounted') return { existed: false, mounted: true, reasons: [] }
  const { strategy, reasons } = await tryInTurn(job, bufferBytes, sessionsOf(job, offered))
  return { strategy, existed: false, mounted: false, reasons }
}

/** 'mounted', the session a registry opened instead, or nothing. No failure of a mount is worth more than that. */
async function mount(job: UploadJob): Promise<'mounted' | Session | undefined> {
  const { blob, mountFrom } = job
  if (mountFrom === undefined) return undefined
  try {
    const result = await tryMount(job, { digest: blob.digest, from: mountFrom })
    if (result.mounted) return 'mounted'
    return result.location === undefined ? undefined : { location: result.location, minChunk: 1 }
  } catch (error) {
    // ggcr does the same (issues 1404, 1679): Harbor and others answer mounts with errors of many kinds
    if (error instanceof FailureError && error.failure.kind !== 'cancelled') return undefined
    throw error
  }
}

/** A new session for every try; the first may be one that is open already. */
function sessionsOf(job: UploadJob, offered: Session | undefined): () => Promise<Session> {
  let waiting = offered
  return async () => {
    const session = waiting ?? (await openSession(job))
    waiting = undefined
    return session
  }
}

/** One shape after the other, as long as there is one that may cure what befell the last. */
async function tryInTurn(
  job: UploadJob,
  bufferBytes: number,
  sessions: () => Promise<Session>,
): Promise<{ strategy: Strategy; reasons: Refused[] }> {
  const { blob, mode, onEvent } = job
  const clock = job.clock ?? { now: Date.now }
  const memory = mode === 'auto' ? job.memory : undefined
  const learned = await memory?.recall(job.url, job.route)
  let left = mode === 'auto' ? planOf(blob.size, { url: job.url, bufferBytes, learned }) : [strategyOf(mode)]
  const shapes = strategySchema.options.filter((shape) => shape !== 'buffered' || blob.size <= bufferBytes)
  const reasons: Refused[] = []
  for (;;) {
    const [strategy, ...others] = left
    if (strategy === undefined) throw new Error('every mode has a strategy')
    try {
      await carry(job, strategy, sessions)
      if (reasons.length > 0) await remember(memory, job, { strategy, reasons, learned })
      return { strategy, reasons }
    } catch (error) {
      if (!(error instanceof FailureError)) throw error
      const { failure } = error
      const cures = curesOf(failure, strategy, shapes)
      if (cures.length === 0) throw error
      reasons.push(refusedBy(failure, strategy, blob.size, clock.now()))
      left = others.filter((other) => cures.includes(other))
      const [next] = left
      if (next === undefined) {
        await unlearn(memory, job, { reasons, learned })
        throw advised(error, { cures, reasons })
      }
      onEvent({ type: 'fallback', from: strategy, to: next, because: failure.message })
    }
  }
}

/** One shape: in a session, and once more in another where what befell it may have been an accident. */
async function carry(job: UploadJob, strategy: Strategy, sessions: () => Promise<Session>): Promise<void> {
  const chunkBytes = job.limits?.chunkBytes ?? quirkOf(job.url).chunkBytes
  try {
    await send(job, { strategy, chunkBytes, session: await begin(job, strategy, sessions) })
  } catch (error) {
    if (!(error instanceof FailureError)) throw error
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

async function send(
  job: UploadJob,
  { strategy, chunkBytes, session }: { strategy: Strategy; chunkBytes: number; session: Session },
): Promise<void> {
  const { blob, framing, onEvent } = job
  onEvent({ type: 'step', step: 'body', strategy })
  onEvent({ type: 'sent', bytes: 0 })
  try {
    await strategies[strategy](job, {
      blob,
      session,
      chunkBytes,
      framing: framing ?? 'length',
      onSent: (bytes) => onEvent({ type: 'sent', bytes }),
      onCommit: () => onEvent({ type: 'step', step: 'commit', strategy }),
    })
  } catch (error) {
    if (await arrived(job, strategy, error)) return
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

function refusedBy(failure: Failure, strategy: Strategy, bytes: number, at: number): Refused {
  const { kind, answeredBy, status } = failure
  return { strategy, kind, answeredBy, bytes, at, ...(status !== undefined ? { status } : {}) }
}

interface Lesson {
  reasons: readonly Refused[]
  learned: Learned | undefined
}

/** Only what was really refused, and a shape that then passed, teaches anything. */
async function remember(
  memory: UploadMemory | undefined,
  { url, route }: UploadJob,
  { strategy, reasons, learned }: Lesson & { strategy: Strategy },
): Promise<void> {
  const now = new Set([strategy, ...reasons.map((reason) => reason.strategy)])
  const before = (learned?.refused ?? []).filter((reason) => !now.has(reason.strategy))
  await quietly(memory?.learn(url, { strategy, refused: [...before, ...reasons] }, route))
}

/** What passed once and is refused now is not known any more. */
async function unlearn(
  memory: UploadMemory | undefined,
  { url, route }: UploadJob,
  { reasons, learned }: Lesson,
): Promise<void> {
  if (reasons.some(({ strategy }) => strategy === learned?.strategy)) {
    await quietly(memory?.forget(url, route))
  }
}

/** A lesson that cannot be kept costs one more try next time; it fails no upload. */
async function quietly(work: Promise<unknown> | undefined): Promise<void> {
  await work?.catch(() => undefined)
}

const stepOf: Readonly<Record<Strategy, NextStep>> = {
  buffered: 'use-buffered',
  'streamed-put': 'use-streamed',
  'streamed-patch': 'use-streamed',
  chunked: 'use-chunked',
}

/**
 * The first shape that may help and was not tried is what to try next; where all were, the way itself is to be looked
 * at. Shapes that were tried are not advised.
 */
function advised(
  error: FailureError,
  { cures, reasons }: { cures: readonly Strategy[]; reasons: readonly Refused[] },
): FailureError {
  const { failure } = error
  const tried = new Set(reasons.map(({ strategy }) => stepOf[strategy]))
  const step = cures.map((shape) => stepOf[shape]).find((each) => !tried.has(each)) ?? 'check-path'
  const rest = failure.next.filter((each) => each !== step && !tried.has(each))
  return new FailureError({ ...failure, next: [step, ...rest] }, { cause: error })
}
