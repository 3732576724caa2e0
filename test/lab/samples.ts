import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { packTar } from 'modern-tar'
import type { Descriptor } from '../../shared/model/manifest.ts'
import { mediaTypes } from '../../shared/model/media-types.ts'

/** Content that is put together by hand, so that no client under test has a part in it. */
export interface Sample {
  /** Bytes by digest: blobs and manifests. */
  contents: Map<string, Uint8Array>
  root: Descriptor
}

export const tarLayer = 'application/vnd.oci.image.layer.v1.tar'
export const gzipLayer = 'application/vnd.oci.image.layer.v1.tar+gzip'

/** An image of `layers` small gzipped layers. */
export async function image(name: string, layers: number, architecture = 'amd64'): Promise<Sample> {
  const tars: Uint8Array[] = []
  for (let number = 0; number < layers; number += 1) {
    const body = Buffer.from(`layer ${number} of ${name} for ${architecture}\n`)
    const header = {
      name: `${name}-${number}.txt`,
      size: body.length,
      type: 'file' as const,
      mtime: new Date(0),
    }
    tars.push(await packTar([{ header, body }]))
  }
  return imageOf(
    tars.map((tar) => ({ mediaType: gzipLayer, bytes: gzipSync(tar), diffId: sha256(tar) })),
    architecture,
  )
}

/** A layout whose one layer is the file at `path`, which is moved into it. */
export async function layoutOfFile(
  directory: string,
  file: { path: string; size: number; digest: string; mediaType: string; diffId: string },
  tag: string,
): Promise<Descriptor> {
  const { path, size, digest, mediaType, diffId } = file
  const contents = new Map<string, Uint8Array>()
  const root = addImage(contents, [{ mediaType, digest, size }], [diffId], 'amd64')
  await writeLayout(directory, { contents, root }, tag)
  await rename(path, join(directory, 'blobs', 'sha256', hexOf(digest)))
  return root
}

/** An image of layers that are there; `diffId` is the digest of the tar within. */
export function imageOf(
  layers: readonly { mediaType: string; bytes: Uint8Array; diffId: string }[],
  architecture = 'amd64',
): Sample {
  const contents = new Map<string, Uint8Array>()
  const descriptors = layers.map(({ mediaType, bytes }) => add(contents, mediaType, bytes))
  const diffIds = layers.map(({ diffId }) => diffId)
  return { contents, root: addImage(contents, descriptors, diffIds, architecture) }
}

/** An index over two platforms. */
export async function index(name: string): Promise<Sample> {
  const contents = new Map<string, Uint8Array>()
  const manifests = []
  for (const architecture of ['amd64', 'arm64']) {
    const { root, contents: parts } = await image(name, 2, architecture)
    for (const [digest, bytes] of parts) contents.set(digest, bytes)
    manifests.push({ ...root, platform: { os: 'linux', architecture } })
  }
  const value = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }
  return { contents, root: add(contents, mediaTypes.ociIndex, value) }
}

/** Writes an OCI image layout (image-spec, image-layout.md) in which the root is called `tag`. */
export async function writeLayout(directory: string, { contents, root }: Sample, tag: string): Promise<void> {
  const blobs = join(directory, 'blobs', 'sha256')
  await mkdir(blobs, { recursive: true })
  for (const [digest, bytes] of contents) await writeFile(join(blobs, hexOf(digest)), bytes)
  const annotations = { 'org.opencontainers.image.ref.name': tag }
  const entry = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [{ ...root, annotations }] }
  await writeFile(join(directory, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  await writeFile(join(directory, 'index.json'), JSON.stringify(entry))
}

/**
 * What a layout holds: whether its index lists `root` (oras lists the parts of an index beside it), and the digests
 * its files really have.
 */
export async function readLayout(
  directory: string,
  root: Descriptor,
): Promise<{ listed: boolean; digests: string[] }> {
  const text = await readFile(join(directory, 'index.json'), 'utf8')
  const { manifests } = JSON.parse(text) as { manifests: Descriptor[] }
  const blobs = join(directory, 'blobs', 'sha256')
  const digests = []
  for (const file of await readdir(blobs)) digests.push(sha256(await readFile(join(blobs, file))))
  return { listed: manifests.some(({ digest }) => digest === root.digest), digests: digests.toSorted() }
}

/** What `readLayout` has to find of a sample. */
export function wholeLayout({ contents }: Sample): { listed: boolean; digests: string[] } {
  return { listed: true, digests: [...contents.keys()].toSorted() }
}

export function hexOf(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1)
}

export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

function addImage(
  contents: Map<string, Uint8Array>,
  layers: Descriptor[],
  diffIds: string[],
  architecture: string,
): Descriptor {
  const config = add(contents, mediaTypes.imageConfig, {
    architecture,
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: layers.map((_, number) => ({ created: '1970-01-01T00:00:00Z', created_by: `layer ${number}` })),
  })
  const manifest = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers }
  return add(contents, mediaTypes.ociManifest, manifest)
}

function add(contents: Map<string, Uint8Array>, mediaType: string, value: object): Descriptor {
  const bytes = value instanceof Uint8Array ? value : Buffer.from(JSON.stringify(value))
  const digest = sha256(bytes)
  contents.set(digest, bytes)
  return { mediaType, digest, size: bytes.length }
}
