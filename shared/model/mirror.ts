import { z } from 'zod'
import { failureSchema } from './failure.ts'

/** A metrics address as a person types it: `10.0.0.5:9090`, `node-1:9090`, `http://node-1:9090/metrics`. */
export const agentAddressSchema = z.string().trim().min(1).max(500)

/** Requests a mirror answered for one registry, counted by Spegel: HTTP requests, not images. */
export const hitCountSchema = z.object({
  /** The `ns` the request named, verbatim; empty when it named none. */
  registry: z.string(),
  hits: z.number().nonnegative(),
  misses: z.number().nonnegative(),
})
export type HitCount = z.infer<typeof hitCountSchema>

export const agentReadingSchema = z.object({
  agent: z.string(),
  /** False: `failure` says why, and the counts are the last known ones or empty. */
  ok: z.boolean(),
  failure: failureSchema.optional(),
  /** When the last good scrape began, ms since 1970. */
  scrapedAt: z.number().optional(),
  /** From process_start_time_seconds, ms since 1970; absent where the agent does not say. */
  startedAt: z.number().optional(),
  /** Unix ms of the last hit; 0 is "never since start"; absent where the family is absent (before Spegel 0.4). */
  lastSuccessAt: z.number().optional(),
  /** Counters as scraped: since the agent's start. */
  sinceStart: z.array(hitCountSchema),
  /** Growth since the scrape before; absent until there are two. A counter that went down counts from zero: it was a restart. */
  interval: z.object({ seconds: z.number(), counts: z.array(hitCountSchema), reset: z.boolean() }).optional(),
  /** HTTP answers of the mirror by class since start: a 404 is normal, a 5xx is a fault; never added up. */
  notFound: z.number().optional(),
  serverFaults: z.number().optional(),
  demo: z.boolean(),
})
export type AgentReading = z.infer<typeof agentReadingSchema>

/** One round over all agents. */
export const mirrorRoundSchema = z.object({ at: z.number(), agents: z.array(agentReadingSchema) })
export type MirrorRound = z.infer<typeof mirrorRoundSchema>

/** hits / (hits + misses), or undefined where nothing was asked: no requests is not a ratio of zero. */
export function hitRatio(count: { hits: number; misses: number }): number | undefined {
  const requests = count.hits + count.misses
  return requests === 0 ? undefined : count.hits / requests
}
