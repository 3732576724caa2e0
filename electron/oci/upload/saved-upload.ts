import { z } from 'zod'
import { FailureError, type FailureKind } from '../../../shared/model/failure.ts'
import { digestSchema } from '../../../shared/model/reference.ts'
import type { UploadJob } from './job.ts'
import type { Session } from './session.ts'

/** A blob whose chunks a registry holds in part: where its session goes on, and how many bytes it confirmed. */
export const savedUploadSchema = z.object({
  /** The registry's address. */
  url: z.url().max(2000),
  repository: z.string().max(1000),
  digest: digestSchema,
  /** May let whoever knows it write to the session: it stays in the main process and the user's own files. */
  location: z.url().max(8000),
  minChunk: z.number().int().min(1),
  at: z.number().int().min(1),
})
export type SavedUpload = z.infer<typeof savedUploadSchema>

/** What to save of a session; undefined where nothing was confirmed, or its address cannot be kept. */
export function savedUpload({ url, repository, blob }: UploadJob, session: Session): SavedUpload | undefined {
  const { location, minChunk, held } = session
  const saved = { url, repository, digest: blob.digest, location, minChunk, at: held }
  return savedUploadSchema.safeParse(saved).data
}

/** The session of `saved`, where it is one of this very job. */
export function sessionOf({ url, repository, blob, resumption }: UploadJob): Session | undefined {
  const saved = resumption?.saved
  if (saved === undefined) return undefined
  const fits = saved.url === url && saved.repository === repository && saved.digest === blob.digest
  if (!fits || saved.at > blob.size) return undefined
  return { location: saved.location, minChunk: saved.minChunk, held: saved.at }
}

/** Failures of the way or the moment: the session may well be there when it passes. */
const passing: ReadonlySet<FailureKind> = new Set([
  'connection-lost',
  'timeout',
  'dns',
  'refused',
  'unreachable',
  'gateway-fault',
  'server-fault',
  'rate-limited',
  'unauthorized',
])

/** Whether a session is left open for a later run when its upload ended with `error`. */
export function isKept({ resumption }: UploadJob, { held }: Session, error: unknown): boolean {
  if (resumption === undefined || held === 0 || !(error instanceof FailureError)) return false
  const { kind } = error.failure
  return kind === 'cancelled' ? resumption.outlivesCancel() : passing.has(kind)
}
