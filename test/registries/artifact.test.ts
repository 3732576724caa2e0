import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Transport } from '../../electron/oci/ask.ts'
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
let blob: string

beforeEach(async () => {
  transport = createTransport({ record: () => undefined, clock: { now: Date.now } })
  server = await startScriptedHttp(({ path }, response) => {
    response.setHeader('docker-distribution-api-version', 'registry/2.0')
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
