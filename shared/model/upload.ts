import { z } from 'zod'
import { exchangeSchema } from './exchange.ts'
import { answererSchema, failureKindSchema } from './failure.ts'
import { digestSchema, repositorySchema } from './reference.ts'

/**
 * The shapes in which a blob's bytes can travel, each a file of `electron/oci/upload`.
 * buffered: POST, then one PUT from memory (distribution-spec, "POST then PUT").
 * streamed-put: the same requests, the PUT's body a stream with Content-Length.
 * streamed-patch: POST, one PATCH as a stream without Content-Range, an empty PUT: go-containerregistry's and docker's.
 * chunked: POST, PATCHes with Content-Range, an empty PUT (distribution-spec, "Pushing a blob in chunks").
 */
export const strategySchema = z.enum(['buffered', 'streamed-put', 'streamed-patch', 'chunked'])
export type Strategy = z.infer<typeof strategySchema>

/**
 * What the user chooses: a shape, `streamed` for the one docker uses, or `auto`, which begins with what is known of
 * the registry and goes from one shape to the next when something on the way refuses it.
 */
export const uploadModeSchema = z.enum([
  'auto',
  'buffered',
  'streamed',
  ...strategySchema.exclude(['buffered']).options,
])
export type UploadMode = z.infer<typeof uploadModeSchema>

/** The modes a switch offers; the shapes one by one are for whoever looks for a fault on the way. */
export const switchModes = ['auto', 'buffered', 'streamed'] as const satisfies UploadMode[]

/** Whether a blob was held in memory or read as it left: the coarse word of results. */
export const wireModeSchema = z.enum(['buffered', 'streamed'])
export type WireMode = z.infer<typeof wireModeSchema>

/** The shape a mode other than `auto` stands for. */
export function strategyOf(mode: Exclude<UploadMode, 'auto'>): Strategy {
  return mode === 'streamed' ? 'streamed-patch' : mode
}

/** The mode that stands for a shape: its name, but for the one the switch calls streamed. */
export function modeOfStrategy(strategy: Strategy): Exclude<UploadMode, 'auto'> {
  return strategy === 'streamed-patch' ? 'streamed' : strategy
}

export function wireModeOf(strategy: Strategy): WireMode {
  return strategy === 'buffered' ? 'buffered' : 'streamed'
}

/** The way to a registry: straight, or through the relay of this app. */
export const routeSchema = z.enum(['direct', 'relay'])
export type Route = z.infer<typeof routeSchema>

/** A shape that was refused: how, by whom, and with a blob of how many bytes. `at` in milliseconds since 1970. */
export const refusedSchema = z.object({
  strategy: strategySchema,
  kind: failureKindSchema,
  answeredBy: answererSchema,
  status: z.number().int().optional(),
  bytes: z.number().int(),
  at: z.number(),
})
export type Refused = z.infer<typeof refusedSchema>

/** What auto knows of a registry's address: the shape that passed, and those that were refused before, oldest first. */
export const learnedSchema = z.object({
  strategy: strategySchema,
  at: z.number(),
  refused: z.array(refusedSchema),
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
  /** Bytes of a chunk where the chart travels in chunks; what suits the registry unless told. */
  chunkBytes: z
    .number()
    .int()
    .min(1024)
    .max(1024 ** 3)
    .optional(),
  /** Digest of the manifest the tag names now, if it may be replaced: without it other content is left alone. */
  overwrite: digestSchema.optional(),
})
export type PublishInput = z.infer<typeof publishInputSchema>

/** A step that began: `HEAD blob`, `POST session`, … in the order they happen. */
export const publishStepSchema = z.object({
  step: z.enum(['check', 'session', 'body', 'commit', 'manifest', 'verify']),
  blob: z.enum(['config', 'chart', 'provenance']).optional(),
  strategy: strategySchema.optional(),
})
export type PublishStep = z.infer<typeof publishStepSchema>

/** Bytes of all blobs together; `rate` in bytes a second over the last seconds, absent until it is known. */
export const publishProgressSchema = z.object({
  sent: z.number().int(),
  total: z.number().int(),
  rate: z.number().optional(),
  secondsLeft: z.number().optional(),
})
export type PublishProgress = z.infer<typeof publishProgressSchema>

/** Auto gave up one shape for another. */
export const publishFallbackSchema = z.object({
  from: strategySchema,
  to: strategySchema,
  because: z.string(),
})
export type PublishFallback = z.infer<typeof publishFallbackSchema>

export const publishEventSchema = z.discriminatedUnion('type', [
  publishStepSchema.extend({ type: z.literal('step') }),
  publishProgressSchema.extend({ type: z.literal('progress') }),
  /** A finished HTTP exchange of this upload, for its timeline. */
  z.object({ type: z.literal('exchange'), exchange: exchangeSchema }),
  publishFallbackSchema.extend({ type: z.literal('fallback') }),
  /** The chart goes on in the session of an earlier run, which holds that many bytes of it. */
  z.object({ type: z.literal('resumed'), bytes: z.number().int() }),
  /** That session is gone, so all of it is sent again. */
  z.object({ type: z.literal('anew'), because: z.string() }),
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
  /** The shape that carried the chart; absent where it was there already. */
  strategy: strategySchema.optional(),
  /** Blobs that were there already and were not sent again. */
  skipped: z.number().int(),
  version: z.string(),
  plainHttp: z.boolean(),
})
export type PublishResult = z.infer<typeof publishResultSchema>
