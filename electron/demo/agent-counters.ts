import type { AgentProfile } from './agent-profiles.ts'

/** An agent's counters at one moment, since its start. */
export interface AgentCounters {
  /** Seconds since 1970. */
  startedAt: number
  /** Seconds since the start. */
  uptime: number
  registries: { registry: string; hits: number; misses: number }[]
  /** Requests of other nodes, answered from local content. */
  served: number
  /** Seconds since 1970 of the last hit; 0 where there was none. */
  lastSuccess: number
}

const burstSeconds = 75

/**
 * What the counters say at `now` (milliseconds since 1970). It follows from the profile and the two times
 * alone: no state is kept, so any two readings agree and a counter only goes down where the agent restarts.
 */
export function countersAt(profile: AgentProfile, begin: number, now: number): AgentCounters {
  const firstStart = begin / 1000 - profile.age
  const sinceFirstStart = profile.age + Math.max(0, now - begin) / 1000
  const lives = profile.restartsEvery > 0 ? Math.floor(sinceFirstStart / profile.restartsEvery) : 0
  const startedAt = firstStart + lives * profile.restartsEvery
  const uptime = sinceFirstStart - lives * profile.restartsEvery
  const counted = (perMinute: number): number => Math.floor(requestsIn(perMinute, uptime, profile.phase))
  const registries = profile.traffic.map(({ registry, perMinute, hitShare }) => ({
    registry,
    hits: counted(perMinute * hitShare),
    misses: counted(perMinute * (1 - hitShare)),
  }))
  const hitsPerMinute = profile.traffic.reduce(
    (sum, { perMinute, hitShare }) => sum + perMinute * hitShare,
    0,
  )
  const lastHit = hitsPerMinute > 0 ? uptime % (60 / hitsPerMinute) : 0
  return {
    startedAt,
    uptime,
    registries,
    served: counted(profile.servedPerMinute),
    lastSuccess: registries.some(({ hits }) => hits > 0) ? startedAt + uptime - lastHit : 0,
  }
}

/**
 * Requests in the first `seconds` at an average rate that swells and ebbs: the integral of
 * rate·(1 + 0.9·sin). The swing is below 1, so it never falls.
 */
function requestsIn(perMinute: number, seconds: number, phase: number): number {
  const turns = (time: number): number => 2 * Math.PI * (time / burstSeconds + phase)
  const swing = (0.9 * burstSeconds * (Math.cos(turns(0)) - Math.cos(turns(seconds)))) / (2 * Math.PI)
  return (perMinute / 60) * (seconds + swing)
}
