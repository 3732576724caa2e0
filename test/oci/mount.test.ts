import type { ServerResponse } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startEmbeddedRegistry } from '../../electron/demo/registry.ts'
import type { Transport } from '../../electron/oci/ask.ts'
import { createRegistryClient, type RegistryClient } from '../../electron/oci/client.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import { failureIn } from '../fakes/failure-in.ts'
import { type ScriptedHttp, type Seen, startScriptedHttp } from '../fakes/scripted-http.ts'
import { startDockerRegistry } from '../lab/docker-registry.ts'
import { digestOf, emptyConfig, pushBlob } from './content.ts'

let transport: Transport
const digest = digestOf(emptyConfig)

beforeEach(() => {
  transport = createTransport({ record: () => undefined, clock: { now: Date.now } })
})
afterEach(() => transport.close())

const clientOf = (url: string): RegistryClient =>
  createRegistryClient({ transport, url, credential: undefined, wait: () => Promise.resolve() })

describe.each([
  ['the embedded registry', startEmbeddedRegistry],
  ['distribution 2.8', startDockerRegistry],
])('in %s', (_, start) => {
  let registry: { url: string; stop(): Promise<void> }
  beforeAll(async () => {
    registry = await start()
  })
  afterAll(() => registry.stop())

  test('a blob of one repository becomes one of another', async () => {
    const client = clientOf(registry.url)
    await pushBlob(registry.url, 'from/here', emptyConfig)
    expect(await client.mountBlob('to/there', digest, 'from/here')).toBe(true)
    expect((await client.getBlob('to/there', digest)).toString()).toBe('{}')
  })

  test('a blob the other repository does not have is not mounted, which is no failure', async () => {
    const client = clientOf(registry.url)
    const absent = `sha256:${'0'.repeat(64)}`
    expect(await client.mountBlob('to/there', absent, 'from/here')).toBe(false)
    expect(await client.headBlob('to/there', absent)).toBeUndefined()
  })
})

describe('a registry that will not mount', () => {
  let server: ScriptedHttp
  let answer: (request: Seen, response: ServerResponse) => void
  beforeEach(async () => {
    server = await startScriptedHttp((request, response) => answer(request, response))
  })
  afterEach(() => server.stop())
  const mount = () => clientOf(server.url).mountBlob('to/there', digest, 'from/here')

  test('and opens a session instead has that session given up', async () => {
    answer = ({ method }, response) => {
      if (method === 'POST') response.writeHead(202, { location: '/v2/to/there/blobs/uploads/u1?s=x' }).end()
      else response.writeHead(204).end()
    }
    expect(await mount()).toBe(false)
    expect(server.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `POST /v2/to/there/blobs/uploads/?mount=${encodeURIComponent(digest)}&from=from%2Fhere`,
      'DELETE /v2/to/there/blobs/uploads/u1?s=x',
    ])
  })

  test.each([400, 401, 403, 404, 405])('and answers %i just does not', async (status) => {
    answer = (_, response) => response.writeHead(status).end()
    expect(await mount()).toBe(false)
  })

  test('and is broken is a Failure', async () => {
    answer = (_, response) => response.writeHead(500).end('{"errors":[{"code":"UNKNOWN"}]}')
    expect(await failureIn(mount())).toMatchObject({ kind: 'server-fault', phase: 'upload-session' })
  })

  test('and says it stored another digest is a Failure', async () => {
    answer = (_, response) =>
      response.writeHead(201, { 'docker-content-digest': `sha256:${'0'.repeat(64)}` }).end()
    expect((await failureIn(mount())).kind).toBe('digest-mismatch')
  })

  test('asks the token service for both repositories, whose refusal is no failure either', async () => {
    answer = ({ path }, response) => {
      if (path.startsWith('/token')) response.writeHead(403).end('{"errors":[{"code":"DENIED"}]}')
      else {
        const realm = `Bearer realm="${server.url}/token",service="s"`
        response.writeHead(401, { 'www-authenticate': realm }).end()
      }
    }
    expect(await mount()).toBe(false)
    const asked = server.seen.find(({ path }) => path.startsWith('/token'))
    expect(asked?.url.searchParams.getAll('scope')).toEqual([
      'repository:to/there:pull,push',
      'repository:from/here:pull',
    ])
  })
})
