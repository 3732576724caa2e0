import { z } from 'zod'
import type { AgentProfile } from './agent-profiles.ts'
import type { Store } from './store.ts'

/** What a node pulled by an older meaning of a tag, and did not pull again: repository and tag to the older tag. */
const stale: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'fra-b-02': { 'images/checkout:latest': '1.8.1' },
}
/** Its last layer is on no node: whoever pulls it asks the upstream. */
const halfWay = 'images/migrate'

const indexSchema = z.object({
  manifests: z.array(
    z.object({ digest: z.string(), platform: z.object({ architecture: z.string() }).loose() }),
  ),
})
const manifestSchema = z.object({
  config: z.object({ digest: z.string() }),
  layers: z.array(z.object({ digest: z.string() })),
})

/** Bytes of the demo registry's images that a simulated node holds itself. */
export interface Held {
  mediaType: string
  digest: string
  bytes: Uint8Array
}

/** The manifest a node holds under a tag or digest; undefined where it lacks it. */
export function heldManifest(
  store: Store,
  node: AgentProfile,
  repository: string,
  reference: string,
): Held | undefined {
  const older = stale[node.name]?.[`${repository}:${reference}`]
  const manifest = store.manifest(repository, older ?? reference)
  if (manifest === undefined || !holdings(store, node, repository).has(manifest.digest)) return undefined
  return manifest
}

/** Likewise a config or a layer. */
export function heldBlob(
  store: Store,
  node: AgentProfile,
  repository: string,
  digest: string,
): Held | undefined {
  const bytes = store.blob(repository, digest)
  if (bytes === undefined || !holdings(store, node, repository).has(digest)) return undefined
  return { mediaType: 'application/octet-stream', digest, bytes }
}

/** Digests of a repository's images that the node holds: the first parts of each, as many as its share says. */
function holdings(store: Store, { holds }: AgentProfile, repository: string): Set<string> {
  const held = new Set<string>()
  for (const tag of store.tags(repository)) {
    const parts = partsOf(store, repository, tag)
    const all = repository === halfWay ? parts.slice(0, -1) : parts
    for (const digest of all.slice(0, Math.ceil(all.length * holds))) held.add(digest)
  }
  return held
}

/** What a node of amd64 pulls for a tag, in the order it pulls it. */
function partsOf(store: Store, repository: string, reference: string): string[] {
  const manifest = store.manifest(repository, reference)
  if (manifest === undefined) return []
  const json: unknown = JSON.parse(Buffer.from(manifest.bytes).toString('utf8'))
  const index = indexSchema.safeParse(json).data
  if (index !== undefined) {
    const own = index.manifests.find(({ platform }) => platform.architecture === 'amd64')
    return [manifest.digest, ...(own === undefined ? [] : partsOf(store, repository, own.digest))]
  }
  const image = manifestSchema.safeParse(json).data
  if (image === undefined) return [manifest.digest]
  return [manifest.digest, image.config.digest, ...image.layers.map(({ digest }) => digest)]
}
