import type { Range } from './history.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** Steps of one length. What was counted at `at` belongs to the step that begins before `at` and ends at or after it. */
export interface Tier {
  /** Length of a step, ms; steps begin at whole multiples of it since 1970. */
  step: number
  /** How long they are kept, ms. */
  kept: number
  /** Length of a step of the next coarser tier: fine steps go by as many as make one of these. */
  coarser: number
}

export const longestStep = hour

/** The finest first. What is in a step is in one of each coarser tier as well, so that either answers for its time. */
export const tiers: readonly Tier[] = [
  { step: 15 * second, kept: hour, coarser: 5 * minute },
  { step: 5 * minute, kept: 2 * day, coarser: hour },
  { step: longestStep, kept: 30 * day, coarser: day },
]

/** How much of what grew between two readings may lie before the step or the range it is counted in, ms. */
export const outsideAtMost = 5 * minute

/** Begin of the step that has `at` in it, ms since 1970. */
export function stepOf(at: number, length: number): number {
  return Math.ceil(at / length) * length - length
}

/** Whole steps of one tier: the first begins at `from`, the last ends at `to`. */
export interface Span extends Range {
  /** Index into `tiers`. */
  tier: number
}

/**
 * The range with both edges where the steps that are kept have them: an edge inside a step that is not kept finer moves
 * to the step's nearer end, so that ranges that meet neither share a step nor lose one. `since[i]`: from when on tier i
 * is complete, a begin of a coarser step. Nothing is younger than `newest`, so an end after it stays.
 */
export function countedRange(range: Range, since: readonly number[], newest: number): Range {
  return {
    from: nearestEdge(range.from, since),
    to: range.to >= newest ? range.to : nearestEdge(range.to, since),
  }
}

/** The steps that make up a counted range: few, and none twice. */
export function spansOf({ from, to }: Range, newest: number): Span[] {
  const end = to >= newest ? Math.ceil(newest / longestStep) * longestStep : to
  return spansWithin(from, end, tiers.length - 1)
}

function nearestEdge(at: number, since: readonly number[]): number {
  const finest = tiers.find((_, index) => at >= (since[index] ?? Infinity))
  const step = finest?.step ?? longestStep
  return Math.round(at / step) * step
}

function spansWithin(from: number, to: number, index: number): Span[] {
  const tier = tiers[index]
  if (tier === undefined || from >= to) return []
  const first = Math.ceil(from / tier.step) * tier.step
  const last = Math.floor(to / tier.step) * tier.step
  if (first >= last) return spansWithin(from, to, index - 1)
  return [
    ...spansWithin(from, first, index - 1),
    { tier: index, from: first, to: last },
    ...spansWithin(last, to, index - 1),
  ]
}

const seriesSteps = [
  ...[15, 30, 60, 120].map((seconds) => seconds * second),
  ...[5, 10, 15, 30].map((minutes) => minutes * minute),
  ...[1, 2, 3, 6, 12, 24].map((hours) => hours * hour),
]

/**
 * Step for `series`, ms: the shortest that needs at most `points` points, is kept since the begin of the range (give or
 * take one, for a range takes its time to get here) and is at least `shortest` long (the pause between two rounds:
 * shorter steps would have holes).
 */
export function seriesStep(range: Range, points: number, now: number, shortest = 0): number {
  const finest = tiers.find(({ step, kept }) => range.from + step >= now - kept)
  const least = Math.max((range.to - range.from) / points, finest?.step ?? longestStep, shortest)
  return seriesSteps.find((step) => step >= least) ?? Math.ceil(least / day) * day
}
