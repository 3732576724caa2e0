import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { EmbeddedRegistry } from '../../../electron/demo/registry.ts'
import { seed } from '../../../electron/demo/seed.ts'
import { copyContent } from '../../../electron/oci/copy/copy.ts'
import { registrySource, registryTarget } from '../../../electron/oci/copy/registry-content.ts'
import { mediaTypes } from '../../../shared/model/media-types.ts'
import { failureIn } from '../../fakes/failure-in.ts'
import { type Bench, createBench, fill, finished, layerType, sha256 } from './bench.ts'

let bench: Bench
let source: EmbeddedRegistry
let target: EmbeddedRegistry

beforeAll(async () => {
  bench = await createBench()
  source = await bench.start('source')
  target = await bench.start('target')
  await seed(source.store)
})
afterAll(() => bench.close())
beforeEach(() => {
  bench.requests.length = 0
})

const usual = { referrers: false, mode: 'auto' } as const

function copy(
  repository: string,
  reference: string,
  to: { id?: string; repository: string; tag?: string },
  more: { referrers?: boolean } = {},
) {
  return bench.transfers.copy({
    from: { id: 'source', repository, reference },
    to: { id: 'target', ...to },
    ...usual,
    ...more,
  })
}

function writes(): string[] {
  return bench.requests.filter((request) => /^(?:POST|PUT|PATCH|DELETE) /.test(request))
}

test('copies an index with all its platforms byte for byte, and says what it will do and did', async () => {
  const { events, result } = await finished(copy('images/checkout', 'latest', { repository: 'a/index' }))
  const original = source.store.manifest('images/checkout', 'latest')
  expect(target.store.manifest('a/index', 'latest')).toEqual(original)
  expect(result).toMatchObject({
    digest: original?.digest,
    reference: `${new URL(target.url).host}/a/index:latest`,
    manifests: { copied: 3, skipped: 0 },
    blobs: { copied: 6, mounted: 0, skipped: 0 },
  })
  expect(events[0]).toEqual({ type: 'planned', manifests: 3, blobs: 6, bytes: result.bytes })
  expect(events.filter(({ type }) => type === 'blob')).toHaveLength(6)
  expect(events.filter(({ type }) => type === 'progress').at(-1)).toMatchObject({
    sent: result.bytes,
    total: result.bytes,
  })
  // the tag comes last
  expect(events.findLast(({ type }) => type === 'manifest')).toMatchObject({ digest: original?.digest })
})

test('what is there is not sent again: the second copy writes nothing', async () => {
  await finished(copy('images/checkout', '1.8.0', { repository: 'a/twice' }))
  bench.requests.length = 0
  const { result } = await finished(copy('images/checkout', '1.8.0', { repository: 'a/twice' }))
  expect(writes()).toEqual([])
  expect(result).toMatchObject({ bytes: 0, manifests: { copied: 0 }, blobs: { copied: 0, mounted: 0 } })
})

test('another tag of the same content costs one request that writes', async () => {
  await finished(copy('images/migrate', 'latest', { repository: 'a/retag' }))
  bench.requests.length = 0
  await finished(copy('images/migrate', 'latest', { repository: 'a/retag', tag: 'again' }))
  expect(writes()).toEqual([`PUT ${target.url}/v2/a/retag/manifests/again`])
})

test.each([
  ['a chart', 'charts/cart', '1.3.0'],
  ['a chart whose version has a plus', 'charts/ledger', '2.1.0_build.7'],
  ['an image', 'images/migrate', '2026.10'],
])('copies %s under its tag', async (_, repository, tag) => {
  await finished(copy(repository, tag, { repository: `b/${repository}` }))
  expect(target.store.manifest(`b/${repository}`, tag)).toEqual(source.store.manifest(repository, tag))
})

test('what is copied by digest is there by digest and gets no tag, unless one is given', async () => {
  const digest = source.store.manifest('images/migrate', 'latest')?.digest ?? ''
  const { result } = await finished(copy('images/migrate', digest, { repository: 'a/digest' }))
  expect(result.reference).toBe(`${new URL(target.url).host}/a/digest@${digest}`)
  expect(target.store.tags('a/digest')).toEqual([])
  expect(target.store.manifest('a/digest', digest)?.digest).toBe(digest)
  await finished(copy('images/migrate', digest, { repository: 'a/digest', tag: 'v1' }))
  expect(target.store.manifest('a/digest', 'v1')?.digest).toBe(digest)
})

test('inside one registry blobs are mounted and no byte travels', async () => {
  const inside = { id: 'source', repository: 'mounted/checkout' }
  const { result } = await finished(copy('images/checkout', 'latest', inside))
  expect(result).toMatchObject({ bytes: 0, blobs: { copied: 0, mounted: 6, skipped: 0 } })
  expect(source.store.manifest('mounted/checkout', 'latest')?.digest).toBe(result.digest)
  expect(bench.requests.filter((request) => /^(?:PATCH|GET .*\/blobs\/)/.test(request))).toEqual([])
})

test('referrers come along when they are asked for, those of platforms and of referrers too', async () => {
  const { image, index } = fill(source, 'refs/app')
  const amd64 = image('amd64')
  const root = index([amd64, image('arm64')], 'v1')
  const sbom = image('sbom', { subject: amd64 })
  const signature = image('signature', { subject: root })
  const countersignature = image('countersignature', { subject: signature })
  const all = [sbom, signature, countersignature].map(({ digest }) => digest)
  const there = (repository: string) => all.filter((digest) => target.store.manifest(repository, digest))

  await finished(copy('refs/app', 'v1', { repository: 'c/without' }))
  expect(there('c/without')).toEqual([])
  const { result } = await finished(copy('refs/app', 'v1', { repository: 'c/with' }, { referrers: true }))
  expect(there('c/with')).toEqual(all)
  expect(result.manifests).toEqual({ copied: 6, skipped: 0 })
  expect(target.store.referrers('c/with', amd64.digest).map(({ digest }) => digest)).toEqual([sbom.digest])
  // who refers is not followed back to what it refers to
  const alone = await finished(copy('refs/app', sbom.digest, { repository: 'c/alone' }))
  expect(alone.result.manifests.copied).toBe(1)
})

test('referrers that came later are added to a copy that is there', async () => {
  const { image } = fill(source, 'refs/late')
  const root = image('late', { tag: 'v1' })
  await finished(copy('refs/late', 'v1', { repository: 'c/late' }, { referrers: true }))
  const sbom = image('late sbom', { subject: root })
  const { result } = await finished(copy('refs/late', 'v1', { repository: 'c/late' }, { referrers: true }))
  expect(result.manifests).toEqual({ copied: 1, skipped: 1 })
  expect(target.store.manifest('c/late', sbom.digest)?.digest).toBe(sbom.digest)
})

test('content of an index that is no manifest is copied as a blob, as build caches have it', async () => {
  const { blob, index } = fill(source, 'odd/cache')
  const entries = [
    blob('application/vnd.buildkit.cacheconfig.v0', '{}'),
    blob(layerType, 'a cached layer'),
    blob(layerType, randomBytes(5 * 1024 * 1024)),
  ]
  index(entries, 'cache')
  const { result } = await finished(copy('odd/cache', 'cache', { repository: 'odd/cache' }))
  expect(result).toMatchObject({ manifests: { copied: 1 }, blobs: { copied: 3 } })
  for (const { digest } of entries) expect(target.store.blob('odd/cache', digest)).toBeDefined()
  // a layout does not tell manifests from blobs by where they lie
  const path = join(bench.directory, 'cache.tar')
  const from = { id: 'source', repository: 'odd/cache', reference: 'cache' }
  await finished(bench.transfers.exportTo({ from, path, referrers: false }))
  const to = { id: 'target', repository: 'odd/back', tag: 'cache' }
  const back = await finished(bench.transfers.importFrom({ path, to, referrers: false, mode: 'auto' }))
  expect(back.result).toMatchObject({ manifests: { copied: 1 }, blobs: { copied: 3 } })
})

test('unknown media types and fields are kept as they are', async () => {
  const { blob, manifest } = fill(source, 'odd/artifact')
  const content = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    artifactType: 'application/vnd.example.thing',
    config: { ...blob('application/vnd.oci.empty.v1+json', '{}'), data: 'e30=' },
    layers: [blob('application/x-unheard-of', 'something')],
    'x-field': { nested: [1, 2, 3] },
  }
  const { digest } = manifest(mediaTypes.ociManifest, content, 'v1')
  await finished(copy('odd/artifact', 'v1', { repository: 'odd/artifact' }))
  expect(target.store.manifest('odd/artifact', 'v1')).toMatchObject({
    digest,
    mediaType: mediaTypes.ociManifest,
  })
})

test('a layer that may not be distributed stays where its urls say, and is not asked for by them', async () => {
  const registry = await bench.start('foreign')
  const { image, blob } = fill(registry, 'win/app')
  const absent = {
    mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
    digest: sha256(Buffer.from('elsewhere')),
    size: 9,
    urls: ['http://127.0.0.1:1/layer'],
  }
  const present = { ...blob(layerType, 'kept here after all'), urls: ['http://127.0.0.1:1/other'] }
  image('windows', { tag: 'v1', layers: [absent, present] })
  const from = { id: 'foreign', repository: 'win/app', reference: 'v1' }
  const to = { id: 'target', repository: 'win/app' }
  const { events, result } = await finished(bench.transfers.copy({ from, to, ...usual }))
  expect(events).toContainEqual(expect.objectContaining({ digest: absent.digest, outcome: 'elsewhere' }))
  expect(events).toContainEqual(expect.objectContaining({ digest: present.digest, outcome: 'copied' }))
  expect(result.blobs).toEqual({ copied: 2, mounted: 0, skipped: 0 })
  expect(target.store.manifest('win/app', 'v1')?.digest).toBe(result.digest)
  expect(bench.requests.some((request) => request.includes('127.0.0.1:1/'))).toBe(false)
})

test('layers are streamed: none is ever asked for as a whole', async () => {
  const { image, blob } = fill(source, 'big/app')
  const layers = [0, 1, 2, 3].map(() => blob(layerType, randomBytes(3 * 1024 * 1024)))
  image('big', { tag: 'v1', layers })
  const abort = new AbortController()
  const { signal } = abort
  const from = registrySource({ client: bench.client('source'), repository: 'big/app', signal })
  const read: number[] = []
  const counts = await copyContent({
    source: {
      ...from,
      blob: (content) => {
        const blob = from.blob(content)
        return {
          ...blob,
          read: () => {
            read.push(content.size)
            return blob.read()
          },
        }
      },
    },
    target: registryTarget(
      { client: bench.client('target'), repository: 'big/app', signal },
      { mode: 'auto' },
    ),
    reference: 'v1',
    as: 'v1',
    referrers: false,
    clock: Date,
    abort,
    onEvent: () => undefined,
  })
  expect(counts.blobs.copied).toBe(5)
  expect(Math.max(0, ...read)).toBeLessThan(1024)
  expect(target.store.manifest('big/app', 'v1')?.digest).toBe(counts.digest)
})

test('a mode that is chosen is used', async () => {
  const { image } = fill(source, 'mode/app')
  image('chosen', { tag: 'v1' })
  const transfer = bench.transfers.copy({
    from: { id: 'source', repository: 'mode/app', reference: 'v1' },
    to: { id: 'target', repository: 'mode/app' },
    referrers: false,
    mode: 'streamed',
  })
  await finished(transfer)
  expect(bench.requests.filter((request) => request.startsWith('PATCH'))).toHaveLength(2)
})

test('a source that lacks what it lists, a target that is gone: the failure names side and host', async () => {
  const { image, index } = fill(source, 'broken/app')
  const lost = { ...image('lost'), digest: sha256(Buffer.from('lost')) }
  index([lost], 'index')
  const missing = await failureIn(finished(copy('broken/app', 'index', { repository: 'broken/app' })))
  expect(missing).toMatchObject({ kind: 'not-found', side: 'source' })
  expect(missing.message).toContain(new URL(source.url).host)

  const unknown = await failureIn(finished(copy('broken/app', 'nope', { repository: 'broken/app' })))
  expect(unknown).toMatchObject({ kind: 'not-found', side: 'source', host: new URL(source.url).host })

  bench.know('gone', 'http://127.0.0.1:1')
  const gone = await failureIn(
    finished(copy('images/migrate', 'latest', { id: 'gone', repository: 'broken/app' })),
  )
  expect(gone).toMatchObject({ kind: 'refused', side: 'target', host: '127.0.0.1:1' })
})

test('a source whose blob is not what its digest says fails on the source side and leaves no tag', async () => {
  const registry = await bench.start('lying')
  const { image } = fill(registry, 'lying/app')
  const layer = { mediaType: layerType, digest: sha256(Buffer.from('expected')), size: 8 }
  registry.store.addBlob('lying/app', layer.digest, Buffer.from('whatever'))
  image('lying', { tag: 'v1', layers: [layer] })
  const transfer = bench.transfers.copy({
    from: { id: 'lying', repository: 'lying/app', reference: 'v1' },
    to: { id: 'target', repository: 'lying/app' },
    ...usual,
  })
  expect(await failureIn(finished(transfer))).toMatchObject({ kind: 'digest-mismatch', side: 'source' })
  expect(target.store.tags('lying/app')).toEqual([])
  expect(target.store.blob('lying/app', layer.digest)).toBeUndefined()
})

test.each(['closing the events', 'aborting the call'])(
  '%s cancels at once and leaves no tag',
  async (how) => {
    const { image, blob } = fill(source, 'cancel/app')
    image('cancel', { tag: 'v1', layers: [blob(layerType, randomBytes(8 * 1024 * 1024))] })
    const aborted = new AbortController()
    const repository = `cancel/${how === 'aborting the call' ? 'abort' : 'close'}`
    const transfer = bench.transfers.copy(
      {
        from: { id: 'source', repository: 'cancel/app', reference: 'v1' },
        to: { id: 'target', repository },
        ...usual,
      },
      aborted.signal,
    )
    for (let step = await transfer.next(); step.done !== true; step = await transfer.next()) {
      if (step.value.type === 'progress') break
    }
    if (how === 'aborting the call') {
      aborted.abort()
      expect(await failureIn(finished(transfer))).toMatchObject({ kind: 'cancelled' })
    } else {
      await transfer.return(undefined as never)
      expect(await transfer.next()).toEqual({ done: true, value: undefined })
    }
    expect(target.store.tags(repository)).toEqual([])
    expect(bench.transfers.running()).toBe(0)
  },
)
