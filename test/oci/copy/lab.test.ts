import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { EmbeddedRegistry } from '../../../electron/demo/registry.ts'
import { seed } from '../../../electron/demo/seed.ts'
import { failureIn } from '../../fakes/failure-in.ts'
import { type DockerRegistry, startDockerRegistry } from '../../lab/docker-registry.ts'
import { layoutFiles } from '../layout/archives.ts'
import { type Bench, createBench, fill, finished, layerType, sha256 } from './bench.ts'

/** distribution 2.8 twice: it has no referrers API and takes no manifest whose blobs it lacks. */
let bench: Bench
let source: EmbeddedRegistry
let one: DockerRegistry
let two: DockerRegistry

beforeAll(async () => {
  bench = await createBench()
  source = await bench.start('source')
  await seed(source.store)
  one = await startDockerRegistry()
  two = await startDockerRegistry()
  bench.know('one', one.url)
  bench.know('two', two.url)
})
afterAll(async () => {
  await one.stop()
  await two.stop()
  await bench.close()
})
beforeEach(() => {
  bench.requests.length = 0
})

interface Place {
  id: string
  repository: string
}

function copy(from: Place & { reference: string }, to: Place & { tag?: string }, referrers = false) {
  return finished(bench.transfers.copy({ from, to, referrers, mode: 'auto' }))
}

function importing(path: string, repository: string) {
  const to = { id: 'one', repository, tag: 'v1' }
  return finished(bench.transfers.importFrom({ path, to, referrers: false, mode: 'auto' }))
}

test.each([
  ['an index', 'images/checkout', 'latest'],
  ['an image', 'images/migrate', 'latest'],
  ['a chart', 'charts/ledger', '2.1.0_build.7'],
])('%s goes from registry to registry to registry with one digest', async (_, repository, reference) => {
  const first = await copy({ id: 'source', repository, reference }, { id: 'one', repository })
  const second = await copy({ id: 'one', repository, reference }, { id: 'two', repository })
  expect(second.result.digest).toBe(first.result.digest)
  const original = source.store.manifest(repository, reference)
  const arrived = await bench.client('two').getManifest(repository, reference, { fresh: true })
  expect(Buffer.from(arrived.bytes).equals(Buffer.from(original?.bytes ?? []))).toBe(true)
  expect(arrived).toMatchObject({ digest: original?.digest, mediaType: original?.mediaType })
  const again = await copy({ id: 'one', repository, reference }, { id: 'two', repository })
  expect(again.result).toMatchObject({ bytes: 0, manifests: { copied: 0 } })
})

test('referrers travel by fallback tags where there is no API for them', async () => {
  const { image } = fill(source, 'refs/app')
  const root = image('root', { tag: 'v1' })
  const signatures = [
    image('first signature', { subject: root }),
    image('second signature', { subject: root }),
  ]
  const counter = image('countersignature', { subject: signatures[0] ?? root })
  const at = (id: string) => ({ id, repository: 'refs/app' })
  await copy({ ...at('source'), reference: 'v1' }, at('one'), true)
  await copy({ ...at('one'), reference: 'v1' }, at('two'), true)
  const listed = await bench.client('two').referrers('refs/app', root.digest)
  expect(listed.from).toBe('tag')
  expect(listed.descriptors.map(({ digest }) => digest).toSorted()).toEqual(
    signatures.map(({ digest }) => digest).toSorted(),
  )
  const countered = await bench.client('two').referrers('refs/app', signatures[0]?.digest ?? '')
  expect(countered.descriptors.map(({ digest }) => digest)).toEqual([counter.digest])
})

test('inside one registry blobs are mounted', async () => {
  await copy(
    { id: 'source', repository: 'tools/loadgen', reference: '0.4.2' },
    { id: 'one', repository: 'm/from' },
  )
  bench.requests.length = 0
  const { result } = await copy(
    { id: 'one', repository: 'm/from', reference: '0.4.2' },
    { id: 'one', repository: 'm/to' },
  )
  expect(result).toMatchObject({ bytes: 0, blobs: { copied: 0, mounted: 4 } })
  expect(bench.requests.filter((request) => /^(?:PATCH|GET .*\/blobs\/)/.test(request))).toEqual([])
})

test('large layers travel side by side as streams', async () => {
  const { image, blob } = fill(source, 'big/app')
  const layers = Array.from({ length: 5 }, () => blob(layerType, randomBytes(8 * 1024 * 1024)))
  image('big', { tag: 'v1', layers })
  await copy({ id: 'source', repository: 'big/app', reference: 'v1' }, { id: 'one', repository: 'big/app' })
  const { result } = await copy(
    { id: 'one', repository: 'big/app', reference: 'v1' },
    { id: 'two', repository: 'big/app' },
  )
  expect(result.blobs.copied).toBe(6)
  for (const { digest, size } of layers) {
    expect(await bench.client('two').headBlob('big/app', digest)).toEqual({ size })
  }
})

test('distribution takes a manifest without the layer that may not be distributed', async () => {
  const { image } = fill(source, 'win/app')
  const absent = {
    mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
    digest: sha256(Buffer.from('elsewhere')),
    size: 9,
    urls: ['http://127.0.0.1:1/layer'],
  }
  image('windows', { tag: 'v1', layers: [absent] })
  const at = (id: string) => ({ id, repository: 'win/app' })
  const { events, result } = await copy({ ...at('source'), reference: 'v1' }, at('one'))
  expect(events).toContainEqual(expect.objectContaining({ digest: absent.digest, outcome: 'elsewhere' }))
  expect((await bench.client('one').headManifest('win/app', 'v1'))?.digest).toBe(result.digest)
})

test('what was exported from one registry is imported into the other with its digest', async () => {
  await copy(
    { id: 'source', repository: 'images/checkout', reference: '1.9.0' },
    { id: 'one', repository: 'x/app' },
  )
  for (const name of ['x.tar', 'x-folder']) {
    const path = join(bench.directory, name)
    const from = { id: 'one', repository: 'x/app', reference: '1.9.0' }
    const { result } = await finished(bench.transfers.exportTo({ from, path, referrers: false }))
    const to = { id: 'two', repository: `x/${name.replace('.', '-')}`, tag: '1.9.0' }
    const back = await finished(
      bench.transfers.importFrom({ path, to, referrers: false, mode: 'auto', name: '1.9.0' }),
    )
    expect(back.result.digest).toBe(result.digest)
    expect((await bench.client('two').headManifest(to.repository, '1.9.0'))?.digest).toBe(result.digest)
  }
})

async function folder(name: string, files: ReadonlyMap<string, Uint8Array>): Promise<string> {
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(bench.directory, name, path)), { recursive: true })
    await writeFile(join(bench.directory, name, path), bytes)
  }
  return join(bench.directory, name)
}

test.each(['gnu', 'pax', 'ustar'])('an archive by GNU tar in its %s format is read', async (format) => {
  const { files, manifest } = layoutFiles(Buffer.from(`by tar as ${format}`))
  const long = `${'long/'.repeat(20)}${'name-'.repeat(format === 'ustar' ? 15 : 40)}`
  const path = await folder(format, new Map([...files, [long, Buffer.from('x')]]))
  const tar = join(bench.directory, `${format}.tar`)
  await promisify(execFile)('tar', [`--format=${format}`, '-cf', tar, '-C', path, '.'])
  expect((await importing(tar, `tar/${format}`)).result.digest).toBe(manifest)
})

test('a folder’s links and pipes lead nowhere', async () => {
  const { files, layer } = layoutFiles(Buffer.from('outside'))
  const path = `blobs/${layer.replace(':', '/')}`
  const outside = join(bench.directory, 'outside')
  await writeFile(outside, files.get(path) ?? '')
  const directory = await folder('linked', files)
  await rm(join(directory, path))
  await symlink(outside, join(directory, path))
  expect(await failureIn(importing(directory, 'linked'))).toMatchObject({ kind: 'archive-invalid' })
  await rm(join(directory, path))
  await promisify(execFile)('mkfifo', [join(directory, path)])
  expect(await failureIn(importing(directory, 'linked'))).toMatchObject({ kind: 'archive-invalid' })
})
