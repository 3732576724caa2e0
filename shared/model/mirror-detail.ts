import { z } from 'zod'
import { agentReadingSchema } from './mirror.ts'

/** Percentiles in seconds, read off a histogram's buckets; `atLimit` where the last bound is all that is known. */
export const percentilesSchema = z.object({
  count: z.number(),
  p50: z.number(),
  p95: z.number(),
  p99: z.number(),
  atLimit: z.boolean(),
})
export type Percentiles = z.infer<typeof percentilesSchema>

/** Everything that is known of one agent over a window, for its drawer. */
export const agentDetailSchema = z.object({
  reading: agentReadingSchema,
  /** Answers of /v2/ in the window by code and method. */
  answers: z.array(z.object({ code: z.string(), method: z.string(), count: z.number() })),
  /** How long /v2/ took in the window: answers with content, and 404s, never mixed. */
  latency: z.object({ served: percentilesSchema.optional(), notFound: percentilesSchema.optional() }),
  /** Bytes of /v2/ answers with content in the window: relayed and served together, which cannot be split. */
  bytes: z.number().optional(),
  /**
   * Requests answered from local content, approximately: 200 and 206 of /v2/* minus hits. Own containerd's
   * requests for what the node already has, and pings, are among them. Absent where a family is missing.
   */
  servedToOthers: z.number().optional(),
  /** One observation a peer found; a lookup that finds nobody is never observed. */
  resolve: percentilesSchema.optional(),
  /** libp2p connections that are open. */
  peers: z.number().optional(),
  /** Probes of /readyz in the window. */
  readiness: z.object({ ready: z.number(), notReady: z.number() }).optional(),
  /** Gauges as they stand, where the version has them. */
  advertised: z.array(z.object({ what: z.string(), registry: z.string(), count: z.number() })),
  version: z.object({
    /** `0.4`, `0.6 to 0.7`, `0.2 to 0.3`; absent where nothing tells. */
    range: z.string().optional(),
    /** Where it comes from: the image's tag is exact, families give a range. */
    from: z.enum(['image', 'families', 'unknown']),
    /** What was seen: a family, a label, a handler, an image. */
    evidence: z.array(z.object({ seen: z.string(), means: z.string() })),
  }),
  /** libp2p's id, where debug web answers (since 0.7). */
  peerId: z.string().optional(),
})
export type AgentDetail = z.infer<typeof agentDetailSchema>
