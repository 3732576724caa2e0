import { z } from 'zod'
import { descriptorSchema } from '../../../shared/model/manifest.ts'

/** The files of an OCI image layout (image-spec v1.1, image-layout.md) and of a `docker save` archive. */
export const layoutPaths = {
  marker: 'oci-layout',
  index: 'index.json',
  dockerManifest: 'manifest.json',
} as const

/** `blobs/<algorithm>/<hex>`, for a digest whose form has been checked. */
export function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`
}

/** Annotations of index.json that name an entry: the spec's, usually a tag, and containerd's, a whole reference. */
export const nameAnnotations = ['org.opencontainers.image.ref.name', 'io.containerd.image.name'] as const

export const layoutMarker = JSON.stringify({ imageLayoutVersion: '1.0.0' })

export const markerSchema = z.object({ imageLayoutVersion: z.string().regex(/^1\./) })

/** Fields this app does not know are kept: other tools' layouts are appended to. */
export const layoutIndexSchema = z
  .object({ schemaVersion: z.literal(2), manifests: z.array(descriptorSchema.loose()).max(10_000) })
  .loose()
export type LayoutIndex = z.infer<typeof layoutIndexSchema>

/** manifest.json of `docker save`: one entry an image, paths inside the archive. */
export const dockerManifestSchema = z
  .array(
    z.object({
      Config: z.string(),
      RepoTags: z.array(z.string()).nullish(),
      Layers: z.array(z.string()).max(1000),
    }),
  )
  .max(1000)
