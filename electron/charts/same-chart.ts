import { imageManifestSchema } from '../../shared/model/manifest.ts'

/**
 * Whether two manifests are of one chart: the same config, and the same layers in any order. What else is in them
 * follows from the config, but for when the chart was made: helm takes that from the time of the file, which another
 * machine, another zone or another download changes without changing the chart. So this, and not one digest for both,
 * is what "already published" means.
 */
export function isSameChart(one: Uint8Array, other: Uint8Array): boolean {
  const parts = partsOf(one)
  return parts !== undefined && parts === partsOf(other)
}

function partsOf(bytes: Uint8Array): string | undefined {
  const manifest = imageManifestSchema.safeParse(jsonOf(bytes))
  if (!manifest.success) return undefined
  const { config, layers } = manifest.data
  const named = layers.map(({ mediaType, digest }) => `${mediaType} ${digest}`).toSorted()
  return [`${config.mediaType} ${config.digest}`, ...named].join('\n')
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}
