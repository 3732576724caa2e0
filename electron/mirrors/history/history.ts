import type { SeriesPoint } from '../../../shared/model/mirror.ts'
import type { AgentSample, Totals } from '../metrics/sample.ts'

/** A good reading of an agent. */
export interface Recorded {
  source: string
  agent: string
  /** When the numbers were true, ms since 1970. */
  at: number
  sample: AgentSample
}

/** Growth of one agent between two moments. */
export interface Growth extends Totals {
  /** Seconds of the window that were measured; 0 never occurs: such an agent is not in the answer. */
  covered: number
  /** Restarts seen in the window. */
  restarts: number
}

export interface Range {
  /** ms since 1970. */
  from: number
  to: number
}

/**
 * What agents counted, in a database of the profile: steps of 15 seconds for an hour, of 5 minutes for 2 days, of
 * an hour for 30 days (tiers.ts). No count is ever split, so a number is always a sum of what was seen to grow:
 *
 * - What grew between two readings belongs to the moment of the later one.
 * - A range is made of whole steps. An edge inside a step that is not kept finer moves to the step's nearer end;
 *   `covered` is of the steps that were taken.
 * - Where readings are far apart (the app was closed, the agent out of reach) nobody knows when in between it grew.
 *   Such a growth counts in a range, or a step of a series, unless more than 5 minutes of it lie before that.
 * - A counter that fell, or a start time that moved on, is a restart: everything then counts from zero, the least
 *   that happened, and since the start, which is when it can have happened. So does the first reading of an agent.
 * - Names come from clients: at most 1,000 registries a source are told apart, the rest is summed as `(others)`.
 * - Readings from the future (more than 5 minutes) are passed over. Where the clock was set back, steps of what is
 *   now the future go.
 */
export interface History {
  /** One round, in one transaction. A reading not younger than the last of its agent is passed over. */
  record(readings: readonly Recorded[]): void
  /** The last reading of an agent, from an earlier run of the app too. */
  last(source: string, agent: string): Recorded | undefined
  /** Growth of every agent of a source that was measured in the range. */
  growth(source: string, range: Range): Map<string, Growth>
  /** The same of one agent. */
  growthOf(source: string, agent: string, range: Range): Growth | undefined
  /**
   * Growth by steps, over all agents of the sources or one of them. Points are at whole multiples of `step`, from the
   * one that has the begin of the range to the one that has its end. `step` is what `seriesStep` (tiers.ts) gives, or
   * any multiple of 15 seconds: others throw a RangeError.
   */
  series(of: { sources: readonly string[]; agent?: string }, range: Range, step: number): SeriesPoint[]
  /** Everything of a source. */
  forget(source: string): void
  close(): void
}
