import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../../electron/demo/registry.ts'
import type { Transport } from '../../electron/oci/ask.ts'
import { createContentCache } from '../../electron/oci/cache/content-cache.ts'
import { createRegistryClient, type RegistryClient } from '../../electron/oci/client.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import { readArtifact } from '../../electron/registries/artifact.ts'
import { mediaTypes } from '../../shared/model/media-types.ts'
import { failureIn } from '../fakes/failure-in.ts'
import { type ScriptedHttp, startScriptedHttp } from '../fakes/scripted-http.ts'

let transport: Transport
let server: ScriptedHttp
let client: RegistryClient
/** What the registry sends for a manifest and for any blob. */
let manifest: string
let manifestType: string | undefined
let blob: string

beforeEach(async () => {
  manifestType = undefined
  transport = createTransport({ record: () => undefined, clock: { now: Date.now } })
  server = await startScriptedHttp(({ path }, response) => {
    response.setHeader('docker-distribution-api-version', 'registry/2.0')
    if (manifestType !== undefined) response.setHeader('content-type', manifestType)
    response.end(path.includes('/blobs/') ? blob : manifest)
  })
  client = createRegistryClient({ transport, url: server.url, credential: undefined })
})
afterEach(async () => {
  await transport.close()
  await server.stop()
})

const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`
const chartOf = (config: string) =>
  JSON.stringify({
    schemaVersion: 2,
    config: { mediaType: mediaTypes.helmConfig, digest: digestOf(config), size: config.length },
    layers: [],
  })

test.each([
  ['no JSON', 'hello'],
  ['another schema', '{"schemaVersion":1,"fsLayers":[]}'],
  [
    'a layer without a digest',
    '{"schemaVersion":2,"config":{"mediaType":"x","digest":"y","size":1},"layers":[{}]}',
  ],
])('a manifest that is %s is a Failure', async (_, text) => {
  manifest = text
  expect(await failureIn(readArtifact(client, 'a', 'x'))).toMatchObject({
    kind: 'answer-invalid',
    phase: 'manifest',
  })
})

test('a manifest above 4 MiB is not read', async () => {
  manifest = ' '.repeat(4 * 1024 * 1024 + 1)
  expect(await failureIn(readArtifact(client, 'a', 'x'))).toMatchObject({
    kind: 'answer-invalid',
    evidence: [{ fact: 'limit', value: String(4 * 1024 * 1024) }],
  })
})

test('a chart whose config is no Chart.yaml is shown without one', async () => {
  blob = '["surprise"]'
  manifest = chartOf(blob)
  const detail = await readArtifact(client, 'a', 'x')
  expect(detail.kind).toBe('chart')
  expect(detail.chart).toBeUndefined()
  expect(detail.raw).toBe(manifest)
})

test('a config that is not what its digest names is a Failure', async () => {
  blob = '{"apiVersion":"v2","name":"forged","version":"1.0.0"}'
  manifest = chartOf('{"apiVersion":"v2","name":"honest","version":"1.0.0"}')
  expect(await failureIn(readArtifact(client, 'a', 'x'))).toMatchObject({
    kind: 'digest-mismatch',
    phase: 'blob',
  })
})

test('a manifest of a type nobody knows is shown as an artifact, as it is', async () => {
  manifestType = 'application/vnd.example.thing+json'
  manifest = '{"hello": "world"}'
  expect(await readArtifact(client, 'a', 'x')).toMatchObject({
    kind: 'artifact',
    mediaType: manifestType,
    layers: [],
    totalSize: manifest.length,
    raw: manifest,
  })
})

test("OCI's former artifact manifest is shown with its blobs and what it refers to", async () => {
  manifestType = 'application/vnd.oci.artifact.manifest.v1+json'
  const descriptor = { mediaType: 'text/spdx', digest: digestOf('x'), size: 7 }
  manifest = JSON.stringify({
    mediaType: manifestType,
    artifactType: 'application/vnd.example.sbom',
    blobs: [descriptor],
    subject: descriptor,
    annotations: { by: 'us' },
  })
  expect(await readArtifact(client, 'a', 'x')).toMatchObject({
    kind: 'artifact',
    artifactType: 'application/vnd.example.sbom',
    layers: [descriptor],
    subject: descriptor,
    totalSize: manifest.length + 7,
    annotations: { by: 'us' },
  })
})

describe('with a cache', () => {
  let profile: string
  let registry: EmbeddedRegistry
  let asked: string[]
  let cached: RegistryClient

  beforeEach(async () => {
    profile = await mkdtemp(join(tmpdir(), 'chartroom-artifact-'))
    registry = await startEmbeddedRegistry()
    asked = []
    const counted: Transport = {
      ...transport,
      send: (ask) => {
        asked.push(`${ask.method} ${new URL(ask.url).pathname}`)
        return transport.send(ask)
      },
    }
    const clock = { now: Date.now }
    const maxBytes = () => Promise.resolve(1024 * 1024)
    cached = createRegistryClient({
      transport: counted,
      url: registry.url,
      credential: undefined,
      cache: createContentCache({ directory: join(profile, 'cache'), maxBytes, clock }),
    })
    const config = '{"apiVersion":"v2","name":"cart","version":"1.0.0"}'
    manifest = chartOf(config)
    registry.store.addBlob('a', digestOf(config), Buffer.from(config))
    await cached.putManifest('a', 'v1', { mediaType: mediaTypes.ociManifest, bytes: Buffer.from(manifest) })
    asked.length = 0
  })
  afterEach(async () => {
    await registry.stop()
    await rm(profile, { recursive: true, force: true })
  })

  test('a second look costs one HEAD, which finds out where the tag points now', async () => {
    const first = await readArtifact(cached, 'a', 'v1')
    expect(asked.map((ask) => ask.split(' ')[0])).toEqual(['HEAD', 'GET', 'GET'])
    asked.length = 0
    expect(await readArtifact(cached, 'a', 'v1')).toEqual(first)
    expect(await readArtifact(cached, 'a', first.digest)).toEqual({ ...first, asked: first.digest })
    expect(asked).toEqual(['HEAD /v2/a/manifests/v1', `HEAD /v2/a/manifests/${first.digest}`])
    const moved = Buffer.from(JSON.stringify({ ...JSON.parse(manifest), annotations: { moved: 'yes' } }))
    await cached.putManifest('a', 'v1', { mediaType: mediaTypes.ociManifest, bytes: moved })
    expect((await readArtifact(cached, 'a', 'v1')).annotations).toEqual({ moved: 'yes' })
  })

  test('what was deleted is not shown from the cache, by tag or by digest', async () => {
    const { digest } = await readArtifact(cached, 'a', 'v1')
    await cached.deleteManifest('a', digest)
    for (const reference of ['v1', digest]) {
      expect(await failureIn(readArtifact(cached, 'a', reference))).toMatchObject({
        kind: 'not-found',
        ociErrors: [{ code: 'MANIFEST_UNKNOWN' }],
      })
    }
  })
})
