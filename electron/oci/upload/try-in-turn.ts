import { type Failure, FailureError, type NextStep } from '../../../shared/model/failure.ts'
import {
  type Learned,
  type Refused,
  type Strategy,
  strategyOf,
  strategySchema,
} from '../../../shared/model/upload.ts'
import { carry } from './carry.ts'
import type { UploadJob } from './job.ts'
import type { UploadMemory } from './memory.ts'
import { curesOf, planOf } from './plan.ts'
import type { Session } from './session.ts'

/**
 * The shapes of the job's mode one after the other, as long as there is one that may cure what befell the last. What
 * was refused is kept in the job's memory once another passed. Throws the FailureError of the last.
 */
export async function tryInTurn(
  job: UploadJob,
  bufferBytes: number,
  sessions: () => Promise<Session>,
): Promise<{ strategy: Strategy; reasons: Refused[] }> {
  const { blob, mode, onEvent } = job
  const clock = job.clock ?? { now: Date.now }
  const memory = mode === 'auto' ? job.memory : undefined
  // without what was learned before, auto begins as it does everywhere
  const learned = await memory?.recall(job.url, job.route).catch(() => undefined)
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
