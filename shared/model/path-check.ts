import { z } from 'zod'
import { failureSchema } from './failure.ts'
import { repositorySchema } from './reference.ts'
import { routeSchema, strategySchema } from './upload.ts'

/** Bytes of the blobs a path check sends: a packet, the usual chart, more than any buffer, a layer. */
export const pathCheckBytes = [1024, 64 * 1024, 5 * 1024 * 1024, 64 * 1024 * 1024] as const

export const pathCheckInputSchema = z.object({
  registryId: z.string(),
  /** Where the blobs go; they are abandoned or deleted, and no manifest is ever put. */
  repository: repositorySchema.default('chartroom/path-check'),
  routes: z.array(routeSchema).min(1).default(['direct', 'relay']),
  strategies: z.array(strategySchema).min(1).default(strategySchema.options),
  bytes: z
    .array(
      z
        .number()
        .int()
        .min(1)
        .max(1024 ** 3),
    )
    .min(1)
    .max(16)
    .default([...pathCheckBytes]),
})
export type PathCheckInput = z.infer<typeof pathCheckInputSchema>

/** `64 KiB`, `1.5 MiB`, `512 B`. */
export function printBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB']
  let unit = 0
  let value = bytes
  for (; value >= 1024 && unit < units.length - 1; unit += 1) value /= 1024
  return `${Number(value.toFixed(1))} ${units[unit]}`
}

/** One cell of the matrix that was tried. `leftBehind` where the blob was stored and could not be deleted. */
export const pathCheckResultSchema = z.object({
  route: routeSchema,
  strategy: strategySchema,
  bytes: z.number().int(),
  ok: z.boolean(),
  milliseconds: z.number(),
  leftBehind: z.boolean(),
  failure: failureSchema.optional(),
})
export type PathCheckResult = z.infer<typeof pathCheckResultSchema>

export const pathCheckReportSchema = z.object({
  url: z.string(),
  repository: z.string(),
  /** Milliseconds since 1970. */
  startedAt: z.number(),
  /** Cells that are absent were not tried: a smaller blob had failed, or nothing would have been different. */
  results: z.array(pathCheckResultSchema),
  /** Whether what is recommended carried blobs of every size that was asked for. */
  complete: z.boolean(),
  /** Absent where nothing passed. `bytes` passed at most; `reason` is one English sentence, for tickets. */
  recommended: z
    .object({ strategy: strategySchema, route: routeSchema, bytes: z.number().int(), reason: z.string() })
    .optional(),
  /** For a ticket; without secrets. */
  markdown: z.string(),
})
export type PathCheckReport = z.infer<typeof pathCheckReportSchema>

/** A relay that runs: other tools reach the registry at `address` (host:port on loopback). Counts since its start. */
export const relaySchema = z.object({
  registryId: z.string(),
  address: z.string(),
  /** host:port of the registry. */
  target: z.string(),
  startedAt: z.number(),
  /** Open now. */
  connections: z.number().int(),
  /** Taken in all. */
  accepted: z.number().int(),
  /** Turned away because too many were open. */
  refused: z.number().int(),
  /** Connections that ended in an error, on either side. */
  errors: z.number().int(),
  bytesToRegistry: z.number().int(),
  bytesFromRegistry: z.number().int(),
})
export type RelayState = z.infer<typeof relaySchema>
