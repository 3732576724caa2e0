import { z } from 'zod'
import { failureSchema } from './failure.ts'
import { findingSchema } from './mirror-finding.ts'
import { sourceStateSchema } from './mirror-source.ts'

/** Requests a mirror answered for one registry, counted by Spegel: HTTP requests, not images. */
export const hitCountSchema = z.object({
  /** The `ns` the request named, verbatim; empty when it named none. */
  registry: z.string(),
  hits: z.number().nonnegative(),
  misses: z.number().nonnegative(),
})
export type HitCount = z.infer<typeof hitCountSchema>

/**
 * Over which time the map counts. `start`: since each agent's own start. `last`: the seconds before now.
 * `between`: from the brush or the playback, ms since 1970.
 */
export const mirrorWindowSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('start') }),
  z.object({
    kind: z.literal('last'),
    seconds: z
      .number()
      .int()
      .min(1)
      .max(40 * 86_400),
  }),
  z.object({ kind: z.literal('between'), from: z.number(), to: z.number() }),
])
export type MirrorWindow = z.infer<typeof mirrorWindowSchema>

/** Who an agent is, and where it runs as far as its source knows. */
export const agentIdentitySchema = z.object({
  source: z.string(),
  /** Unique in its source and the same after a restart: the node's name where it is known, or the address. */
  id: z.string(),
  /** What rows call it. */
  name: z.string(),
  /** Where its metrics are read: an address, or the pod or node whose proxy is used. */
  address: z.string(),
  /** Base URL of its mirror, for "who has it": `http://10.0.0.5:30020`. */
  mirrorUrl: z.string().optional(),
  zone: z.string().optional(),
  pool: z.string().optional(),
  /** `namespace/name` of its pod. */
  pod: z.string().optional(),
  /** Image of its pod: says the version where metrics do not. */
  image: z.string().optional(),
  /** `containerd://2.1.5`, as the node says. */
  runtime: z.string().optional(),
  /** Images the node holds, as the node says: a kubelet names 50 at most unless it is told otherwise. */
  images: z.number().int().optional(),
  /** --mirror-resolve-timeout of its pod, milliseconds. */
  resolveTimeout: z.number().optional(),
  demo: z.boolean(),
})
export type AgentIdentity = z.infer<typeof agentIdentitySchema>

/** HTTP answers of the mirror's /v2/ in a window: a 404 is normal, a 5xx is a fault; never added up. */
export const answerCountsSchema = z.object({
  ok: z.number(),
  notFound: z.number(),
  serverFaults: z.number(),
  other: z.number(),
})
export type AnswerCounts = z.infer<typeof answerCountsSchema>

/** What is shown of one agent over the window of a view. */
export const agentReadingSchema = agentIdentitySchema.extend({
  /** False: `failure` says why; the counts are what is known of the window from before. */
  ok: z.boolean(),
  failure: failureSchema.optional(),
  /** When the last good scrape began, ms since 1970. */
  scrapedAt: z.number().optional(),
  /** From process_start_time_seconds, ms since 1970; absent where the agent does not say. */
  startedAt: z.number().optional(),
  /** Unix ms of the last hit; 0 is "never since start"; absent where the family is absent (before Spegel 0.4). */
  lastSuccessAt: z.number().optional(),
  /** Absent: nothing was measured in the window, which is not zero. Registries without requests are left out. */
  counts: z.array(hitCountSchema).optional(),
  /** Seconds of the window that were measured. */
  covered: z.number(),
  /** Restarts seen in the window. */
  restarts: z.number().int(),
  answers: answerCountsSchema.optional(),
})
export type AgentReading = z.infer<typeof agentReadingSchema>

/** The map at one moment. */
export const mirrorViewSchema = z.object({
  /** When it was made, ms since 1970. */
  at: z.number(),
  window: mirrorWindowSchema,
  sources: z.array(sourceStateSchema),
  agents: z.array(agentReadingSchema),
  /** The most serious first. */
  findings: z.array(findingSchema),
  /** The history cannot be written (a full disk): windows other than `start` lack what is measured from now on. */
  historyFailure: failureSchema.optional(),
})
export type MirrorView = z.infer<typeof mirrorViewSchema>

/** One step of a series. Counts are the growth in the step; absent where nothing was measured in it. */
export const seriesPointSchema = z.object({
  /** Begin of the step, ms since 1970. */
  at: z.number(),
  hits: z.number().optional(),
  misses: z.number().optional(),
  answers: answerCountsSchema.optional(),
  restarts: z.number().int().default(0),
})
export const mirrorSeriesSchema = z.object({
  from: z.number(),
  to: z.number(),
  /** Length of a step, ms. */
  step: z.number(),
  points: z.array(seriesPointSchema),
})
export type MirrorSeries = z.infer<typeof mirrorSeriesSchema>
export type SeriesPoint = z.infer<typeof seriesPointSchema>

/** hits / (hits + misses), or undefined where nothing was asked: no requests is not a ratio of zero. */
export function hitRatio(count: { hits: number; misses: number }): number | undefined {
  const requests = count.hits + count.misses
  return requests === 0 ? undefined : count.hits / requests
}
