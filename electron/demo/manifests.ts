import { z } from 'zod'
import { mediaTypes } from '../../shared/model/media-types.ts'
import { descriptorSchema, imageIndexSchema, imageManifestSchema } from '../../shared/model/manifest.ts'
import { digestSchema, tagSchema } from '../../shared/model/reference.ts'
import { jsonReply, type Reply, Refusal } from './reply.ts'
import { digestOf, type Store, type StoredManifest } from './store.ts'

const subjectSchema = z.object({ subject: descriptorSchema.optional() })

/** GET and HEAD: end-3. A reference that cannot be one names nothing, so it is answered like any unknown one. */
export function getManifest(store: Store, repository: string, reference: string): Reply {
  const manifest = store.manifest(repository, reference)
  if (manifest === undefined) {
    throw new Refusal(404, 'MANIFEST_UNKNOWN', `${repository} has no manifest "${reference}"`)
  }
  return {
    status: 200,
    headers: { 'Content-Type': manifest.mediaType, 'Docker-Content-Digest': manifest.digest },
    body: manifest.bytes,
  }
}

/**
 * PUT: end-7. Blobs a manifest names must be there, as with distribution; manifests an index names need not,
 * and neither does a subject (distribution-spec v1.1, "Pushing Manifests with Subject") nor a layer that may not
 * be distributed.
 */
export function putManifest(
  store: Store,
  repository: string,
  reference: string,
  contentType: string,
  bytes: Uint8Array,
): Reply {
  const isDigest = digestSchema.safeParse(reference).success
  if (!isDigest && !tagSchema.safeParse(reference).success) {
    throw new Refusal(400, 'TAG_INVALID', `"${reference}" is neither a tag nor a digest`)
  }
  const digest = digestOf(bytes, isDigest ? reference.slice(0, reference.indexOf(':')) : 'sha256')
  if (isDigest && digest !== reference) {
    throw new Refusal(400, 'DIGEST_INVALID', `what came is ${digest}`)
  }
  const manifest = readManifest(contentType, bytes, digest)
  for (const blob of manifest.blobs) {
    if (store.blob(repository, blob) === undefined) {
      throw new Refusal(400, 'MANIFEST_BLOB_UNKNOWN', `${repository} has no blob ${blob}`)
    }
  }
  store.addManifest(repository, manifest.stored, isDigest ? undefined : reference)
  return {
    status: 201,
    headers: {
      Location: `/v2/${repository}/manifests/${digest}`,
      'Docker-Content-Digest': digest,
      ...(manifest.stored.subject !== undefined ? { 'OCI-Subject': manifest.stored.subject } : {}),
    },
  }
}

/** DELETE: end-9. */
export function deleteManifest(store: Store, repository: string, reference: string): Reply {
  if (!store.removeManifest(repository, reference)) {
    throw new Refusal(404, 'MANIFEST_UNKNOWN', `${repository} has no manifest "${reference}"`)
  }
  return { status: 202 }
}

/** GET …/referrers/<digest>: end-12. Nobody refers to unknown content: that is an empty list, not a 404. */
export function getReferrers(
  store: Store,
  repository: string,
  digest: string,
  artifactType: string | null,
): Reply {
  if (!digestSchema.safeParse(digest).success) {
    throw new Refusal(400, 'DIGEST_INVALID', `"${digest}" is no digest`)
  }
  const all = store.referrers(repository, digest)
  const wanted =
    artifactType === null ? all : all.filter((manifest) => manifest.artifactType === artifactType)
  const manifests = wanted.map(({ mediaType, digest, bytes, artifactType, annotations }) => ({
    mediaType,
    digest,
    size: bytes.byteLength,
    ...(artifactType !== undefined ? { artifactType } : {}),
    ...(annotations !== undefined ? { annotations } : {}),
  }))
  const reply = jsonReply(
    200,
    { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests },
    mediaTypes.ociIndex,
  )
  return artifactType === null
    ? reply
    : { ...reply, headers: { ...reply.headers, 'OCI-Filters-Applied': 'artifactType' } }
}

function readManifest(
  contentType: string,
  bytes: Uint8Array,
  digest: string,
): { stored: StoredManifest; blobs: string[] } {
  const value = parseJson(bytes)
  const image = imageManifestSchema.safeParse(value)
  const index = imageIndexSchema.safeParse(value)
  const parsed = image.data ?? index.data
  const subject = subjectSchema.safeParse(value)
  if (parsed === undefined || !subject.success) {
    throw new Refusal(400, 'MANIFEST_INVALID', 'this is neither an image manifest nor an index')
  }
  const [mediaType = ''] = contentType.split(';', 1)
  if (mediaType === '' || (parsed.mediaType ?? mediaType) !== mediaType) {
    throw new Refusal(400, 'MANIFEST_INVALID', `Content-Type is "${mediaType}", mediaType is another`)
  }
  // image-spec, manifest.md: without artifactType the config's media type tells what an artifact is
  const artifactType = parsed.artifactType ?? image.data?.config.mediaType
  const stored: StoredManifest = {
    digest,
    mediaType,
    bytes,
    ...(subject.data.subject !== undefined ? { subject: subject.data.subject.digest } : {}),
    ...(artifactType !== undefined ? { artifactType } : {}),
    ...(parsed.annotations !== undefined ? { annotations: parsed.annotations } : {}),
  }
  const layers = image.data?.layers.filter((layer) => !mayStayAway(layer.mediaType)) ?? []
  const blobs = image.success ? [image.data.config, ...layers].map(({ digest }) => digest) : []
  return { stored, blobs }
}

/** image-spec, layer.md "Non-Distributable Layers", and docker's foreign layers before them. */
function mayStayAway(mediaType: string): boolean {
  return mediaType.includes('.layer.nondistributable.') || mediaType.includes('.rootfs.foreign.')
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined
  }
}
