import { z } from 'zod'
import { digestSchema, repositorySchema, tagOrDigestSchema, tagSchema } from './reference.ts'
import { uploadModeSchema } from './upload.ts'

/** From one repository of a saved registry to another, of the same registry or not. */
export const copyInputSchema = z.object({
  from: z.object({ id: z.string(), repository: repositorySchema, reference: tagOrDigestSchema }),
  /** Without `tag` it keeps the tag it is copied by; what is copied by digest then gets none. */
  to: z.object({ id: z.string(), repository: repositorySchema, tag: tagSchema.optional() }),
  /** Whether what refers to it comes along: signatures, bills of materials, and what refers to those. */
  referrers: z.boolean().default(false),
  mode: uploadModeSchema.default('auto'),
})
export type CopyInput = z.infer<typeof copyInputSchema>

/** It was there already, the registry linked it from another repository, or its bytes travelled. */
export const storedSchema = z.enum(['skipped', 'mounted', 'copied'])
export type Stored = z.infer<typeof storedSchema>

const contentSchema = z.object({ digest: digestSchema, mediaType: z.string(), size: z.number().int() })

export const copyEventSchema = z.discriminatedUnion('type', [
  /** What there is to do; `bytes` of all blobs together. */
  z.object({
    type: z.literal('planned'),
    manifests: z.number().int(),
    blobs: z.number().int(),
    bytes: z.number().int(),
  }),
  /** A blob is done. `elsewhere`: a layer that may not be distributed and stays where its `urls` say. */
  contentSchema.extend({ type: z.literal('blob'), outcome: z.enum([...storedSchema.options, 'elsewhere']) }),
  contentSchema.extend({ type: z.literal('manifest'), outcome: z.enum(['skipped', 'copied']) }),
  /** Bytes of all blobs together; `rate` in bytes a second over the last seconds, absent until it is known. */
  z.object({
    type: z.literal('progress'),
    sent: z.number().int(),
    total: z.number().int(),
    rate: z.number().optional(),
    secondsLeft: z.number().optional(),
  }),
])
export type CopyEvent = z.infer<typeof copyEventSchema>

export const copyResultSchema = z.object({
  /** Of the manifest that was asked for, the same on both sides. */
  digest: digestSchema,
  /** Where it is now: registry/repository:tag, or a file. */
  reference: z.string(),
  manifests: z.object({ copied: z.number().int(), skipped: z.number().int() }),
  blobs: z.object({ copied: z.number().int(), mounted: z.number().int(), skipped: z.number().int() }),
  /** Bytes of the blobs that travelled. */
  bytes: z.number().int(),
})
export type CopyResult = z.infer<typeof copyResultSchema>
