import { createHash } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { z } from 'zod'
import { mediaTypes } from '../../../shared/model/media-types.ts'
import { digestSchema } from '../../../shared/model/reference.ts'
import type { Content, ContentSource } from '../copy/content.ts'
import { digestOf } from '../digest.ts'
import { manifestBytes, type StoredManifest } from '../manifests.ts'
import { jsonOf } from '../refusal.ts'
import { archiveInvalid, archiveTooLarge } from './archive-failure.ts'
import { contentMismatch } from './checked.ts'
import { dockerManifestSchema, layoutPaths } from './layout-format.ts'
import { notOne, storedBlob } from './layout-source.ts'
import { readStored, type StoredFiles } from './stored-files.ts'

const layerType = 'application/vnd.oci.image.layer.v1.tar'
const gzipMagic = [0x1f, 0x8b]

/** What is read of a docker image's config: the digests of its layers as plain tars (image-spec, config.md). */
const configSchema = z.object({ rootfs: z.object({ diff_ids: z.array(digestSchema) }) })

interface Image {
  manifest: StoredManifest
  /** Digest to the file it lies in. */
  files: Map<string, { path: string; content: Content }>
}

/**
 * The images of a `docker save` archive without an OCI layout inside (docker up to 24, podman, skopeo). It has no
 * manifest in a registry's sense, so one is made: an OCI manifest with config and layers byte for byte as they lie
 * in the archive, plain tars as plain tars. That is what docker 25 and newer write themselves, it needs no
 * compressor whose output differs from machine to machine, and so the same archive always gets the same digest.
 * Each layer is compared with the diff_id the config names; `maxUnpacked` bounds a gzipped one, in bytes.
 */
export async function dockerArchiveSource(
  files: StoredFiles,
  options: { name: string; maxUnpacked: number; signal?: AbortSignal | undefined },
): Promise<ContentSource> {
  const { name } = options
  const listed = dockerManifestSchema.safeParse(
    jsonOf((await readStored(files, layoutPaths.dockerManifest, manifestBytes)) ?? new Uint8Array()),
  ).data
  if (listed === undefined)
    throw archiveInvalid('it is not what docker save writes', layoutPaths.dockerManifest)
  let image: Image | undefined

  return {
    name,
    resolve: async (reference) => {
      const chosen =
        reference === undefined ? listed : listed.filter(({ RepoTags }) => RepoTags?.includes(reference))
      const [only] = chosen
      if (only === undefined || chosen.length > 1) {
        throw notOne(
          name,
          reference,
          chosen.length,
          listed.flatMap(({ RepoTags }) => RepoTags ?? []),
        )
      }
      image = await readImage(files, only, options)
      return image.manifest
    },
    manifest: async ({ digest }) => (image?.manifest.digest === digest ? image.manifest : undefined),
    hasBlob: async ({ digest }) => image?.files.has(digest) ?? false,
    blob: ({ digest }) => {
      const found = image?.files.get(digest)
      if (found === undefined) throw archiveInvalid('it is not in the archive', digest)
      return storedBlob(files, { ...found, name })
    },
    referrers: async () => [],
  }
}

async function readImage(
  files: StoredFiles,
  { Config, Layers }: z.infer<typeof dockerManifestSchema>[number],
  options: { name: string; maxUnpacked: number; signal?: AbortSignal | undefined },
): Promise<Image> {
  const config = await readStored(files, Config, manifestBytes)
  if (config === undefined) throw archiveInvalid('it is not in the archive', Config)
  const diffIds = configSchema.safeParse(jsonOf(config)).data?.rootfs.diff_ids
  if (diffIds?.length !== Layers.length) {
    throw archiveInvalid('it does not name the layers of the image', Config)
  }
  const parts: Array<{ path: string; content: Content }> = [
    {
      path: Config,
      content: { mediaType: mediaTypes.imageConfig, digest: digestOf(config), size: config.length },
    },
  ]
  for (const [index, path] of Layers.entries()) {
    parts.push({ path, content: await readLayer(files, { path, diffId: diffIds[index] ?? '' }, options) })
  }
  const [own, ...layers] = parts.map(({ content }) => content)
  const bytes = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociManifest, config: own, layers }),
  )
  return {
    manifest: { digest: digestOf(bytes), mediaType: mediaTypes.ociManifest, bytes },
    files: new Map(parts.map((part) => [part.content.digest, part])),
  }
}

/** Hashes a layer as it lies there and, where it is gzipped, the tar inside; the tar must be what the config names. */
async function readLayer(
  files: StoredFiles,
  { path, diffId }: { path: string; diffId: string },
  { name, maxUnpacked, signal }: { name: string; maxUnpacked: number; signal?: AbortSignal | undefined },
): Promise<Content> {
  const size = await files.size(path)
  if (size === undefined) throw archiveInvalid('it is not in the archive', path)
  const gzipped = await isGzip(files, path)
  const raw = createHash('sha256')
  const algorithm = diffId.slice(0, diffId.indexOf(':'))
  const inner = createHash(algorithm)
  let unpacked = 0
  const hashRaw = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      raw.update(chunk)
      yield chunk
    }
  }
  const hashInner = async (chunks: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const chunk of chunks) {
      unpacked += chunk.length
      if (unpacked > maxUnpacked) throw archiveTooLarge('It unpacks to too much', maxUnpacked, path)
      inner.update(chunk)
    }
  }
  const options = signal === undefined ? {} : { signal }
  try {
    if (gzipped) await pipeline(files.stream(path), hashRaw, createGunzip(), hashInner, options)
    else await pipeline(files.stream(path), hashRaw, hashInner, options)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code?.startsWith('Z_') === true) throw archiveInvalid('its gzip data is invalid', path)
    throw error
  }
  const actual = `${algorithm}:${inner.digest('hex')}`
  if (actual !== diffId) throw contentMismatch(name, diffId, actual)
  return {
    mediaType: gzipped ? `${layerType}+gzip` : layerType,
    digest: `sha256:${raw.digest('hex')}`,
    size,
  }
}

async function isGzip(files: StoredFiles, path: string): Promise<boolean> {
  const stream: Readable = files.stream(path)
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    return gzipMagic.every((byte, index) => chunk[index] === byte)
  }
  return false
}
