import type { AgentReading, HitCount } from '../../shared/model/mirror.ts'
import type { SpegelCounts } from './spegel.ts'

/** A good scrape and when it began, ms since 1970. */
export interface Scrape extends SpegelCounts {
  at: number
}

type Interval = NonNullable<AgentReading['interval']>

/**
 * The start time an agent reports is computed from the machine's boot time and may wander by a second
 * without a restart.
 */
const startTolerance = 2000

/**
 * Growth between two scrapes of one agent. A counter that went down, a registry that is gone or a start time
 * that moved means the agent restarted: everything then counts from zero, which is the least that happened.
 * Undefined where the clock did not move on.
 */
export function intervalBetween(before: Scrape, after: Scrape): Interval | undefined {
  const seconds = (after.at - before.at) / 1000
  if (seconds <= 0) return undefined
  const reset = hasRestarted(before, after)
  const known = reset ? new Map<string, HitCount>() : byRegistry(before.counts)
  const counts = after.counts.map(({ registry, hits, misses }) => ({
    registry,
    hits: hits - (known.get(registry)?.hits ?? 0),
    misses: misses - (known.get(registry)?.misses ?? 0),
  }))
  return { seconds, counts, reset }
}

function hasRestarted(before: Scrape, after: Scrape): boolean {
  if (
    before.startedAt !== undefined &&
    after.startedAt !== undefined &&
    Math.abs(after.startedAt - before.startedAt) > startTolerance
  ) {
    return true
  }
  const now = byRegistry(after.counts)
  return before.counts.some(({ registry, hits, misses }) => {
    const count = now.get(registry)
    return count === undefined || count.hits < hits || count.misses < misses
  })
}

function byRegistry(counts: readonly HitCount[]): Map<string, HitCount> {
  return new Map(counts.map((count) => [count.registry, count]))
}
