import { failureError } from '../../../shared/model/local-failure.ts'
import {
  type Descriptor,
  type ImageIndex,
  imageIndexSchema,
  imageManifestSchema,
} from '../../../shared/model/manifest.ts'
import type { Content } from '../copy/content.ts'
import { manifestBytes, type StoredManifest } from '../manifests.ts'
import { jsonOf } from '../refusal.ts'
import { blobPath, dockerManifestSchema, layoutPaths } from './layout-format.ts'
import { readStored, type StoredFiles } from './stored-files.ts'

/** Where a layout is read from. */
interface Layout {
  files: StoredFiles
  name: string
  manifest: (content: Content) => Promise<StoredManifest | undefined>
}

/** The manifests an index lists; none for anything that is no index. */
export function childrenOf(manifest: StoredManifest | undefined): ImageIndex['manifests'] {
  return imageIndexSchema.safeParse(jsonOf(manifest?.bytes ?? new Uint8Array())).data?.manifests ?? []
}

/**
 * docker with containerd's image store saves an index as it is, with only those platforms it has pulled (containerd,
 * core/images/archive, WithSkipMissing), and says in manifest.json which those are. No registry takes such an index
 * without the rest, so what is there stands for it: the one platform, as `docker push` has it. Of several the user
 * has to name one. An index that is whole, or a layout that docker did not save, is returned as it is.
 */
export async function wholePart(layout: Layout, root: StoredManifest): Promise<StoredManifest> {
  const { files, name } = layout
  const listed = [...new Map(childrenOf(root).map((each) => [each.digest, each])).values()]
  if (listed.length === 0 || (await files.size(layoutPaths.dockerManifest)) === undefined) return root
  const whole: Array<{ descriptor: Descriptor; manifest: StoredManifest; config: string | undefined }> = []
  for (const descriptor of listed) {
    const found = await readWhole(layout, descriptor)
    if (found !== undefined) whole.push({ descriptor, ...found })
  }
  if (whole.length === listed.length) return root
  const saved = await savedConfigs(files)
  const images = whole.filter(({ config }) => config !== undefined && saved.has(config))
  const [only] = images
  if (only !== undefined && images.length === 1) return only.manifest
  const offered = images.map(({ descriptor }) => descriptor.digest).slice(0, 20)
  throw failureError(
    images.length === 0 ? 'not-found' : 'input-invalid',
    'input',
    `${name} holds ${images.length} of the ${listed.length} images its index lists: name one. ${offered.join(', ')}`.trim(),
    { next: ['check-name', 'choose-another-file'] },
  )
}

/** A manifest with everything it names, and the path of its config; undefined where something is missing. */
async function readWhole(
  { files, manifest }: Layout,
  descriptor: Descriptor,
): Promise<{ manifest: StoredManifest; config: string | undefined } | undefined> {
  const found = await manifest(descriptor)
  if (found === undefined) return undefined
  const image = imageManifestSchema.safeParse(jsonOf(found.bytes)).data
  for (const { digest } of image === undefined ? childrenOf(found) : [image.config, ...image.layers]) {
    if ((await files.size(blobPath(digest))) === undefined) return undefined
  }
  return { manifest: found, config: image === undefined ? undefined : blobPath(image.config.digest) }
}

async function savedConfigs(files: StoredFiles): Promise<ReadonlySet<string>> {
  const bytes = await readStored(files, layoutPaths.dockerManifest, manifestBytes)
  const saved = dockerManifestSchema.safeParse(jsonOf(bytes ?? new Uint8Array())).data ?? []
  return new Set(saved.map(({ Config }) => Config))
}
