import { gzipSync } from 'node:zlib'
import type { TarHeader } from 'modern-tar'
import { mediaTypes } from '../../../shared/model/media-types.ts'
import { type Entry, tarOf } from '../../fakes/charts.ts'
import { layerType, sha256 } from '../copy/bench.ts'

const layout = JSON.stringify({ imageLayoutVersion: '1.0.0' })

/** Files of an OCI image layout with one image of one layer, named `v1`. */
export function layoutFiles(layer = Buffer.from('a layer')): {
  files: Map<string, Buffer>
  manifest: string
  layer: string
} {
  const files = new Map<string, Buffer>()
  const add = (mediaType: string, bytes: Buffer) => {
    files.set(`blobs/${sha256(bytes).replace(':', '/')}`, bytes)
    return { mediaType, digest: sha256(bytes), size: bytes.length }
  }
  const layerDescriptor = add(layerType, layer)
  const manifest = add(
    mediaTypes.ociManifest,
    Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: mediaTypes.ociManifest,
        config: add(mediaTypes.imageConfig, Buffer.from('{}')),
        layers: [layerDescriptor],
      }),
    ),
  )
  const annotations = { 'org.opencontainers.image.ref.name': 'v1' }
  files.set('oci-layout', Buffer.from(layout))
  files.set(
    'index.json',
    Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [{ ...manifest, annotations }] })),
  )
  return { files, manifest: manifest.digest, layer: layerDescriptor.digest }
}

/** The same files as a tar. */
export async function tarOfFiles(files: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array> {
  return tarOf([...files].map(([name, body]) => ({ name, body })))
}

/** An image as `docker save` writes it up to docker 24: folders a layer, a layer that repeats as a link. */
export async function dockerArchive(options: { tag?: string; gzip?: boolean; lie?: boolean } = {}): Promise<{
  entries: Entry[]
  diffIds: string[]
}> {
  const layers = await Promise.all(
    ['first', 'second'].map(async (name) => Buffer.from(await tarOf([{ name, body: name.repeat(100) }]))),
  )
  const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = layers
  const diffIds = [first, second, first].map((layer) => sha256(layer))
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: options.lie === true ? diffIds.toReversed() : diffIds },
    }),
  )
  const configName = `${sha256(config).slice('sha256:'.length)}.json`
  const kept = (layer: Buffer) => (options.gzip === true ? gzipSync(layer) : layer)
  const link: Partial<TarHeader> = { type: 'symlink', linkname: '../one/layer.tar', size: 0 }
  const manifest = [
    {
      Config: configName,
      RepoTags: [options.tag ?? 'shop/cart:1.0.0'],
      Layers: ['one/layer.tar', 'two/layer.tar', 'three/layer.tar'],
    },
  ]
  const wrong = options.lie === true ? Buffer.from('another tar') : second
  return {
    diffIds,
    entries: [
      { name: 'one/', type: 'directory', size: 0 },
      { name: 'one/VERSION', body: '1.0' },
      { name: 'one/layer.tar', body: kept(first) },
      { name: 'two/layer.tar', body: kept(wrong) },
      { name: 'three/layer.tar', ...link },
      { name: configName, body: config },
      { name: 'manifest.json', body: JSON.stringify(manifest) },
      { name: 'repositories', body: '{}' },
    ],
  }
}
