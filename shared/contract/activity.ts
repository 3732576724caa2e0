import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { exchangeSchema } from '../model/exchange.ts'
import { operation } from './base.ts'

/** Every HTTP exchange the app made, redacted. */
export const activity = {
  /** First all that are kept (oldest first, the newest 2,000), then each new one as it ends. */
  watch: operation.output(eventIterator(z.array(exchangeSchema))),
  clear: operation.output(z.object({ cleared: z.number().int() })),
  /** HAR 1.2 as JSON text. */
  har: operation.output(z.object({ fileName: z.string(), text: z.string() })),
}
