import { z } from 'zod'
import { chartMetadataSchema } from './chart.ts'
import { mediaTypes } from './media-types.ts'
import { digestSchema } from './reference.ts'

export const platformSchema = z.object({
  os: z.string(),
  architecture: z.string(),
  variant: z.string().optional(),
})
export type Platform = z.infer<typeof platformSchema>

/** OCI content descriptor (image-spec, descriptor.md). `size` is in bytes. */
export const descriptorSchema = z.object({
  mediaType: z.string(),
  digest: digestSchema,
  size: z.number().int().nonnegative(),
  platform: platformSchema.loose().optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  artifactType: z.string().optional(),
})
export type Descriptor = z.infer<typeof descriptorSchema>

/** An image manifest, OCI or Docker; unknown fields are kept. */
export const imageManifestSchema = z
  .object({
    schemaVersion: z.literal(2),
    mediaType: z.string().optional(),
    artifactType: z.string().optional(),
    config: descriptorSchema,
    layers: z.array(descriptorSchema),
    annotations: z.record(z.string(), z.string()).optional(),
  })
  .loose()
export type ImageManifest = z.infer<typeof imageManifestSchema>

/** An image index (OCI) or manifest list (Docker). */
export const imageIndexSchema = z
  .object({
    schemaVersion: z.literal(2),
    mediaType: z.string().optional(),
    artifactType: z.string().optional(),
    manifests: z.array(descriptorSchema),
    annotations: z.record(z.string(), z.string()).optional(),
  })
  .loose()
export type ImageIndex = z.infer<typeof imageIndexSchema>

/** The media type a manifest's JSON tells: its own `mediaType`, else its shape (Helm writes none). */
export function manifestTypeOf(json: unknown): string | undefined {
  const parsed = imageManifestSchema.safeParse(json).data ?? imageIndexSchema.safeParse(json).data
  if (parsed === undefined) return undefined
  return parsed.mediaType ?? ('layers' in parsed ? mediaTypes.ociManifest : mediaTypes.ociIndex)
}

/** What refers to a manifest, and where that was read: the referrers API, the fallback tag; `none` has neither. */
export const referrersSchema = z.object({
  descriptors: z.array(descriptorSchema),
  from: z.enum(['api', 'tag', 'none']),
})
export type Referrers = z.infer<typeof referrersSchema>

const referringSchema = z.object({
  subject: descriptorSchema,
  artifactType: z.string().min(1).optional(),
  config: z.object({ mediaType: z.string() }).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
})

/**
 * What a manifest refers to, and the descriptor it is listed under (distribution-spec, "Pushing Manifests with
 * Subject": its artifactType, else its config's media type, and its annotations). `json` is the manifest parsed.
 * Undefined where it has no subject.
 */
export function referrerOf(
  manifest: { mediaType: string; digest: string; bytes: Uint8Array },
  json: unknown,
): { subject: Descriptor; descriptor: Descriptor } | undefined {
  const referring = referringSchema.safeParse(json).data
  if (referring === undefined) return undefined
  const artifactType = referring.artifactType ?? referring.config?.mediaType
  return {
    subject: referring.subject,
    descriptor: {
      mediaType: manifest.mediaType,
      digest: manifest.digest,
      size: manifest.bytes.length,
      ...(artifactType !== undefined ? { artifactType } : {}),
      ...(referring.annotations !== undefined ? { annotations: referring.annotations } : {}),
    },
  }
}

export const artifactKindSchema = z.enum(['chart', 'image', 'index', 'artifact'])
export type ArtifactKind = z.infer<typeof artifactKindSchema>

/** What the screen shows of one tag or digest. */
export const artifactDetailSchema = z.object({
  repository: z.string(),
  /** The tag or digest that was asked for. */
  asked: z.string(),
  digest: digestSchema,
  mediaType: z.string(),
  kind: artifactKindSchema,
  /** Bytes of the manifest itself. */
  manifestSize: z.number().int(),
  /** Bytes of manifest, config and layers together; for an index, of the index alone. */
  totalSize: z.number().int(),
  platforms: z.array(z.object({ platform: platformSchema.optional(), descriptor: descriptorSchema })),
  config: descriptorSchema.optional(),
  layers: z.array(descriptorSchema),
  artifactType: z.string().optional(),
  /** The manifest it refers to. */
  subject: descriptorSchema.optional(),
  chart: chartMetadataSchema.optional(),
  /** For an image: when its config says it was created, RFC 3339. */
  created: z.string().optional(),
  annotations: z.record(z.string(), z.string()),
  /** The manifest, byte for byte, as text. */
  raw: z.string(),
})
export type ArtifactDetail = z.infer<typeof artifactDetailSchema>

/** What a manifest is, told by its config's media type: a chart is never recognised by its name. */
export function kindOf(mediaType: string, configMediaType: string | undefined): ArtifactKind {
  if (mediaType === mediaTypes.ociIndex || mediaType === mediaTypes.dockerIndex) return 'index'
  if (configMediaType === mediaTypes.helmConfig) return 'chart'
  if (configMediaType === mediaTypes.imageConfig || configMediaType === mediaTypes.dockerConfig)
    return 'image'
  return 'artifact'
}
