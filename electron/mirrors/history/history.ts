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
 * What agents counted, in a database of the profile: every scrape for an hour, rolled up for 30 days. A counter that
 * fell, or a start time that moved on, is a restart: everything then counts from zero, the least that happened.
 */
export interface History {
  /** One round, in one transaction. A reading not younger than the last of its agent is passed over. */
  record(readings: readonly Recorded[]): void
  /** The last reading of an agent, from an earlier run of the app too. */
  last(source: string, agent: string): Recorded | undefined
  /** Growth of every agent of a source that was measured in the range: hits, misses, answers, restarts. */
  growth(source: string, range: Range): Map<string, Growth>
  /** Growth with histograms, of one agent. */
  growthOf(source: string, agent: string, range: Range): Growth | undefined
  /** Growth by steps, over all agents of the sources or one of them. */
  series(of: { sources: readonly string[]; agent?: string }, range: Range, step: number): SeriesPoint[]
  /** Everything of a source. */
  forget(source: string): void
  close(): void
}
