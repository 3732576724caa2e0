import { z } from 'zod'
import { chartMetadataSchema } from '../../shared/model/chart.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import {
  type ArtifactDetail,
  type Descriptor,
  descriptorSchema,
  imageIndexSchema,
  imageManifestSchema,
  kindOf,
  type Platform,
} from '../../shared/model/manifest.ts'
import { manifestAccept, mediaTypes } from '../../shared/model/media-types.ts'
import { digestSchema } from '../../shared/model/reference.ts'
import { smallBlobBytes } from '../oci/blobs.ts'
import type { RegistryClient } from '../oci/client.ts'
import type { StoredManifest } from '../oci/manifests.ts'
import { jsonOf } from '../oci/refusal.ts'

/** What an image's config says of itself (image-spec, config.md); everything else in it is left alone. */
const imageConfigSchema = z.object({
  created: z.string().optional(),
  os: z.string().optional(),
  architecture: z.string().optional(),
  variant: z.string().optional(),
})

/** What every kind of manifest may say, and the blobs of OCI's former artifact manifest. */
const anyManifestSchema = z.object({
  artifactType: z.string().optional(),
  subject: descriptorSchema.optional(),
  blobs: z.array(descriptorSchema).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
})

/**
 * Reads one tag or digest: its manifest byte for byte, and the config of charts and images for what only stands
 * there. Every byte is checked against its digest. The registry is asked by HEAD whether it is still there; what a
 * digest names may then come from the cache.
 */
export async function readArtifact(
  client: RegistryClient,
  repository: string,
  reference: string,
  signal?: AbortSignal,
): Promise<ArtifactDetail> {
  const stored = await readRoot(client, repository, reference, signal)
  const json = jsonOf(stored.bytes)
  const said = anyManifestSchema.safeParse(json).data
  const common = {
    repository,
    asked: reference,
    digest: stored.digest,
    manifestSize: stored.bytes.length,
    raw: Buffer.from(stored.bytes).toString('utf8'),
    ...(said?.artifactType !== undefined ? { artifactType: said.artifactType } : {}),
    ...(said?.subject !== undefined ? { subject: said.subject } : {}),
  }
  const index = imageIndexSchema.safeParse(json).data
  if (index !== undefined) {
    return {
      ...common,
      mediaType: mediaTypeOf(stored, index.mediaType, mediaTypes.ociIndex),
      kind: 'index',
      totalSize: stored.bytes.length,
      platforms: index.manifests.map((descriptor) => platformOf(descriptor.platform, descriptor)),
      layers: [],
      annotations: index.annotations ?? {},
    }
  }
  const manifest = imageManifestSchema.safeParse(json).data
  if (manifest === undefined) {
    if (!isForeign(stored)) throw unreadable(client, repository, reference)
    const layers = said?.blobs ?? []
    return {
      ...common,
      mediaType: stored.mediaType,
      kind: 'artifact',
      totalSize: totalOf(stored, layers),
      platforms: [],
      layers,
      annotations: said?.annotations ?? {},
    }
  }
  const mediaType = mediaTypeOf(stored, manifest.mediaType, mediaTypes.ociManifest)
  const kind = kindOf(mediaType, manifest.config.mediaType)
  const config =
    kind === 'artifact' || manifest.config.size > smallBlobBytes
      ? undefined
      : jsonOf(await client.getBlob(repository, manifest.config.digest, { signal }))
  const chart = kind === 'chart' ? chartMetadataSchema.safeParse(config).data : undefined
  const image = kind === 'image' ? imageConfigSchema.safeParse(config).data : undefined
  const self: Descriptor = { mediaType, digest: stored.digest, size: stored.bytes.length }
  return {
    ...common,
    mediaType,
    kind,
    totalSize: totalOf(stored, [manifest.config, ...manifest.layers]),
    platforms: kind === 'image' ? [platformOf(image, self)] : [],
    config: manifest.config,
    layers: manifest.layers,
    ...(chart !== undefined ? { chart } : {}),
    ...(image?.created !== undefined ? { created: image.created } : {}),
    annotations: manifest.annotations ?? {},
  }
}

async function readRoot(
  client: RegistryClient,
  repository: string,
  reference: string,
  signal: AbortSignal | undefined,
): Promise<StoredManifest> {
  const head = await client.headManifest(repository, reference, { signal })
  const asked = digestSchema.safeParse(reference).data
  const digest = head === undefined ? undefined : (asked ?? head.digest)
  // what is not there is asked for by GET, whose answer says why
  if (digest === undefined) return client.getManifest(repository, reference, { signal, fresh: true })
  return client.getManifest(repository, digest, { signal })
}

/** A type of its own, which is shown as it is. What calls itself an image manifest or an index must be one. */
function isForeign({ mediaType }: StoredManifest): boolean {
  return mediaType.startsWith('application/vnd.') && !manifestAccept.includes(mediaType)
}

/** The type the registry named, else the manifest's own, else what its shape says (Helm writes none). */
function mediaTypeOf(stored: StoredManifest, own: string | undefined, byShape: string): string {
  const named = stored.mediaType.startsWith('application/vnd.') ? stored.mediaType : undefined
  return named ?? own ?? byShape
}

function platformOf(
  from:
    | { os?: string | undefined; architecture?: string | undefined; variant?: string | undefined }
    | undefined,
  descriptor: Descriptor,
): { platform?: Platform; descriptor: Descriptor } {
  if (from?.os === undefined || from.architecture === undefined) return { descriptor }
  const { os, architecture, variant } = from
  return { platform: { os, architecture, ...(variant !== undefined ? { variant } : {}) }, descriptor }
}

function totalOf(stored: StoredManifest, blobs: readonly Descriptor[]): number {
  return blobs.reduce((sum, { size }) => sum + size, stored.bytes.length)
}

function unreadable(client: RegistryClient, repository: string, reference: string) {
  const { host } = new URL(client.url)
  return failureError(
    'answer-invalid',
    'manifest',
    `What ${host} keeps as ${repository} ${reference} is neither an image manifest nor an index.`,
    { host, next: ['ask-registry-admin'] },
  )
}
