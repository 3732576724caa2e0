import type { Ask, Transport } from './ask.ts'
import { checkDigest } from './manifests.ts'
import { follow } from './redirect.ts'
import { refusal } from './refusal.ts'

/** Bytes of a blob that is read whole into memory: configs, not layers. */
export const smallBlobBytes = 4 * 1024 * 1024

interface Place {
  transport: Transport
  /** The registry's address. */
  url: string
  repository: string
  digest: string
  signal?: AbortSignal | undefined
  /** Asked of the token service: a push names `pull,push` from its first HEAD on. */
  push?: boolean
}

/** HEAD /v2/<name>/blobs/<digest>: its size in bytes where the registry says it; undefined when it is not there. */
export async function headBlob(place: Place): Promise<{ size?: number } | undefined> {
  const { ask, answer } = await follow(place.transport, { ...askOf(place), method: 'HEAD' }, 'storage')
  if (answer.status !== 200) {
    const explained = refusal(ask, answer)
    if (explained.failure.kind === 'not-found') return undefined
    throw explained
  }
  const size = Number(answer.headers['content-length'] ?? Number.NaN)
  return Number.isSafeInteger(size) ? { size } : {}
}

/** GET of a small blob, its bytes compared with its digest. Larger than `smallBlobBytes` is a Failure. */
export async function getBlob(place: Place): Promise<Uint8Array> {
  const { ask, answer } = await follow(place.transport, askOf(place), 'storage')
  if (answer.status !== 200) throw refusal(ask, answer)
  checkDigest(ask, answer.body, place.digest)
  return answer.body
}

function askOf(place: Place): Ask {
  return {
    method: 'GET',
    url: new URL(`/v2/${place.repository}/blobs/${place.digest}`, place.url).toString(),
    phase: 'blob',
    role: 'registry',
    scope: `repository:${place.repository}:${place.push === true ? 'pull,push' : 'pull'}`,
    maxBytes: smallBlobBytes,
    ...(place.signal !== undefined ? { signal: place.signal } : {}),
  }
}
