import type { Descriptor } from '../../shared/model/manifest.ts'
import type { ContentPart } from './cluster.ts'
import type { Sample } from './samples.ts'

/**
 * What `ctr images pull` of containerd 2.2 asks for, each once, on a node that holds nothing of it: HEAD of the tag,
 * then GET of every manifest with its config, of an index those of all platforms, and of the layers of this machine's
 * platform. So the mirror counts as many requests as this is long; of what the node holds already it asks for none,
 * but for the tag.
 */
export function partsOf({ contents, root }: Sample, tag: string): ContentPart[] {
  const read = (digest: string) =>
    JSON.parse(Buffer.from(contents.get(digest) ?? '').toString()) as {
      manifests?: (Descriptor & { platform: { architecture: string } })[]
      config: Descriptor
      layers: Descriptor[]
    }
  const { manifests } = read(root.digest)
  const images = (manifests ?? [root]).map(({ digest }) => ({ digest, ...read(digest) }))
  const ours = manifests?.findIndex(({ platform }) => platform.architecture === architecture) ?? 0
  return [
    { kind: 'manifests', name: tag },
    ...(manifests === undefined ? [] : [{ kind: 'manifests' as const, name: root.digest }]),
    ...images.flatMap(({ digest, config }): ContentPart[] => [
      { kind: 'manifests', name: digest },
      { kind: 'blobs', name: config.digest },
    ]),
    ...(images[ours]?.layers ?? []).map((layer): ContentPart => ({ kind: 'blobs', name: layer.digest })),
  ]
}

const architecture = process.arch === 'x64' ? 'amd64' : process.arch
