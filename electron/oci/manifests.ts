import { manifestAccept } from '../../shared/model/media-types.ts'
import { digestSchema } from '../../shared/model/reference.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import type { AnswerHead, Ask, Transport } from './ask.ts'
import { digestOf } from './digest.ts'
import { follow } from './redirect.ts'
import { refusal } from './refusal.ts'

/** distribution refuses larger manifests; distribution-spec asks registries to bear this much. */
export const manifestBytes = 4 * 1024 * 1024

/** A manifest as it lies in the registry. `digest` is computed over exactly these bytes. */
export interface StoredManifest {
  digest: string
  mediaType: string
  bytes: Uint8Array
}

/** What a HEAD tells; a registry may leave out each of them. `size` in bytes. */
export interface ManifestHead {
  digest?: string
  mediaType?: string
  size?: number
}

interface Place {
  transport: Transport
  /** The registry's address. */
  url: string
  repository: string
  /** Tag or digest. */
  reference: string
  signal?: AbortSignal | undefined
  /** Asked of the token service: a push names `pull,push` from its first HEAD on. */
  push?: boolean
}

/** HEAD /v2/<name>/manifests/<reference>; undefined when the registry has none. */
export async function headManifest(place: Place): Promise<ManifestHead | undefined> {
  const { ask, answer } = await follow(place.transport, { ...askOf(place), method: 'HEAD' }, 'registry')
  if (answer.status !== 200) {
    const explained = refusal(ask, answer)
    if (explained.failure.kind === 'not-found') return undefined
    throw explained
  }
  const digest = digestSchema.safeParse(answer.headers['docker-content-digest']).data
  const mediaType = mediaTypeOf(answer)
  const size = Number(answer.headers['content-length'] ?? Number.NaN)
  return {
    ...(digest !== undefined ? { digest } : {}),
    ...(mediaType !== undefined ? { mediaType } : {}),
    ...(Number.isSafeInteger(size) ? { size } : {}),
  }
}

/**
 * GET /v2/<name>/manifests/<reference>. The bytes are compared with the digest asked for and with
 * Docker-Content-Digest; a difference is a FailureError of kind `digest-mismatch`.
 */
export async function getManifest(place: Place): Promise<StoredManifest> {
  const { ask, answer } = await follow(place.transport, askOf(place), 'registry')
  if (answer.status !== 200) throw refusal(ask, answer)
  const asked = digestSchema.safeParse(place.reference).data
  const announced = digestSchema.safeParse(answer.headers['docker-content-digest']).data
  for (const expected of [asked, announced]) {
    if (expected !== undefined) checkDigest(ask, answer.body, expected)
  }
  const type = mediaTypeOf(answer)
  if (type === 'text/html') throw refusal(ask, answer)
  return {
    digest: digestOf(answer.body, asked ?? announced),
    mediaType: type ?? '',
    bytes: answer.body,
  }
}

/** PUT /v2/<name>/manifests/<reference>. Returns the digest of `bytes`, compared with what the registry says. */
export async function putManifest(
  place: Place,
  manifest: { mediaType: string; bytes: Uint8Array },
): Promise<string> {
  const ask: Ask = {
    ...askOf({ ...place, push: true }),
    method: 'PUT',
    phase: 'manifest-put',
    headers: { 'content-type': manifest.mediaType },
    body: () => manifest.bytes,
  }
  const answer = await place.transport.send(ask)
  if (![200, 201, 202, 204].includes(answer.status)) throw refusal(ask, answer, 'buffered')
  const announced = digestSchema.safeParse(answer.headers['docker-content-digest']).data
  if (announced !== undefined) checkDigest(ask, manifest.bytes, announced)
  return digestOf(manifest.bytes, announced)
}

/** Throws `digest-mismatch` unless `bytes` have the digest `expected`. */
export function checkDigest(ask: Ask, bytes: Uint8Array, expected: string): void {
  const actual = digestOf(bytes, expected)
  if (actual === expected) return
  const { host } = new URL(ask.url)
  throw failureError('digest-mismatch', ask.phase, `${host} sent other bytes than ${expected} names.`, {
    host,
    evidence: [
      { fact: 'expected', value: expected },
      { fact: 'actual', value: actual },
    ],
    retryable: true,
    next: ['retry', 'ask-registry-admin'],
  })
}

function askOf(place: Place): Ask {
  return {
    method: 'GET',
    url: new URL(`/v2/${place.repository}/manifests/${place.reference}`, place.url).toString(),
    phase: 'manifest',
    role: 'registry',
    headers: { accept: manifestAccept },
    scope: `repository:${place.repository}:${place.push === true ? 'pull,push' : 'pull'}`,
    maxBytes: manifestBytes,
    ...(place.signal !== undefined ? { signal: place.signal } : {}),
  }
}

function mediaTypeOf(answer: AnswerHead): string | undefined {
  return answer.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
}
