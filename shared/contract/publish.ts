import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { chartFileSchema } from '../model/chart.ts'
import { publishEventSchema, publishInputSchema, publishResultSchema } from '../model/upload.ts'
import { operation } from './base.ts'

const byTicket = z.object({ ticket: z.string() })

/** Charts on their way into a registry. Bytes never cross the wire: a host takes files in and gives a ticket. */
export const publish = {
  /** Reads a file that was taken in; a file that is no chart is a Failure and its ticket is gone. */
  inspect: operation.input(byTicket).output(chartFileSchema),
  /** Uploads; closing the iterator or aborting the call cancels at once. */
  start: operation.input(publishInputSchema).output(eventIterator(publishEventSchema, publishResultSchema)),
  drop: operation.input(byTicket).output(z.object({ dropped: z.boolean() })),
}
