import { z } from 'zod'
import { answererSchema, failureKindSchema, phaseSchema } from './failure.ts'

/** One HTTP exchange the app made. Secrets are gone before it is stored: see `redact.ts`. */
export const exchangeSchema = z.object({
  id: z.string(),
  /** Milliseconds since 1970. */
  startedAt: z.number(),
  /** Milliseconds from the first byte out to the last byte in; absent while it runs. */
  duration: z.number().optional(),
  phase: phaseSchema,
  method: z.string(),
  url: z.string(),
  host: z.string(),
  status: z.number().int().optional(),
  bytesSent: z.number().int(),
  bytesReceived: z.number().int(),
  answeredBy: answererSchema,
  failure: failureKindSchema.optional(),
  requestHeaders: z.record(z.string(), z.string()),
  responseHeaders: z.record(z.string(), z.string()),
  demo: z.boolean(),
})
export type Exchange = z.infer<typeof exchangeSchema>
