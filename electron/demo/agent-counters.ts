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
const daySeconds = 86_400
/** Swings of the day and of the bursts; together below 1, so that no counter falls. */
const [daySwing, burstSwing] = [0.55, 0.4]
/** When in the day (UTC) traffic rises fastest, as a share of the day. */
const morning = 0.3

/**
 * What the counters say at `now` (milliseconds since 1970) of a demo that began at `begin`; undefined before the agent's
 * first start. It follows from the profile and the two times alone: no state is kept, so any two readings agree, those of
 * the past too, and a counter only goes down where the agent restarts.
 */
export function countersAt(profile: AgentProfile, begin: number, now: number): AgentCounters | undefined {
  const firstStart = begin / 1000 - profile.age
  // an agent that restarts did so before the demo as well
  const lives = profile.restartsEvery > 0 ? Math.floor((now / 1000 - firstStart) / profile.restartsEvery) : 0
  const startedAt = firstStart + lives * profile.restartsEvery
  const uptime = now / 1000 - startedAt
  if (uptime < 0) return undefined
  const counted = (perMinute: number): number =>
    Math.floor(requestsIn(perMinute, { from: startedAt, seconds: uptime, phase: profile.phase }))
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
 * Requests in `seconds` from a moment on, at an average rate that follows the day and swells and ebbs in bursts: the
 * integral of rate·(1 + day·sin + burst·sin).
 */
function requestsIn(
  perMinute: number,
  { from, seconds, phase }: { from: number; seconds: number; phase: number },
): number {
  const swing = (share: number, period: number, shift: number): number => {
    const turns = (time: number): number => 2 * Math.PI * (time / period + shift)
    return (share * period * (Math.cos(turns(from)) - Math.cos(turns(from + seconds)))) / (2 * Math.PI)
  }
  const swung = swing(daySwing, daySeconds, -morning) + swing(burstSwing, burstSeconds, phase)
  return (perMinute / 60) * (seconds + swung)
}
