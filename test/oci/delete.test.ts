import type { ServerResponse } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startEmbeddedRegistry } from '../../electron/demo/registry.ts'
import type { Transport } from '../../electron/oci/ask.ts'
import { createRegistryClient, type RegistryClient } from '../../electron/oci/client.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import { failureIn } from '../fakes/failure-in.ts'
import { type ScriptedHttp, type Seen, startScriptedHttp } from '../fakes/scripted-http.ts'
import { startDockerRegistry } from '../lab/docker-registry.ts'
import { digestOf, emptyConfig, type MadeManifest, manifestOf, pushBlob } from './content.ts'

let transport: Transport

beforeEach(() => {
  transport = createTransport({ record: () => undefined, clock: { now: Date.now } })
})
afterEach(() => transport.close())

const clientOf = (url: string): RegistryClient =>
  createRegistryClient({ transport, url, credential: undefined, wait: () => Promise.resolve() })
const absent = `sha256:${'0'.repeat(64)}`

describe.each([
  ['the embedded registry', true],
  ['distribution 2.8, which deletes no tags', false],
])('in %s', (_, deletesTags) => {
  let registry: { url: string; stop(): Promise<void> }
  let client: RegistryClient
  let manifest: MadeManifest
  let blob: string

  beforeAll(async () => {
    registry = deletesTags ? await startEmbeddedRegistry() : await startDockerRegistry()
  })
  afterAll(() => registry.stop())
  beforeEach(async () => {
    client = clientOf(registry.url)
    blob = await pushBlob(registry.url, 'a/b', emptyConfig)
    manifest = manifestOf()
    for (const tag of ['one', 'two']) await client.putManifest('a/b', tag, manifest)
  })

  test('a tag goes alone, or is refused as unsupported and stays', async () => {
    if (deletesTags) await client.deleteTag('a/b', 'one')
    else {
      expect(await failureIn(client.deleteTag('a/b', 'one'))).toMatchObject({
        kind: 'unsupported',
        phase: 'delete',
        answeredBy: 'registry',
        status: 400,
        next: ['ask-registry-admin'],
      })
    }
    expect((await client.headManifest('a/b', 'one')) === undefined).toBe(deletesTags)
    expect(await client.headManifest('a/b', 'two')).toMatchObject({ digest: manifest.digest })
  })

  test('a manifest goes with every tag that points to it', async () => {
    await client.deleteManifest('a/b', manifest.digest)
    for (const reference of ['one', 'two', manifest.digest]) {
      expect(await client.headManifest('a/b', reference)).toBeUndefined()
    }
    expect(await failureIn(client.deleteManifest('a/b', manifest.digest))).toMatchObject({
      kind: 'not-found',
      phase: 'delete',
    })
  })

  test('a blob goes, and one that is not there is not found', async () => {
    await client.deleteBlob('a/b', blob)
    expect(await client.headBlob('a/b', blob)).toBeUndefined()
    expect(await failureIn(client.deleteBlob('a/b', absent))).toMatchObject({
      kind: 'not-found',
      phase: 'delete',
    })
  })
})

test('a registry whose deletion is switched off says unsupported', async () => {
  const registry = await startDockerRegistry({ deletion: false })
  const client = clientOf(registry.url)
  const blob = await pushBlob(registry.url, 'a/b', emptyConfig)
  const digest = await client.putManifest('a/b', 'one', manifestOf())
  expect(await failureIn(client.deleteManifest('a/b', digest))).toMatchObject({
    kind: 'unsupported',
    status: 405,
  })
  expect(await failureIn(client.deleteBlob('a/b', blob))).toMatchObject({ kind: 'unsupported', status: 405 })
  expect(await client.headManifest('a/b', 'one')).toMatchObject({ digest })
  await registry.stop()
})

describe('a registry of another make', () => {
  let server: ScriptedHttp
  let answer: (request: Seen, response: ServerResponse) => void

  beforeEach(async () => {
    server = await startScriptedHttp((request, response) => answer(request, response))
  })
  afterEach(() => server.stop())

  test('that says UNSUPPORTED with 400 to a tag (Harbor) is told apart from one in front that blocks DELETE', async () => {
    answer = (_, response) => response.writeHead(400).end('{"errors":[{"code":"UNSUPPORTED"}]}')
    const client = clientOf(server.url)
    expect((await failureIn(client.deleteTag('a', 'x'))).kind).toBe('unsupported')
    answer = (_, response) =>
      response.writeHead(405, { 'content-type': 'text/html', server: 'nginx' }).end('<html></html>')
    expect(await failureIn(client.deleteTag('a', 'x'))).toMatchObject({
      kind: 'method-blocked',
      answeredBy: 'proxy',
    })
  })

  test('is asked for a token that allows to delete', async () => {
    answer = ({ path, headers, url }, response) => {
      if (path.startsWith('/token')) {
        response.end(
          JSON.stringify({ token: url.searchParams.getAll('scope').join(' ') }).replaceAll(' ', '+'),
        )
      } else if (headers.authorization === undefined) {
        const realm = `Bearer realm="${server.url}/token",service="s"`
        response.writeHead(401, { 'www-authenticate': realm }).end()
      } else response.writeHead(202).end()
    }
    await clientOf(server.url).deleteTag('a', 'x')
    expect(server.seen.at(-1)?.headers.authorization).toBe('Bearer repository:a:delete,pull,push')
  })
})

test('a digest is no tag, a tag is no digest, and neither mistake reaches a registry', async () => {
  const client = clientOf('http://unasked.invalid')
  const digest = digestOf(emptyConfig)
  expect((await failureIn(client.deleteTag('a', digest))).kind).toBe('input-invalid')
  expect((await failureIn(client.deleteBlob('a', 'latest'))).kind).toBe('input-invalid')
  expect((await failureIn(client.deleteManifest('a', 'latest'))).kind).toBe('input-invalid')
})
