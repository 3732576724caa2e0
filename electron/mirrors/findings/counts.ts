import type { AgentSample, Totals } from '../metrics/sample.ts'
import type { AgentCase, SourceCase } from './case.ts'

/** Seconds of the past day that must be measured before the day says more than the time since start. */
const enoughOfDay = 3600

/** From which stretch of time the numbers of a finding are. */
export type Since = 'start' | 'day' | 'window'

/** An agent that was read in the last round. */
export type Answering = AgentCase & { sample: AgentSample }

export function answering(of: SourceCase): Answering[] {
  return of.agents.filter((one): one is Answering => one.ok && one.sample !== undefined)
}

/**
 * What an agent counted in the past day, or since its start where the app has not watched it for an hour of that
 * day, or the day lacks what is `needed`. For what must not come and go with the window shown.
 */
export function lately(one: Answering, needed?: keyof Totals): { totals: Totals; since: Since } {
  const { day, sample } = one
  const enough =
    day !== undefined &&
    day.covered >= enoughOfDay &&
    (needed === undefined || day[needed] !== undefined || sample[needed] === undefined)
  return enough ? { totals: day, since: 'day' } : { totals: sample, since: 'start' }
}

/** What an agent counted in the window shown, or since its start where the window lacks what is `needed`. */
export function inWindow(
  one: Answering,
  of: SourceCase,
  needed: keyof Totals,
): { totals: Totals; since: Since } {
  const { growth, sample } = one
  const there = growth?.[needed] !== undefined || sample[needed] === undefined
  if (growth === undefined || of.seconds === undefined || !there) return { totals: sample, since: 'start' }
  return { totals: growth, since: 'window' }
}

export function hitsOf({ counts }: Totals): number {
  return sumOf(counts, ({ hits }) => hits)
}

export function requestsOf({ counts }: Totals): number {
  return sumOf(counts, ({ hits, misses }) => hits + misses)
}

/** Seconds since the agent began; 0 where it does not say. */
export function secondsUp({ sample, sampledAt }: Answering, of: SourceCase): number {
  if (sample.startedAt === undefined) return 0
  return Math.max(0, ((sampledAt ?? of.at) - sample.startedAt) / 1000)
}

/** Whether the node is known to hold images: from the node itself, or from what its agent advertises. */
export function holdsImages({ agent, sample }: Answering): boolean {
  return (agent.images ?? 0) > 0 || sample.advertised.some(({ count }) => count > 0)
}

export function sumOf<T>(list: readonly T[], of: (one: T) => number): number {
  return list.reduce((sum, one) => sum + of(one), 0)
}

/** The middle one; 0 for none. */
export function medianOf(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2
}

/** `0.034` as `3.4 %`, for messages. */
export function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(1).replace(/\.0$/, '')} %`
}
