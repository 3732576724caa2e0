import { z } from 'zod'
import { uploadModeSchema, strategySchema } from './upload.ts'

/** How many publications are remembered; the oldest goes first. */
export const maxPublished = 1000

/** One chart that was put into a registry from here, and read back. */
export const publishedSchema = z.object({
  id: z.uuid(),
  /** When it was verified, milliseconds since 1970, and how long it took. */
  at: z.number(),
  seconds: z.number().min(0),
  chart: z.string(),
  version: z.string(),
  /** registry/repository:tag */
  reference: z.string(),
  /** The manifest's. */
  digest: z.string(),
  /** Bytes of config, chart and manifest together. */
  size: z.number().int(),
  /** What was chosen, and the shape that carried the chart; no shape where the chart was there already. */
  mode: uploadModeSchema,
  strategy: strategySchema.optional(),
  /** The entry of the list of registries, which may be gone, and who asked as far as its credential has a name. */
  registryId: z.string(),
  username: z.string().optional(),
  demo: z.boolean(),
})
export type Published = z.infer<typeof publishedSchema>
