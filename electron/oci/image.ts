import {
  type Descriptor,
  type ImageIndex,
  imageIndexSchema,
  type ImageManifest,
  imageManifestSchema,
} from '../../shared/model/manifest.ts'

/** A manifest or an index, read. */
export type ImageContent =
  | { type: 'index'; index: ImageIndex }
  | { type: 'manifest'; manifest: ImageManifest }

/** Reads a manifest or an index, told apart by what is in them, as containerd does since media types lie. */
export function readContent(bytes: Uint8Array): ImageContent | undefined {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined
  }
  const index = imageIndexSchema.safeParse(value)
  if (index.success) return { type: 'index', index: index.data }
  const manifest = imageManifestSchema.safeParse(value)
  return manifest.success ? { type: 'manifest', manifest: manifest.data } : undefined
}

/**
 * The manifest of an index for `platform`, written os/architecture[/variant]. Without a variant asked for,
 * one without a variant is taken first; arm64 and arm64/v8 are the same (containerd/platforms, Normalize).
 * A manifest that names no platform is taken only if none does.
 */
export function manifestFor(index: ImageIndex, platform: string): Descriptor | undefined {
  const [os = '', architecture = '', variant = ''] = platform.split('/')
  const wanted = normalized(architecture, variant)
  const fitting = index.manifests.filter(
    (each) =>
      each.platform?.os === os &&
      each.platform.architecture === architecture &&
      (wanted === '' || normalized(architecture, each.platform.variant) === wanted),
  )
  const plain = fitting.find((each) => normalized(architecture, each.platform?.variant) === '')
  if (index.manifests.every((each) => each.platform === undefined)) return index.manifests[0]
  return plain ?? fitting[0]
}

/** The platforms of an index, as they are asked for; attestations (unknown/unknown) are none. */
export function platformsOf(index: ImageIndex): string[] {
  return index.manifests.flatMap(({ platform }) =>
    platform === undefined || platform.os === 'unknown' ? [] : [printPlatform(platform)],
  )
}

/** os/architecture[/variant] */
export function printPlatform({ os, architecture, variant }: NonNullable<Descriptor['platform']>): string {
  return [os, architecture, variant].filter(Boolean).join('/')
}

function normalized(architecture: string, variant = ''): string {
  return architecture === 'arm64' && variant === 'v8' ? '' : variant
}
