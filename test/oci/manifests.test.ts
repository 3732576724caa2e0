import type { ServerResponse } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startEmbeddedRegistry } from '../../electron/demo/registry.ts'
import type { Transport } from '../../electron/oci/ask.ts'
import { createRegistryClient, type RegistryClient } from '../../electron/oci/client.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import { mediaTypes } from '../../shared/model/media-types.ts'
import { failureIn } from '../fakes/failure-in.ts'
import { type ScriptedHttp, type Seen, startScriptedHttp } from '../fakes/scripted-http.ts'
import { startDockerRegistry } from '../lab/docker-registry.ts'
import { digestOf, emptyConfig, type MadeManifest, manifestOf, pushBlob } from './content.ts'

let transport: Transport

beforeAll(() => {
  transport = createTransport({ record: () => undefined, clock: { now: Date.now } })
})
afterAll(() => transport.close())

const clientOf = (url: string, limits?: { manifestBytes: number }): RegistryClient =>
  createRegistryClient({ transport, url, credential: undefined, ...(limits !== undefined ? { limits } : {}) })

/** The same bytes under another type and shape, spelled as no serializer of ours would. */
function spelled(mediaType: string, fields: Record<string, unknown>): MadeManifest {
  const bytes = Buffer.from(`${JSON.stringify({ schemaVersion: 2, mediaType, ...fields }, null, 3)}\n\n`)
  return { mediaType, bytes, digest: digestOf(bytes), descriptor: manifestOf().descriptor }
}
const image = JSON.parse(manifestOf().bytes.toString('utf8')) as { config: object; layers: object[] }
const { config, layers } = image

describe.each([
  ['the embedded registry', startEmbeddedRegistry],
  ['distribution 2.8', startDockerRegistry],
])('%s', (_, start) => {
  let registry: { url: string; stop(): Promise<void> }
  let client: RegistryClient
  beforeAll(async () => {
    registry = await start()
    await pushBlob(registry.url, 'a/b', emptyConfig)
    await clientOf(registry.url).putManifest('a/b', 'child', manifestOf())
  })
  beforeEach(() => {
    client = clientOf(registry.url)
  })
  afterAll(() => registry.stop())

  test.each([
    ['an OCI manifest', spelled(mediaTypes.ociManifest, { config, layers })],
    ['a Docker manifest', spelled(mediaTypes.dockerManifest, { config, layers })],
    ['an OCI index', spelled(mediaTypes.ociIndex, { manifests: [manifestOf().descriptor] })],
    ['a Docker list', spelled(mediaTypes.dockerIndex, { manifests: [manifestOf().descriptor] })],
    ['an artifact', spelled(mediaTypes.ociManifest, { artifactType: 'application/x', config, layers })],
  ])('keeps %s byte for byte, by tag and by digest', async (_kind, manifest) => {
    expect(await client.putManifest('a/b', 'v1', manifest)).toBe(manifest.digest)
    for (const reference of ['v1', manifest.digest]) {
      const { digest, mediaType, bytes } = await client.getManifest('a/b', reference)
      expect({ digest, mediaType }).toEqual({ digest: manifest.digest, mediaType: manifest.mediaType })
      expect(manifest.bytes.equals(bytes)).toBe(true)
      expect(await client.headManifest('a/b', reference)).toEqual({
        digest: manifest.digest,
        mediaType: manifest.mediaType,
        size: manifest.bytes.length,
      })
    }
  })

  test('has no manifest that was never put', async () => {
    expect(await client.headManifest('a/b', 'nothing')).toBeUndefined()
    expect(await failureIn(client.getManifest('a/b', 'nothing'))).toMatchObject({
      kind: 'not-found',
      ociErrors: [{ code: 'MANIFEST_UNKNOWN' }],
    })
  })
})

test('the embedded registry keeps a manifest by its sha512 digest', async () => {
  const registry = await startEmbeddedRegistry()
  await pushBlob(registry.url, 'a/b', emptyConfig)
  const { bytes, mediaType } = manifestOf()
  const digest = digestOf(bytes, 'sha512')
  const client = clientOf(registry.url)
  expect(await client.putManifest('a/b', digest, { bytes, mediaType })).toBe(digest)
  expect(await client.getManifest('a/b', digest)).toMatchObject({ digest, mediaType })
  await registry.stop()
})

describe('a registry of another make', () => {
  let server: ScriptedHttp
  let answer: (request: Seen, response: ServerResponse) => void
  const manifest = manifestOf()
  beforeEach(async () => {
    server = await startScriptedHttp((request, response) => {
      response.setHeader('docker-distribution-api-version', 'registry/2.0')
      answer(request, response)
    })
  })
  afterEach(() => server.stop())

  test('may keep types nobody knows: they are asked for and come as they are', async () => {
    answer = (_, response) =>
      response
        .writeHead(200, { 'content-type': 'application/vnd.new.thing+cbor; v=2' })
        .end(Buffer.from([0xa0, 0xff]))
    const stored = await clientOf(server.url).getManifest('a', 'x')
    expect(stored.mediaType).toBe('application/vnd.new.thing+cbor')
    expect([...stored.bytes]).toEqual([0xa0, 0xff])
    expect(server.seen[0]?.headers.accept).toMatch(/vnd\.oci\.image\.index\.v1\+json, .*\*\/\*$/)
  })

  test.each([
    ['by tag, with another Docker-Content-Digest', 'x', `sha256:${'0'.repeat(64)}`],
    ['by digest', `sha256:${'0'.repeat(64)}`, undefined],
    ['by sha512 digest', `sha512:${'0'.repeat(128)}`, undefined],
  ])('that sends other bytes %s is found out', async (_, reference, announced) => {
    answer = (_request, response) => {
      if (announced !== undefined) response.setHeader('docker-content-digest', announced)
      response.end(manifest.bytes)
    }
    expect(await failureIn(clientOf(server.url).getManifest('a', reference))).toMatchObject({
      kind: 'digest-mismatch',
      phase: 'manifest',
    })
  })

  test('that answers HEAD of one digest with another is found out, another algorithm is none', async () => {
    const asked = `sha256:${'0'.repeat(64)}`
    answer = (_, response) => response.writeHead(200, { 'docker-content-digest': manifest.digest }).end()
    const client = clientOf(server.url)
    expect((await failureIn(client.headManifest('a', asked))).kind).toBe('digest-mismatch')
    expect(await client.headManifest('a', `sha512:${'0'.repeat(128)}`)).toMatchObject({
      digest: manifest.digest,
    })
    expect(await client.headManifest('a', 'sha256')).toMatchObject({ digest: manifest.digest })
  })

  test('that says it stored another digest is found out', async () => {
    answer = (_, response) =>
      response.writeHead(201, { 'docker-content-digest': `sha256:${'0'.repeat(64)}` }).end()
    expect(await failureIn(clientOf(server.url).putManifest('a', 'x', manifest))).toMatchObject({
      kind: 'digest-mismatch',
      phase: 'manifest-put',
    })
  })

  test('is never sent a manifest under a digest that is not its own', async () => {
    answer = (_, response) => response.writeHead(201).end()
    const wrong = clientOf(server.url).putManifest('a', `sha256:${'0'.repeat(64)}`, manifest)
    expect((await failureIn(wrong)).kind).toBe('digest-mismatch')
    expect(server.seen).toEqual([])
  })

  test('is read up to the limit that is set, and no further', async () => {
    const large = manifestOf({ annotations: { long: 'x'.repeat(5000) } })
    answer = (_, response) => response.end(large.bytes)
    const { length } = large.bytes
    expect(await clientOf(server.url, { manifestBytes: length }).getManifest('a', 'x')).toMatchObject({
      digest: large.digest,
    })
    const refused = clientOf(server.url, { manifestBytes: length - 1 }).getManifest('a', 'x')
    expect(await failureIn(refused)).toMatchObject({
      kind: 'answer-invalid',
      evidence: [{ fact: 'limit', value: String(length - 1) }],
    })
  })

  test.each([403, 405])('that refuses HEAD with %i is asked by GET, which says more', async (status) => {
    answer = ({ method }, response) => {
      if (method === 'HEAD') response.writeHead(status).end()
      else response.writeHead(200, { 'content-type': manifest.mediaType }).end(manifest.bytes)
    }
    const client = clientOf(server.url)
    expect(await client.headManifest('a', 'x')).toEqual({
      digest: manifest.digest,
      mediaType: manifest.mediaType,
      size: manifest.bytes.length,
    })
    answer = ({ method }, response) => {
      response
        .writeHead(status)
        .end(method === 'HEAD' ? '' : '{"errors":[{"code":"DENIED","message":"quota"}]}')
    }
    expect(await failureIn(client.headManifest('a', 'x'))).toMatchObject({
      ociErrors: [{ code: 'DENIED', message: 'quota' }],
    })
  })
})
