import { z } from 'zod'
import { chartFileSchema } from './chart.ts'
import { exchangeSchema } from './exchange.ts'
import { failureSchema } from './failure.ts'
import {
  publishFallbackSchema,
  publishInputSchema,
  publishProgressSchema,
  publishResultSchema,
  publishStepSchema,
} from './upload.ts'

/** How much is kept of the queue; what is published leaves it first, the oldest before the others. */
export const queueLimits = {
  items: 500,
  /** The newest exchanges of one item. */
  exchanges: 100,
  /** Changes from one shape to another of one item. */
  fallbacks: 10,
  /** Published items that keep their file, to be published elsewhere too, and their exchanges. */
  held: 20,
} as const

/**
 * reading: its chart is read. unpaired: a .prov whose chart is not there. ready: read, and not sent yet.
 * waiting: for its turn. interrupted: the app was closed while it waited or was sent.
 */
export const queueStatusSchema = z.enum([
  'reading',
  'unpaired',
  'ready',
  'waiting',
  'uploading',
  'published',
  'failed',
  'cancelled',
  'interrupted',
])
export type QueueStatus = z.infer<typeof queueStatusSchema>

/** Where a chart goes and how its bytes travel. */
export const queueTargetSchema = publishInputSchema.omit({ ticket: true })
export type QueueTarget = z.infer<typeof queueTargetSchema>

/** One chart on its way into a registry, from its file to the verified result. */
export const queueItemSchema = z.object({
  id: z.uuid(),
  /** Names its file while that is held. */
  ticket: z.string().optional(),
  fileName: z.string(),
  status: queueStatusSchema,
  /** Milliseconds since 1970. */
  addedAt: z.number(),
  /** Known once the file was read; without it there is nothing to publish. */
  chart: chartFileSchema.optional(),
  /** Of a .prov without its chart: the name of the chart's file. */
  waitsFor: z.string().optional(),
  /** The target of the last attempt; so is all that follows. */
  target: queueTargetSchema.optional(),
  step: publishStepSchema.optional(),
  progress: publishProgressSchema.optional(),
  fallbacks: z.array(publishFallbackSchema),
  /** It went on in the session of an earlier attempt, which held that many bytes of it. */
  resumedAt: z.number().int().optional(),
  /** Why it could not go on there and all of it was sent again. */
  anew: z.string().optional(),
  failure: failureSchema.optional(),
  result: publishResultSchema.optional(),
  /** Whether the registry holds a part of it that need not be sent again. */
  resumable: z.boolean(),
})
export type QueueItem = z.infer<typeof queueItemSchema>

/** What a watcher of the queue hears. The exchanges of an item travel by themselves, each once. */
export const queueEventSchema = z.discriminatedUnion('type', [
  /** The first event: all items, oldest first. Their exchanges follow. */
  z.object({ type: z.literal('all'), items: z.array(queueItemSchema) }),
  /** An item is new or changed. */
  z.object({ type: z.literal('item'), item: queueItemSchema }),
  z.object({ type: z.literal('progress'), id: z.string(), progress: publishProgressSchema }),
  /** Exchanges that ended, in that order; `anew` where those before belong to an earlier attempt. */
  z.object({
    type: z.literal('exchanges'),
    id: z.string(),
    exchanges: z.array(exchangeSchema),
    anew: z.boolean(),
  }),
  z.object({ type: z.literal('removed'), id: z.string() }),
])
export type QueueEvent = z.infer<typeof queueEventSchema>

/** A file that was taken in, with the name to show while it is read or where it cannot be. */
export const queueFileSchema = z.object({ ticket: z.string(), fileName: z.string().max(255) })
export type QueueFile = z.infer<typeof queueFileSchema>
