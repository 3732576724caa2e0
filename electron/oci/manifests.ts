import { FailureError, type Phase } from '../../shared/model/failure.ts'
import { manifestAccept } from '../../shared/model/media-types.ts'
import { digestSchema } from '../../shared/model/reference.ts'
import type { AnswerHead, Ask } from './ask.ts'
import { checkDigest, digestMismatch, digestOf } from './digest.ts'
import { askAt, type RepositoryPlace } from './place.ts'
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

/** What a PUT left behind. `subject` is the OCI-Subject header: the registry lists this referrer by itself. */
export interface PutManifest {
  digest: string
  subject?: string
}

export interface ManifestPlace extends RepositoryPlace {
  /** Tag or digest. */
  reference: string
  /** Bytes that are read at most; `manifestBytes` where none is given. */
  maxBytes?: number | undefined
  /** What a read is for; `manifest` unless told. */
  phase?: Phase
}

/**
 * HEAD /v2/<name>/manifests/<reference>; undefined when the registry has none, `digest-mismatch` where it names
 * another digest than the one asked for. Where HEAD is refused it is asked by
 * GET, as containerd does: some registries know no HEAD, and the others say in the body why they refuse.
 */
export async function headManifest(place: ManifestPlace): Promise<ManifestHead | undefined> {
  const { ask, answer } = await follow(place.transport, { ...askOf(place), method: 'HEAD' }, 'registry')
  try {
    if ([400, 403, 405].includes(answer.status)) {
      const { digest, mediaType, bytes } = await getManifest(place)
      return { digest, mediaType, size: bytes.length }
    }
    if (answer.status !== 200) throw refusal(ask, answer)
  } catch (error) {
    if (error instanceof FailureError && error.failure.kind === 'not-found') return undefined
    throw error
  }
  const digest = digestSchema.safeParse(answer.headers['docker-content-digest']).data
  if (digest !== undefined && isAnother(digest, place.reference)) {
    throw digestMismatch(new URL(ask.url).host, ask.phase, place.reference, digest)
  }
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
export async function getManifest(place: ManifestPlace): Promise<StoredManifest> {
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

/**
 * PUT /v2/<name>/manifests/<reference> with exactly these bytes. What the registry says it stored is compared with
 * them; so is `reference` where it is a digest, before anything is sent. A difference is `digest-mismatch`.
 */
export async function putManifest(
  place: ManifestPlace,
  manifest: { mediaType: string; bytes: Uint8Array },
): Promise<PutManifest> {
  const ask: Ask = {
    ...askOf({ ...place, push: true }),
    method: 'PUT',
    phase: 'manifest-put',
    headers: { 'content-type': manifest.mediaType },
    body: () => manifest.bytes,
  }
  const asked = digestSchema.safeParse(place.reference).data
  const own = digestOf(manifest.bytes, asked)
  if (asked !== undefined && asked !== own) throw digestMismatch('chartroom', ask.phase, asked, own)
  const answer = await place.transport.send(ask)
  if (![200, 201, 202, 204].includes(answer.status)) throw refusal(ask, answer, 'buffered')
  const announced = digestSchema.safeParse(answer.headers['docker-content-digest']).data
  if (announced !== undefined) checkDigest(ask, manifest.bytes, announced)
  const subject = answer.headers['oci-subject']
  return {
    digest: asked ?? announced ?? own,
    ...(subject !== undefined ? { subject } : {}),
  }
}

/** Whether `announced` cannot be the content that was asked for by digest; two algorithms cannot be compared. */
function isAnother(announced: string, asked: string): boolean {
  return announced !== asked && asked.startsWith(announced.slice(0, announced.indexOf(':') + 1))
}

function askOf(place: ManifestPlace): Ask {
  return askAt(place, `manifests/${place.reference}`, {
    method: 'GET',
    phase: place.phase ?? 'manifest',
    headers: { accept: manifestAccept },
    maxBytes: place.maxBytes ?? manifestBytes,
  })
}

function mediaTypeOf(answer: AnswerHead): string | undefined {
  return answer.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
}
