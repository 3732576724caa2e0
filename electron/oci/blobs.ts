import type { Ask } from './ask.ts'
import { checkDigest } from './digest.ts'
import { askAt, type RepositoryPlace } from './place.ts'
import { follow } from './redirect.ts'
import { refusal } from './refusal.ts'

/** Bytes of a blob that is read whole into memory: configs, not layers. */
export const smallBlobBytes = 4 * 1024 * 1024

export interface BlobPlace extends RepositoryPlace {
  digest: string
}

/** A blob that is there, with its size in bytes where the registry says it; undefined where it is not. */
export type FoundBlob = { size?: number } | undefined

/** HEAD /v2/<name>/blobs/<digest>. */
export async function headBlob(place: BlobPlace): Promise<FoundBlob> {
  const head: Ask = { ...blobAsk(place, smallBlobBytes), method: 'HEAD' }
  const { ask, answer } = await follow(place.transport, head, 'storage')
  if (answer.status !== 200) {
    const explained = refusal(ask, answer)
    if (explained.failure.kind === 'not-found') return undefined
    throw explained
  }
  const size = Number(answer.headers['content-length'] ?? Number.NaN)
  return Number.isSafeInteger(size) ? { size } : {}
}

/** GET of a small blob, its bytes compared with its digest. Larger than `smallBlobBytes` is a Failure. */
export async function getBlob(place: BlobPlace): Promise<Uint8Array> {
  const { ask, answer } = await follow(place.transport, blobAsk(place, smallBlobBytes), 'storage')
  if (answer.status !== 200) throw refusal(ask, answer)
  checkDigest(ask, answer.body, place.digest)
  return answer.body
}

/** GET /v2/<name>/blobs/<digest> (distribution-spec end-2) of at most `maxBytes`. */
export function blobAsk(place: BlobPlace, maxBytes: number): Ask {
  return askAt(place, `blobs/${place.digest}`, { method: 'GET', phase: 'blob', maxBytes })
}
