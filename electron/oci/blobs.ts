import { failureError } from '../../shared/model/local-failure.ts'
import type { Answer, Ask, Transport } from './ask.ts'
import { checkDigest } from './manifests.ts'
import { refusal } from './refusal.ts'

/** Bytes of a blob that is read whole into memory: configs, not layers. */
export const smallBlobBytes = 4 * 1024 * 1024
const maxRedirects = 5

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
  const { ask, answer } = await follow(place.transport, { ...askOf(place), method: 'HEAD' })
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
  const { ask, answer } = await follow(place.transport, askOf(place))
  if (answer.status !== 200) throw refusal(ask, answer)
  checkDigest(ask, answer.body, place.digest)
  return answer.body
}

/**
 * Follows redirects to storage by hand. The authorizing transport adds Authorization to the registry's own
 * origin only, so none travels along; https never becomes http.
 */
async function follow(transport: Transport, first: Ask): Promise<{ ask: Ask; answer: Answer }> {
  let ask = first
  for (let hops = 0; hops <= maxRedirects; hops += 1) {
    const answer = await transport.send(ask)
    if (![301, 302, 303, 307, 308].includes(answer.status)) return { ask, answer }
    const target = targetOf(answer.headers['location'], ask)
    if (target === undefined) throw refusal(ask, answer)
    const stays = target.origin === new URL(ask.url).origin
    ask = { ...ask, url: target.toString(), role: stays ? ask.role : 'storage' }
  }
  const { host } = new URL(first.url)
  throw failureError('redirect-refused', first.phase, `${host} redirected more than ${maxRedirects} times.`, {
    host,
    next: ['ask-registry-admin'],
  })
}

function targetOf(location: string | undefined, ask: Ask): URL | undefined {
  if (location === undefined) return undefined
  let target: URL
  try {
    target = new URL(location, ask.url)
  } catch {
    return undefined
  }
  const secure = new URL(ask.url).protocol === 'https:'
  return target.protocol === 'https:' || (target.protocol === 'http:' && !secure) ? target : undefined
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
