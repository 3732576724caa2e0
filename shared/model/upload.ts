import { z } from 'zod'
import { exchangeSchema } from './exchange.ts'
import { answererSchema, failureKindSchema } from './failure.ts'
import { repositorySchema } from './reference.ts'

/**
 * How a blob's bytes travel.
 * buffered: POST, then one PUT from memory with Content-Length.
 * streamed: POST, one PATCH with the body as a stream, PUT: go-containerregistry's and docker's shape.
 * auto: buffered up to `autoBufferLimit`, streamed above; when one is refused by something that is not the registry, the other once.
 */
export const uploadModeSchema = z.enum(['auto', 'buffered', 'streamed'])
export type UploadMode = z.infer<typeof uploadModeSchema>
export const wireModeSchema = z.enum(['buffered', 'streamed'])
export type WireMode = z.infer<typeof wireModeSchema>

/**
 * The shapes in which a blob's bytes can travel, each a file of `electron/oci/upload`.
 * buffered: POST, then one PUT from memory (distribution-spec, "POST then PUT").
 * streamed-put: the same requests, the PUT's body a stream with Content-Length.
 * streamed-patch: POST, one PATCH as a stream without Content-Range, an empty PUT: go-containerregistry's and docker's.
 * chunked: POST, PATCHes with Content-Range, an empty PUT (distribution-spec, "Pushing a blob in chunks").
 */
export const strategySchema = z.enum(['buffered', 'streamed-put', 'streamed-patch', 'chunked'])
export type Strategy = z.infer<typeof strategySchema>

/** The way to a registry: straight, or through the relay of this app. */
export const routeSchema = z.enum(['direct', 'relay'])
export type Route = z.infer<typeof routeSchema>

/** What auto knows of a registry's address, and why. Times in milliseconds since 1970. */
export const learnedSchema = z.object({
  strategy: strategySchema,
  at: z.number(),
  /** Shapes that were refused on the way to this one, oldest first. */
  refused: z.array(
    z.object({
      strategy: strategySchema,
      kind: failureKindSchema,
      answeredBy: answererSchema,
      status: z.number().int().optional(),
      at: z.number(),
    }),
  ),
})
export type Learned = z.infer<typeof learnedSchema>

/** Bytes up to which auto reads a file into memory: charts always fit (32 MiB). */
export const autoBufferLimit = 32 * 1024 * 1024

export const publishInputSchema = z.object({
  ticket: z.string(),
  registryId: z.string(),
  /** Where the chart goes, without the chart's name: `charts` for `host/charts/cart`. Empty for the root. */
  path: z.union([z.literal(''), repositorySchema]),
  mode: uploadModeSchema,
})
export type PublishInput = z.infer<typeof publishInputSchema>

export const publishEventSchema = z.discriminatedUnion('type', [
  /** A step began: `HEAD blob`, `POST session`, … in the order they happen. */
  z.object({
    type: z.literal('step'),
    step: z.enum(['check', 'session', 'body', 'commit', 'manifest', 'verify']),
    blob: z.enum(['config', 'chart', 'provenance']).optional(),
    mode: wireModeSchema.optional(),
  }),
  /** Bytes of all blobs together; `rate` in bytes a second over the last seconds, absent until it is known. */
  z.object({
    type: z.literal('progress'),
    sent: z.number().int(),
    total: z.number().int(),
    rate: z.number().optional(),
    secondsLeft: z.number().optional(),
  }),
  /** A finished HTTP exchange of this upload, for its timeline. */
  z.object({ type: z.literal('exchange'), exchange: exchangeSchema }),
  /** Auto gave up one shape for another. */
  z.object({ type: z.literal('fallback'), from: wireModeSchema, to: wireModeSchema, because: z.string() }),
])
export type PublishEvent = z.infer<typeof publishEventSchema>

export const publishResultSchema = z.object({
  /** registry/repository:tag */
  reference: z.string(),
  /** The manifest's digest, read back from the registry and compared. */
  digest: z.string(),
  /** Bytes of config, chart and manifest together. */
  size: z.number().int(),
  mode: wireModeSchema,
  /** Blobs that were there already and were not sent again. */
  skipped: z.number().int(),
  version: z.string(),
  plainHttp: z.boolean(),
})
export type PublishResult = z.infer<typeof publishResultSchema>
