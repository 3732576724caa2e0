import type { HitCount } from '../../../shared/model/mirror.ts'
import { histogramBetween } from './histogram.ts'
import type { AgentSample, AnswerCount, Histogram, Totals } from './sample.ts'

/** process_start_time_seconds is reckoned from the boot time, which moves a little with every correction of the clock. */
const startTolerance = 2000

/**
 * What an agent counted between two readings of it. `restarted`: its start moved by more than 2 s, a counter fell or
 * one that was there is gone; then everything counts from zero, which is the least that happened. Registries and
 * answers that did not grow are left out; a histogram that did not stays, with a count of 0.
 */
export function growthBetween(
  before: AgentSample,
  after: AgentSample,
): { growth: Totals; restarted: boolean } {
  const restarted = startMoved(before, after) || hasFallen(before, after)
  return { growth: difference(restarted ? { counts: [] } : before, after), restarted }
}

function startMoved(before: AgentSample, after: AgentSample): boolean {
  if (before.startedAt === undefined || after.startedAt === undefined) return false
  return Math.abs(after.startedAt - before.startedAt) > startTolerance
}

/** Whether any counter is less than it was, or not there any more. */
function hasFallen(before: Totals, after: Totals): boolean {
  const now = new Map(countersOf(after))
  for (const [name, value] of countersOf(before)) {
    const then = now.get(name)
    if (then === undefined || then < value) return true
  }
  return false
}

function* countersOf(totals: Totals): Generator<[name: string, value: number]> {
  for (const { registry, hits, misses } of totals.counts) {
    yield [`hits ${registry}`, hits]
    yield [`misses ${registry}`, misses]
  }
  for (const { code, method, count } of totals.answers ?? []) yield [`answers ${code} ${method}`, count]
  for (const name of ['served', 'notFound', 'resolve'] as const) yield* bucketsOf(name, totals[name])
  if (totals.bytes !== undefined) yield ['bytes', totals.bytes]
  if (totals.readiness !== undefined) {
    yield ['ready', totals.readiness.ready]
    yield ['not ready', totals.readiness.notReady]
  }
}

function* bucketsOf(name: string, histogram: Histogram | undefined): Generator<[string, number]> {
  if (histogram === undefined) return
  yield [name, histogram.count]
  for (const [index, bound] of histogram.bounds.entries()) {
    yield [`${name} ${bound}`, histogram.counts[index] ?? 0]
  }
}

function difference(before: Totals, after: Totals): Totals {
  const { answers, bytes, readiness } = after
  const served = histogramGrowth(before.served, after.served)
  const notFound = histogramGrowth(before.notFound, after.notFound)
  const resolve = histogramGrowth(before.resolve, after.resolve)
  return {
    counts: countGrowth(before.counts, after.counts),
    ...(answers && { answers: answerGrowth(before.answers ?? [], answers) }),
    ...(served && { served }),
    ...(notFound && { notFound }),
    ...(bytes !== undefined && { bytes: bytes - (before.bytes ?? 0) }),
    ...(resolve && { resolve }),
    ...(readiness && {
      readiness: {
        ready: readiness.ready - (before.readiness?.ready ?? 0),
        notReady: readiness.notReady - (before.readiness?.notReady ?? 0),
      },
    }),
  }
}

function countGrowth(before: readonly HitCount[], after: readonly HitCount[]): HitCount[] {
  const earlier = new Map(before.map((count) => [count.registry, count]))
  return after
    .map(({ registry, hits, misses }) => {
      const { hits: oldHits = 0, misses: oldMisses = 0 } = earlier.get(registry) ?? {}
      return { registry, hits: hits - oldHits, misses: misses - oldMisses }
    })
    .filter(({ hits, misses }) => hits + misses > 0)
}

function answerGrowth(before: readonly AnswerCount[], after: readonly AnswerCount[]): AnswerCount[] {
  const key = ({ code, method }: AnswerCount) => `${code} ${method}`
  const earlier = new Map(before.map((answer) => [key(answer), answer.count]))
  return after
    .map((answer) => ({ ...answer, count: answer.count - (earlier.get(key(answer)) ?? 0) }))
    .filter(({ count }) => count > 0)
}

function histogramGrowth(before: Histogram | undefined, after: Histogram | undefined): Histogram | undefined {
  return before && after ? histogramBetween(before, after) : after
}
