import { expect, test } from 'vitest'
import type { ContentSource } from '../../../electron/oci/copy/content.ts'
import { type GraphLimits, walkGraph } from '../../../electron/oci/copy/graph.ts'
import type { StoredManifest } from '../../../electron/oci/manifests.ts'
import { mediaTypes } from '../../../shared/model/media-types.ts'
import { failureIn } from '../../fakes/failure-in.ts'
import { type Descriptor, layerType, sha256 } from './bench.ts'

/** A source in memory. */
function createSource() {
  const manifests = new Map<string, StoredManifest>()
  const referrers = new Map<string, Descriptor[]>()
  const add = (content: object, mediaType: string = mediaTypes.ociIndex): StoredManifest & Descriptor => {
    const bytes = Buffer.from(JSON.stringify(content))
    const manifest = { digest: sha256(bytes), mediaType, bytes, size: bytes.length }
    manifests.set(manifest.digest, manifest)
    return manifest
  }
  const source: ContentSource = {
    name: 'memory',
    resolve: () => Promise.reject(new Error('nobody resolves')),
    manifest: async ({ digest }) => manifests.get(digest),
    hasBlob: async () => false,
    blob: () => {
      throw new Error('nobody reads')
    },
    referrers: async (digest) => referrers.get(digest) ?? [],
  }
  return { source, add, referrers }
}

const plain = ({ mediaType, digest, size }: Descriptor): Descriptor => ({ mediaType, digest, size })
const layer = (content: string): Descriptor => ({
  mediaType: layerType,
  digest: sha256(Buffer.from(content)),
  size: content.length,
})
const index = (...manifests: Descriptor[]) => ({ schemaVersion: 2, manifests: manifests.map(plain) })
const image = (...layers: Descriptor[]) => ({ schemaVersion: 2, config: layer('{}'), layers })
const generous: GraphLimits = { depth: 100, manifests: 100, blobs: 100, bytes: 1_000_000 }

test('content that many name is walked once, children come before parents and the root last', async () => {
  const { source, add } = createSource()
  const shared = add(image(layer('a'), layer('b')), mediaTypes.ociManifest)
  const left = add(index(shared, add(image(layer('b'), layer('c')), mediaTypes.ociManifest)))
  const root = add(index(left, shared, add({ ...index(left, shared), annotations: { side: 'right' } })))
  const { nodes } = await walkGraph(source, root, { referrers: false })
  expect(nodes.map(({ role }) => role)).toEqual(['child', 'child', 'child', 'child', 'root'])
  expect(nodes[0]?.manifest.digest).toBe(shared.digest)
  expect(nodes.flatMap(({ blobs }) => blobs.map(({ digest }) => digest))).toEqual(
    ['{}', 'a', 'b', 'c'].map((content) => layer(content).digest),
  )
  expect(new Set(nodes.map(({ manifest }) => manifest.digest)).size).toBe(5)
})

test('a referrer that names its subject among its own content does not walk in a circle', async () => {
  const { source, add, referrers } = createSource()
  const root = add(image(layer('a')), mediaTypes.ociManifest)
  const referrer = add({ ...index(root), subject: plain(root) })
  referrers.set(root.digest, [referrer])
  referrers.set(referrer.digest, [root, referrer])
  const { nodes } = await walkGraph(source, root, { referrers: true })
  expect(nodes.map(({ role }) => role)).toEqual(['referrer', 'root'])
})

test.each<[string, Partial<GraphLimits>, string]>([
  ['too deep', { depth: 3 }, 'levels of manifests'],
  ['too many manifests', { manifests: 3 }, 'more than 3 manifests'],
  ['too many blobs', { blobs: 1 }, 'more than 1 blobs'],
  ['too many bytes of manifests', { bytes: 100 }, 'bytes of manifests'],
])('what is %s is refused with the limit', async (_, limit, words) => {
  const { source, add } = createSource()
  let root = add(image(layer('a')), mediaTypes.ociManifest)
  for (let level = 0; level < 6; level += 1) root = add({ ...index(root), annotations: { level } })
  const walk = walkGraph(source, root, { referrers: false, limits: { ...generous, ...limit } })
  const failure = await failureIn(walk)
  expect(failure.kind).toBe('answer-invalid')
  expect(failure.message).toContain(words)
  expect(failure.evidence).toContainEqual({ fact: 'limit', value: String(Object.values(limit)[0]) })
})

test('a manifest that an index lists and the source lacks is named', async () => {
  const { source, add } = createSource()
  const lost = { mediaType: mediaTypes.ociManifest, digest: sha256(Buffer.from('lost')), size: 4 }
  const failure = await failureIn(walkGraph(source, add(index(lost)), { referrers: false }))
  expect(failure).toMatchObject({ kind: 'not-found', evidence: [{ fact: 'expected', value: lost.digest }] })
})

test.each<[string, object]>([
  ['names a layer by no digest', { ...image(), layers: [{ ...layer('a'), digest: 'sha256:../../x' }] }],
  ['is a list', []],
])('a manifest that %s is refused, and is not copied without what it names', async (_, content) => {
  const { source, add } = createSource()
  const failure = await failureIn(walkGraph(source, add(content), { referrers: false }))
  expect(failure).toMatchObject({ kind: 'answer-invalid', phase: 'manifest' })
})

test.each([
  ['its own', { ...image(), mediaType: mediaTypes.dockerManifest }, 'text/plain', mediaTypes.dockerManifest],
  ['the one it was served as', image(), mediaTypes.ociManifest, mediaTypes.ociManifest],
  ['what an image looks like', image(), 'application/json', mediaTypes.ociManifest],
  ['what an index looks like', index(), '', mediaTypes.ociIndex],
])('the type of a manifest is %s', async (_, content, served, expected) => {
  const { source, add } = createSource()
  const { nodes } = await walkGraph(source, add(content, served), { referrers: false })
  expect(nodes[0]?.manifest.mediaType).toBe(expected)
})
