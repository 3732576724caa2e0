import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Transport } from '../../electron/oci/ask.ts'
import { authorize } from '../../electron/oci/authorize.ts'
import { createRegistryClient, type RegistryClient } from '../../electron/oci/client.ts'
import type { ResolvedCredential } from '../../electron/oci/credential.ts'
import { digestOf } from '../../electron/oci/digest.ts'
import { checkedRealm } from '../../electron/oci/realm.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import { blobOfBytes } from '../../electron/oci/upload/blob-source.ts'
import { uploadBlob } from '../../electron/oci/upload/upload.ts'
import type { UploadMode } from '../../shared/model/upload.ts'
import { failureIn } from '../fakes/failure-in.ts'
import { type ScriptedHttp, type Seen, startScriptedHttp } from '../fakes/scripted-http.ts'

const ann: ResolvedCredential = { source: 'password', username: 'ann', password: 'pass:word' }
const basic = `Basic ${Buffer.from('ann:pass:word').toString('base64')}`
const bytes = Buffer.from('foo')
const digest = digestOf(bytes)

let transport: Transport
let registry: ScriptedHttp
let elsewhere: ScriptedHttp
let client: RegistryClient
let serve: (request: Seen, response: ServerResponse) => void
let serveElsewhere: (request: Seen, response: ServerResponse) => void

/** A registry that demands Basic and sets cookies, and another server beside it. */
beforeEach(async () => {
  transport = createTransport({ record: () => undefined, clock: { now: Date.now } })
  elsewhere = await startScriptedHttp((request, response) => serveElsewhere(request, response))
  registry = await startScriptedHttp((request, response) => {
    response.setHeader('set-cookie', ['sid=secret-session; Path=/', '_csrf=x'])
    response.setHeader('docker-distribution-api-version', 'registry/2.0')
    if (request.headers.authorization === basic) serve(request, response)
    else response.writeHead(401, { 'www-authenticate': 'Basic realm="lab"' }).end()
  })
  client = createRegistryClient({ transport, url: registry.url, credential: ann })
  serveElsewhere = (_, response) => response.end('foo')
})
afterEach(async () => {
  await transport.close()
  await registry.stop()
  await elsewhere.stop()
})

const secretsElsewhere = () =>
  elsewhere.seen.flatMap(({ headers }) =>
    [headers.authorization, headers.cookie].filter((value) => value !== undefined),
  )

describe('Authorization goes no further than the registry itself', () => {
  const sendOn: typeof serve = ({ path }, response) =>
    response.writeHead(307, { location: `${elsewhere.url}${path}` }).end()

  test('when a blob lies in storage', async () => {
    serve = sendOn
    expect(Buffer.from(await client.getBlob('a/b', digest)).toString()).toBe('foo')
    expect(elsewhere.seen).toHaveLength(1)
    expect(secretsElsewhere()).toEqual([])
  })

  test('when a blob in storage is read as a stream', async () => {
    serve = sendOn
    const { stream } = await client.openBlob('a/b', digest)
    expect(Buffer.concat(await stream.toArray()).toString()).toBe('foo')
    expect(elsewhere.seen).toHaveLength(1)
    expect(secretsElsewhere()).toEqual([])
  })

  test('when a manifest lies elsewhere', async () => {
    serve = sendOn
    serveElsewhere = (_, response) => response.end('{"schemaVersion":2}')
    expect((await client.getManifest('a/b', 'x')).bytes).toHaveLength(19)
    expect(elsewhere.seen).toHaveLength(1)
    expect(secretsElsewhere()).toEqual([])
  })

  test('when storage sends back to the registry it is authorized there again, and only there', async () => {
    serve = ({ path }, response) => {
      if (path.endsWith('?back')) response.end('foo')
      else response.writeHead(307, { location: `${elsewhere.url}/storage` }).end()
    }
    serveElsewhere = (_, response) =>
      response.writeHead(307, { location: `${registry.url}/v2/a/b/blobs/${digest}?back` }).end()
    expect(Buffer.from(await client.getBlob('a/b', digest)).toString()).toBe('foo')
    expect(secretsElsewhere()).toEqual([])
  })

  test.each<UploadMode>(['buffered', 'streamed-put', 'streamed-patch', 'chunked'])(
    'when an upload is to be sent to another host: %s',
    async (mode) => {
      serve = ({ method, path }, response) => {
        if (method === 'POST') response.writeHead(202, { location: `${elsewhere.url}/session?state=1` }).end()
        else response.writeHead(method === 'HEAD' && elsewhere.seen.length > 0 ? 200 : 404).end(path)
      }
      serveElsewhere = ({ method }, response) => {
        const location = `${elsewhere.url}/session?state=2`
        if (method === 'PATCH') response.writeHead(202, { location, range: '0-2' }).end()
        else response.writeHead(201, { 'docker-content-digest': digest }).end()
      }
      const blob = blobOfBytes(bytes)
      const job = { transport: client.transport, url: registry.url, repository: 'a/b', blob, mode }
      await uploadBlob({ ...job, onEvent: () => undefined })
      expect(elsewhere.seen.at(-1)?.method).toBe('PUT')
      expect(secretsElsewhere()).toEqual([])
    },
  )

  test('when the next page is on another host it is not asked at all', async () => {
    serve = (_, response) =>
      response
        .writeHead(200, { link: `<${elsewhere.url}/v2/a/b/tags/list?last=x>; rel="next"` })
        .end('{"tags":["x"]}')
    const pages = client.tags('a/b')
    await pages.next()
    expect(await failureIn(pages.next())).toMatchObject({ kind: 'redirect-refused' })
    expect(elsewhere.seen).toEqual([])
  })

  test('when the same host answers on another port or scheme', async () => {
    const { transport: authorized } = client
    serve = (_, response) => response.end('{}')
    const ask = { method: 'GET', phase: 'blob', role: 'registry', maxBytes: 1024 } as const
    await authorized.send({ ...ask, url: `${registry.url}/v2/` })
    await authorized.send({ ...ask, url: `${elsewhere.url}/v2/` })
    expect(registry.seen.at(-1)?.headers.authorization).toBe(basic)
    expect(secretsElsewhere()).toEqual([])
  })
})

test.each([
  ['https://registry.invalid/v2/', basic],
  ['https://registry.invalid:443/v2/', basic],
  ['http://registry.invalid/v2/', undefined],
  ['https://registry.invalid:8443/v2/', undefined],
  ['https://cdn.registry.invalid/v2/', undefined],
  ['https://registry.invalid.elsewhere.invalid/v2/', undefined],
])('a password for https://registry.invalid goes to %s as %s', async (url, expected) => {
  serve = (_, response) => response.end('{}')
  // names that exist nowhere are answered by the registry of this suite
  const answered: Transport = {
    ...transport,
    send: (ask) => transport.send({ ...ask, url: `${registry.url}/v2/` }),
  }
  const authorized = authorize(answered, { credential: ann, registryUrl: 'https://registry.invalid' })
  const ask = { method: 'GET', phase: 'ping', role: 'registry', maxBytes: 1024 } as const
  await authorized.send({ ...ask, url: 'https://registry.invalid/v2/' })
  await authorized.send({ ...ask, url })
  expect(registry.seen.at(-1)?.headers.authorization).toBe(expected)
})

test('no cookie is ever sent back: Harbor takes one for a browser and wants a CSRF token', async () => {
  serve = (_, response) => response.end('{"schemaVersion":2}')
  await client.getManifest('a/b', 'x')
  await client.getManifest('a/b', 'y')
  expect(registry.seen.length).toBeGreaterThan(2)
  expect(registry.seen.filter(({ headers }) => headers.cookie !== undefined)).toEqual([])
})

describe('a realm', () => {
  const realm = (text: string, registryUrl: string) => () => checkedRealm(text, registryUrl).host

  test.each([
    ['https://auth.docker.io/token', 'https://registry-1.docker.io'],
    ['https://gitlab.invalid/jwt/auth', 'https://registry.gitlab.invalid'],
    ['http://127.0.0.1:5001/token', 'http://127.0.0.1:5000'],
    ['http://127.0.0.1:5001/token', 'http://localhost:5000'],
    ['https://localhost:5001/token', 'https://localhost:5000'],
    ['https://10.1.2.3/token', 'https://10.9.9.9'],
    ['https://10.1.2.3/token', 'http://127.0.0.1:5000'],
    ['https://10.1.2.3/token', 'https://10.1.2.3:5000'],
  ])('%s may be asked for %s', (text, registryUrl) => {
    expect(realm(text, registryUrl)()).toBe(new URL(text).host)
  })

  test.each([
    ['http://auth.invalid/token', 'https://registry.invalid', 'does not use https'],
    ['http://127.0.0.1:5001/token', 'https://127.0.0.1:5000', 'does not use https'],
    ['ftp://auth.invalid/token', 'http://registry.invalid', 'does not use https'],
    ['file:///etc/passwd', 'http://registry.invalid', 'does not use https'],
    ['https://user:pass@auth.invalid/', 'https://registry.invalid', 'carries a password'],
    ['token', 'https://registry.invalid', 'does not parse'],
    ['https://10.1.2.3/', 'https://registry.invalid', 'inside a private network'],
    ['https://[fd00::1]/', 'https://registry.invalid', 'inside a private network'],
    ['https://[::ffff:10.0.0.1]/', 'https://registry.invalid', 'inside a private network'],
    ['https://2130706433/', 'https://registry.invalid', 'inside a private network'],
    ['https://localhost/', 'https://10.1.2.3', 'inside a private network'],
    ['https://auth.localhost/', 'https://10.1.2.3', 'inside a private network'],
    ['https://127.0.0.1/', 'https://10.1.2.3', 'inside a private network'],
    ['http://169.254.169.254/', 'http://10.1.2.3', 'inside a private network'],
    ['http://169.254.169.254/', 'http://127.0.0.1:5000', 'inside a private network'],
    ['https://[fe80::1]/', 'https://[fd00::2]', 'inside a private network'],
  ])('%s is not asked for %s: it %s', (text, registryUrl, why) => {
    expect(realm(text, registryUrl)).toThrow(why)
  })
})
