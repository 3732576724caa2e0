import { tagOfVersion } from '../../shared/model/chart.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import type { Descriptor } from '../../shared/model/manifest.ts'
import { mediaTypes } from '../../shared/model/media-types.ts'
import { repositorySchema, tagSchema } from '../../shared/model/reference.ts'
import { digestOf } from '../oci/digest.ts'
import { type BlobSource, blobOfBytes, blobOfFile } from '../oci/upload/blob-source.ts'
import { createdOf } from './created.ts'
import { helmConfig, helmManifest } from './helm-config.ts'
import type { StoredChart } from './intake.ts'

/** What a chart becomes in a registry: for one file the same bytes that `helm push` makes. */
export interface Publication {
  blobs: ChartBlobs
  /** The manifest's bytes and their digest. */
  manifest: Uint8Array
  digest: string
}

/** The blobs of a chart; its provenance where it came with one. */
export interface ChartBlobs {
  config: BlobSource
  chart: BlobSource
  provenance?: BlobSource
}

/** The blobs and the manifest of a chart that was taken in. */
export function publicationOf(stored: StoredChart): Publication {
  const { metadata, size, digest, provenance } = stored.file
  const config = blobOfBytes(helmConfig(metadata))
  const chart = blobOfFile({ path: stored.path, size, digest })
  const blobs: ChartBlobs = { config, chart }
  const layers = [descriptor(mediaTypes.helmChart, chart)]
  if (provenance !== undefined && stored.provenancePath !== undefined) {
    blobs.provenance = blobOfFile({ ...provenance, path: stored.provenancePath })
    layers.push(descriptor(mediaTypes.helmProvenance, blobs.provenance))
  }
  const manifest = helmManifest({
    metadata,
    config: descriptor(mediaTypes.helmConfig, config),
    layers,
    created: createdOf(stored),
  })
  return { blobs, manifest, digest: digestOf(manifest) }
}

/**
 * Where a chart goes below `path`, by helm's rule: the repository ends in the chart's name, the tag is its version.
 * Throws a FailureError of kind `reference-invalid` where a registry takes no such name.
 */
export function targetOf(
  path: string,
  { name, version }: { name: string; version: string },
): { repository: string; tag: string } {
  const repository = path === '' ? name : `${path}/${name}`
  const tag = tagOfVersion(version)
  if (!repositorySchema.safeParse(repository).success) {
    throw failureError(
      'reference-invalid',
      'input',
      `"${repository}" is no repository name: registries take lower-case letters, digits, ".", "_", "-" and "/".`,
      { next: ['check-name', 'repackage-chart'] },
    )
  }
  if (!tagSchema.safeParse(tag).success) {
    throw failureError('reference-invalid', 'input', `The version "${version}" is no tag.`, {
      next: ['repackage-chart'],
    })
  }
  return { repository, tag }
}

function descriptor(mediaType: string, { digest, size }: BlobSource): Descriptor {
  return { mediaType, digest, size }
}
