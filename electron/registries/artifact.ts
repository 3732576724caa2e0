import { z } from 'zod'
import { chartMetadataSchema } from '../../shared/model/chart.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import {
  type ArtifactDetail,
  type Descriptor,
  type ImageManifest,
  imageIndexSchema,
  imageManifestSchema,
  kindOf,
  type Platform,
} from '../../shared/model/manifest.ts'
import { mediaTypes } from '../../shared/model/media-types.ts'
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

/**
 * Reads one tag or digest: its manifest byte for byte, and the config of charts and images for what only stands
 * there. Every byte is checked against its digest.
 */
export async function readArtifact(
  client: RegistryClient,
  repository: string,
  reference: string,
  signal?: AbortSignal,
): Promise<ArtifactDetail> {
  const stored = await client.getManifest(repository, reference, { signal })
  const json = jsonOf(stored.bytes)
  const common = {
    repository,
    asked: reference,
    digest: stored.digest,
    manifestSize: stored.bytes.length,
    raw: Buffer.from(stored.bytes).toString('utf8'),
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
  if (manifest === undefined) throw unreadable(client, repository, reference)
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
    totalSize: totalOf(manifest, stored),
    platforms: kind === 'image' ? [platformOf(image, self)] : [],
    config: manifest.config,
    layers: manifest.layers,
    ...(chart !== undefined ? { chart } : {}),
    ...(image?.created !== undefined ? { created: image.created } : {}),
    annotations: manifest.annotations ?? {},
  }
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

function totalOf(manifest: ImageManifest, stored: StoredManifest): number {
  return manifest.layers.reduce((sum, layer) => sum + layer.size, stored.bytes.length + manifest.config.size)
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
