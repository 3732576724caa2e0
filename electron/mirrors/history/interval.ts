import { growthBetween } from '../metrics/growth.ts'
import type { AgentSample, Totals } from '../metrics/sample.ts'

/** What an agent counted after `since` and up to `until`, ms since 1970. */
export interface Interval {
  since: number
  until: number
  growth: Totals
  restarts: number
}

const nothing: AgentSample = { counts: [], advertised: [], traits: [] }

/**
 * From the reading before, or from the agent's start where that was later: its counters were zero then. Undefined for
 * the first reading of an agent that does not say when it started.
 */
export function intervalTo(
  at: number,
  sample: AgentSample,
  before: { at: number; sample: AgentSample } | undefined,
): Interval | undefined {
  const startedAt = Math.round(sample.startedAt ?? NaN)
  if (before === undefined) {
    if (!(startedAt < at)) return undefined
    return { since: startedAt, until: at, growth: growthBetween(nothing, sample).growth, restarts: 0 }
  }
  const { growth, restarted } = growthBetween(before.sample, sample)
  const since = restarted && startedAt > before.at && startedAt < at ? startedAt : before.at
  return { since, until: at, growth, restarts: restarted ? 1 : 0 }
}
