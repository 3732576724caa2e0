import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { unpackTar } from 'modern-tar'
import { afterEach, expect, test } from 'vitest'
import { createDemo } from '../../electron/demo/demo.ts'
import { startEmbeddedRegistry } from '../../electron/demo/registry.ts'
import { seed } from '../../electron/demo/seed.ts'
import { createStore } from '../../electron/demo/store.ts'
import { imageIndexSchema, imageManifestSchema } from '../../shared/model/manifest.ts'
import { mediaTypes } from '../../shared/model/media-types.ts'

const clock = { now: () => Date.UTC(2026, 10, 22) }
const demo = createDemo({ clock })
afterEach(() => demo.stop())

const sha256 = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
const bytesOf = async (url: string) => new Uint8Array(await (await fetch(url)).arrayBuffer())

test('starts once however often it is asked, and is gone when it is stopped', async () => {
  expect(demo.state()).toBeUndefined()
  const [first, second] = await Promise.all([demo.start(), demo.start()])
  expect(second).toEqual(first)
  expect(await demo.start()).toEqual(first)
  expect(demo.state()).toEqual(first)
  expect(first.agents).toHaveLength(18)
  await Promise.all([demo.stop(), demo.stop()])
  expect(demo.state()).toBeUndefined()
  await expect(fetch(`${first.registryUrl}/v2/`)).rejects.toThrow()
  const again = await demo.start()
  expect((await fetch(`${again.registryUrl}/v2/`)).status).toBe(200)
})

test('a stop that overtakes a start leaves nothing running', async () => {
  const starting = demo.start()
  await demo.stop()
  const { registryUrl } = await starting
  expect(demo.state()).toBeUndefined()
  await expect(fetch(`${registryUrl}/v2/`)).rejects.toThrow()
})

test('its agents answer /metrics plain and zipped, but for the one that is gone', async () => {
  const { agents } = await demo.start()
  const [gone, ...listening] = agents.toSorted((a, b) => a.address.length - b.address.length)
  await expect(fetch(`http://${gone?.address}/metrics`)).rejects.toThrow()
  for (const { address } of listening) {
    const answer = await fetch(`http://${address}/metrics`)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toContain('version=0.0.4')
    expect(answer.headers.get('content-encoding')).toBe('gzip')
    expect(await answer.text()).toContain('process_start_time_seconds')
  }
  const [first] = listening
  const plain = await fetch(`http://${first?.address}/metrics`, {
    headers: { 'Accept-Encoding': 'identity' },
  })
  expect(plain.headers.get('content-encoding')).toBeNull()
  expect((await fetch(`http://${first?.address}/`)).status).toBe(404)
})

test('its registry holds charts that are charts and images whose digests hold', async () => {
  const { registryUrl } = await demo.start()
  const { repositories } = (await (await fetch(`${registryUrl}/v2/_catalog`)).json()) as {
    repositories: string[]
  }
  expect(repositories).toEqual([
    'charts/cart',
    'charts/ledger',
    'charts/payments',
    'images/checkout',
    'images/migrate',
    'tools/loadgen',
  ])
  for (const repository of repositories) {
    const base = `${registryUrl}/v2/${repository}`
    const { tags } = (await (await fetch(`${base}/tags/list`)).json()) as { tags: string[] }
    expect(tags.length).toBeGreaterThan(0)
    for (const tag of tags) await checkManifest(base, tag)
  }
})

async function checkManifest(base: string, reference: string): Promise<void> {
  const response = await fetch(`${base}/manifests/${reference}`)
  const bytes = new Uint8Array(await response.arrayBuffer())
  expect(response.headers.get('docker-content-digest')).toBe(sha256(bytes))
  const value: unknown = JSON.parse(Buffer.from(bytes).toString())
  if (response.headers.get('content-type') === mediaTypes.ociIndex) {
    const { manifests } = imageIndexSchema.parse(value)
    expect(manifests.map(({ platform }) => platform?.architecture)).toEqual(['amd64', 'arm64'])
    expect(new Set(manifests.map(({ digest }) => digest)).size).toBe(2)
    for (const { digest } of manifests) await checkManifest(base, digest)
    return
  }
  const { config, layers } = imageManifestSchema.parse(value)
  for (const { digest, size } of [config, ...layers]) {
    const blob = await bytesOf(`${base}/blobs/${digest}`)
    expect([sha256(blob), blob.byteLength]).toEqual([digest, size])
  }
  const read = async (digest: string): Promise<unknown> =>
    JSON.parse(Buffer.from(await bytesOf(`${base}/blobs/${digest}`)).toString())
  const tars = await Promise.all(
    layers.map(async ({ digest }) => gunzipSync(await bytesOf(`${base}/blobs/${digest}`))),
  )
  if (config.mediaType === mediaTypes.helmConfig) {
    const name = base.slice(base.lastIndexOf('/') + 1)
    expect(await read(config.digest)).toMatchObject({ name, version: reference.replaceAll('_', '+') })
    const entries = await unpackTar(tars[0] ?? new Uint8Array())
    expect(entries.map(({ header }) => header.name)).toContain(`${name}/Chart.yaml`)
  } else {
    expect(await read(config.digest)).toMatchObject({
      rootfs: { diff_ids: tars.map((tar) => sha256(tar)) },
    })
  }
}

test('the SBOM is found by the image it is about', async () => {
  const { registryUrl } = await demo.start()
  const head = await fetch(`${registryUrl}/v2/tools/loadgen/manifests/0.4.2`, { method: 'HEAD' })
  const digest = head.headers.get('docker-content-digest')
  const referrers = await fetch(`${registryUrl}/v2/tools/loadgen/referrers/${digest}`)
  expect(await referrers.json()).toMatchObject({ manifests: [{ artifactType: 'application/spdx+json' }] })
})

test('two seeds are the same to the last digest', async () => {
  const limits = { maxBytes: 100_000_000, maxItems: 10_000 }
  const [one, other] = [createStore(limits), createStore(limits)]
  await seed(one)
  await seed(other)
  for (const repository of one.repositories()) {
    const digests = (store: typeof one) =>
      store.tags(repository).map((tag) => store.manifest(repository, tag)?.digest)
    expect(digests(other)).toEqual(digests(one))
  }
})

test('two registries live side by side', async () => {
  const one = await startEmbeddedRegistry()
  const other = await startEmbeddedRegistry()
  expect(one.url).not.toBe(other.url)
  await Promise.all([one.stop(), other.stop(), one.stop()])
})
