import { FailureError } from '../../../shared/model/failure.ts'
import { headBlob } from '../blobs.ts'
import { tryMount } from '../mount.ts'
import { checkFitsMemory } from './buffered.ts'
import { goOn } from './go-on.ts'
import type { UploadJob, UploadResult } from './job.ts'
import { openSession, type Session } from './session.ts'
import { tryInTurn } from './try-in-turn.ts'

/** Bytes that are read into memory at most, unless the user allowed more: 256 MiB. */
const defaultBufferBytes = 256 * 1024 * 1024

/**
 * Puts one blob into a repository, unless it is there or can be mounted. `auto` goes from one shape to the next on
 * failures that another shape can cure, each in a session of its own; no PATCH is ever sent twice. Throws a
 * FailureError; a session that is given up is deleted where the registry lets us.
 */
export async function uploadBlob(job: UploadJob): Promise<UploadResult> {
  const { blob, mode } = job
  const bufferBytes = job.limits?.bufferBytes ?? defaultBufferBytes
  if (mode === 'buffered') checkFitsMemory(blob, bufferBytes)
  const found = await (job.find?.() ?? headBlob({ ...job, digest: blob.digest, push: true }))
  // another size under the same digest is a broken copy: the right bytes mend it
  if (found !== undefined && (found.size === undefined || found.size === blob.size)) {
    return { existed: true, mounted: false, reasons: [] }
  }
  if (await goOn(job)) return { strategy: 'chunked', existed: false, mounted: false, reasons: [] }
  const offered = await mount(job)
  if (offered === 'mounted') return { existed: false, mounted: true, reasons: [] }
  const { strategy, reasons } = await tryInTurn(job, bufferBytes, sessionsOf(job, offered))
  return { strategy, existed: false, mounted: false, reasons }
}

/** 'mounted', the session a registry opened instead, or nothing. No failure of a mount is worth more than that. */
async function mount(job: UploadJob): Promise<'mounted' | Session | undefined> {
  const { blob, mountFrom } = job
  if (mountFrom === undefined) return undefined
  try {
    const result = await tryMount(job, { digest: blob.digest, from: mountFrom })
    if (result.mounted) return 'mounted'
    return result.location === undefined ? undefined : { location: result.location, minChunk: 1, held: 0 }
  } catch (error) {
    // ggcr does the same (issues 1404, 1679): Harbor and others answer mounts with errors of many kinds
    if (error instanceof FailureError && error.failure.kind !== 'cancelled') return undefined
    throw error
  }
}

/** A new session for every try; the first may be one that is open already. */
function sessionsOf(job: UploadJob, offered: Session | undefined): () => Promise<Session> {
  let waiting = offered
  return async () => {
    const session = waiting ?? (await openSession(job))
    waiting = undefined
    return session
  }
}
