import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { takenInSchema } from '../model/chart.ts'
import { maxPublished, publishedSchema } from '../model/history.ts'
import {
  pathCheckInputSchema,
  pathCheckReportSchema,
  pathCheckResultSchema,
  relaySchema,
} from '../model/path-check.ts'
import { preflightCheckSchema, preflightInputSchema, preflightReportSchema } from '../model/preflight.ts'
import { queueEventSchema, queueFileSchema, queueLimits, queueTargetSchema } from '../model/queue.ts'
import {
  learnedSchema,
  publishEventSchema,
  publishInputSchema,
  publishResultSchema,
} from '../model/upload.ts'
import { operation } from './base.ts'

const byTicket = z.object({ ticket: z.string() })
const byId = z.object({ id: z.string() })
const byRegistry = z.object({ registryId: z.string() })

/** Charts on their way into a registry. Bytes never cross the wire: a host takes files in and gives a ticket. */
export const publish = {
  /** Reads a file that was taken in; one that is neither chart nor .prov is a Failure and its ticket is gone. */
  inspect: operation.input(byTicket).output(takenInSchema),
  /** Looks before anything is sent: one event a check as it ends; closing the iterator ends the requests. */
  preflight: operation
    .input(preflightInputSchema)
    .output(eventIterator(preflightCheckSchema, preflightReportSchema)),
  /** Uploads; closing the iterator or aborting the call cancels at once. */
  start: operation.input(publishInputSchema).output(eventIterator(publishEventSchema, publishResultSchema)),
  drop: operation.input(byTicket).output(z.object({ dropped: z.boolean() })),
  /** The queue that all windows share: first all items, then every change. */
  queue: operation.output(eventIterator(queueEventSchema)),
  /** Puts files that were taken in at its end, where they are read; the ids in the same order. */
  enqueue: operation
    .input(z.object({ files: z.array(queueFileSchema).max(queueLimits.items) }))
    .output(z.object({ ids: z.array(z.string()) })),
  /** Sends a chart of the queue when its turn comes; `resume` goes on where an attempt in chunks broke off. */
  submit: operation
    .input(queueTargetSchema.extend({ id: z.string(), resume: z.boolean().optional() }))
    .output(z.object({ submitted: z.boolean() })),
  /** Stops the upload of a chart of the queue, which stays. */
  cancel: operation.input(byId).output(z.object({ cancelled: z.boolean() })),
  /** Takes a chart off the queue, with its file. */
  remove: operation.input(byId).output(z.object({ removed: z.boolean() })),
  /** What auto knows of a registry; with `bytes` only where it changes what auto does with a blob of that size. */
  learned: operation
    .input(byRegistry.extend({ bytes: z.number().int().min(0).optional() }))
    .output(learnedSchema.nullable()),
  forget: operation.input(byRegistry).output(z.object({ forgotten: z.boolean() })),
  /** What was published from here: the newest, and how many are kept. */
  history: operation
    .input(z.object({ newest: z.number().int().min(0).max(maxPublished) }))
    .output(z.object({ entries: z.array(publishedSchema), total: z.number().int() })),
  clearHistory: operation.output(z.object({ cleared: z.number().int() })),
  /** Uploads random blobs in every shape over every route: one event a cell; the return value says what to use. */
  checkPath: operation
    .input(pathCheckInputSchema)
    .output(eventIterator(pathCheckResultSchema, pathCheckReportSchema)),
  /** From now on the app reaches the registry through a relay, which other tools may use too; twice is once. */
  startRelay: operation.input(byRegistry).output(relaySchema),
  stopRelay: operation.input(byRegistry).output(z.object({ stopped: z.boolean() })),
  /** The relays that run: at once, then whenever they or their counts change. */
  relays: operation.output(eventIterator(z.array(relaySchema))),
}
