import { z } from 'zod'
import { failureSchema } from './failure.ts'

/** One thing an image is made of. */
export const contentItemSchema = z.object({
  digest: z.string(),
  kind: z.enum(['index', 'manifest', 'config', 'layer']),
  mediaType: z.string().optional(),
  bytes: z.number().optional(),
  /** `linux/amd64`, where an index says so. */
  platform: z.string().optional(),
})
export type ContentItem = z.infer<typeof contentItemSchema>

/**
 * What one node's mirror said about one item, asked with X-Spegel-Mirrored: `has` it in its own store, `lacks` it
 * (404), or cannot say: `failed` (a 5xx, no answer). `not-asked`: the node failed before, or nothing leads to its mirror.
 */
export const holdingSchema = z.enum(['has', 'lacks', 'failed', 'not-asked'])
export type Holding = z.infer<typeof holdingSchema>

export const contentNodeSchema = z.object({
  source: z.string(),
  agent: z.string(),
  name: z.string(),
  zone: z.string().optional(),
  /** In the order of the items. */
  holds: z.array(holdingSchema),
  /** What the tag means on this node, where the reference is a tag and the node knows it. */
  tagDigest: z.string().optional(),
  /** Why it cannot be asked at all, or why an item failed. */
  failure: failureSchema.optional(),
  /**
   * A pull of the image on this node, in bytes: here already, on a peer at this moment, only upstream. Absent where the
   * node did not say what it holds.
   */
  bytes: z.object({ local: z.number(), peers: z.number(), upstream: z.number() }).optional(),
  demo: z.boolean(),
})
export type ContentNode = z.infer<typeof contentNodeSchema>

/** Layers by nodes: where an image is, without asking any containerd. */
export const contentMapSchema = z.object({
  reference: z.string(),
  /** Where the manifest was read: a node's name or the upstream's host. */
  manifestFrom: z.string(),
  /** The digest the map is about. */
  digest: z.string(),
  platform: z.string().optional(),
  /** Platforms to choose from, where the reference is an index. */
  platforms: z.array(z.string()),
  items: z.array(contentItemSchema),
  nodes: z.array(contentNodeSchema),
  /** Digests no node has, as far as they answered: only upstream does. */
  upstreamOnly: z.array(z.string()),
  /** The image's registry: what it says of the tag, or why it could not say. */
  upstream: z.object({ host: z.string(), digest: z.string().optional(), failure: failureSchema.optional() }),
  /** Nodes, and the upstream where it answered, do not agree on what the tag means. */
  tagsDiffer: z.boolean(),
  at: z.number(),
})
export type ContentMap = z.infer<typeof contentMapSchema>

/** How far the asking is; the map comes at the end. */
export const contentProgressSchema = z.object({ asked: z.number().int(), of: z.number().int() })
export type ContentProgress = z.infer<typeof contentProgressSchema>
