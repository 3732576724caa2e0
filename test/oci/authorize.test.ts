import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Ask, Transport } from '../../electron/oci/ask.ts'
import { authorize } from '../../electron/oci/authorize.ts'
import type { ResolvedCredential } from '../../electron/oci/credential.ts'
import { createRegistryClient } from '../../electron/oci/client.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import type { Exchange } from '../../shared/model/exchange.ts'
import { failureIn } from '../fakes/failure-in.ts'
import { type ScriptedHttp, type Seen, startScriptedHttp } from '../fakes/scripted-http.ts'

const ann: ResolvedCredential = { source: 'password', username: 'ann', password: 'pass:word' }
const basic = `Basic ${Buffer.from('ann:pass:word').toString('base64')}`

let transport: Transport
let exchanges: Exchange[]
let now: number
let registry: ScriptedHttp
let tokens: ScriptedHttp
let guard: (request: Seen, response: ServerResponse) => boolean
let serve: (request: Seen, response: ServerResponse) => void
let issue: (request: Seen, response: ServerResponse) => void

beforeEach(async () => {
  exchanges = []
  now = 1_000_000
  transport = createTransport({ record: (exchange) => exchanges.push(exchange), clock: { now: () => now } })
  tokens = await startScriptedHttp((request, response) => issue(request, response))
  registry = await startScriptedHttp((request, response) => {
    if (guard(request, response)) serve(request, response)
    else response.end()
  })
  serve = (_, response) => response.end('{}')
  issue = (_, response) => response.end(JSON.stringify({ token: `t${tokens.seen.length}`, expires_in: 100 }))
  guard = bearer('repository:a/b:pull')
})
afterEach(async () => {
  await transport.close()
  await registry.stop()
  await tokens.stop()
})

/** Demands the newest token. */
const bearer =
  (scope: string): typeof guard =>
  ({ headers }, response) => {
    if (tokens.seen.length > 0 && headers.authorization === `Bearer t${tokens.seen.length}`) return true
    response.setHeader(
      'www-authenticate',
      `Bearer realm="${tokens.url}/token",service="lab, the first",scope="${scope}"`,
    )
    response.statusCode = 401
    return false
  }
const as = (credential: ResolvedCredential | undefined) =>
  authorize(transport, { credential, registryUrl: registry.url, clock: { now: () => now } })
const ask = (more: Partial<Ask> = {}): Ask => ({
  method: 'GET',
  url: `${registry.url}/v2/a/b/manifests/x`,
  phase: 'manifest',
  role: 'registry',
  scope: 'repository:a/b:pull',
  maxBytes: 1024,
  ...more,
})

describe('Bearer', () => {
  test('a token is fetched with Basic, for the service and the scope, and used again', async () => {
    const authorized = as(ann)
    expect((await authorized.send(ask())).status).toBe(200)
    expect((await authorized.send(ask())).status).toBe(200)
    expect(tokens.seen).toHaveLength(1)
    expect(Object.fromEntries(tokens.seen[0]?.url.searchParams ?? [])).toEqual({
      service: 'lab, the first',
      scope: 'repository:a/b:pull',
      account: 'ann',
    })
    expect(tokens.seen[0]?.headers.authorization).toBe(basic)
    expect(registry.seen.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      'Bearer t1',
      'Bearer t1',
    ])
  })

  test('without a credential a token is fetched anonymously', async () => {
    expect((await as(undefined).send(ask())).status).toBe(200)
    expect(tokens.seen[0]?.headers.authorization).toBeUndefined()
  })

  test('a token is replaced before it ends, so that no body meets a 401', async () => {
    const authorized = as(ann)
    await authorized.send(ask())
    now += 81_000
    await authorized.send(ask({ method: 'PUT', body: () => Buffer.from('x') }))
    expect(tokens.seen).toHaveLength(2)
    expect(registry.seen.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      'Bearer t1',
      'Bearer t2',
    ])
  })

  test('each scope has its token', async () => {
    guard = ({ headers }, response) => {
      if (headers.authorization !== undefined) return true
      return bearer('repository:a/b:pull')({ headers } as Seen, response)
    }
    const authorized = as(ann)
    await authorized.send(ask())
    await authorized.send(ask({ scope: 'repository:a/b:pull,push', method: 'HEAD' }))
    expect(tokens.seen.map(({ url }) => url.searchParams.get('scope'))).toEqual([
      'repository:a/b:pull',
      'repository:a/b:pull,push',
    ])
    expect(registry.seen).toHaveLength(3)
  })

  test('an identity token is traded by POST and never reaches the registry', async () => {
    await as({ source: 'docker', identityToken: 'refresh-me' }).send(ask())
    expect(tokens.seen[0]?.method).toBe('POST')
    expect(Object.fromEntries(new URLSearchParams(tokens.seen[0]?.body))).toMatchObject({
      grant_type: 'refresh_token',
      refresh_token: 'refresh-me',
      service: 'lab, the first',
      scope: 'repository:a/b:pull',
    })
    expect(JSON.stringify(registry.seen)).not.toContain('refresh-me')
    expect(JSON.stringify(exchanges)).not.toContain('refresh-me')
  })

  test('a token service that says no, in its own words or in none', async () => {
    issue = (_, response) =>
      response.writeHead(401, { 'content-type': 'application/json' }).end('{"details":"wrong password"}')
    expect(await failureIn(as(ann).send(ask()))).toMatchObject({
      kind: 'unauthorized',
      phase: 'token',
      answeredBy: 'token-service',
    })
    issue = (_, response) => response.end('{}')
    expect(await failureIn(as(ann).send(ask()))).toMatchObject({ kind: 'answer-invalid', phase: 'token' })
  })

  test('a token service that refuses a log-in is not asked with it again for ten seconds', async () => {
    issue = (_, response) => response.writeHead(401).end()
    const authorized = as(ann)
    const first = await failureIn(authorized.send(ask()))
    for (let times = 0; times < 5; times += 1) expect(await failureIn(authorized.send(ask()))).toEqual(first)
    expect(tokens.seen).toHaveLength(1)
    now += 10_000
    issue = (_, response) => response.end('{"token":"t2"}')
    expect((await authorized.send(ask())).status).toBe(200)
  })

  test('a token that is refused is not asked for for ever', async () => {
    guard = (_, response) => bearer('repository:a/b:pull')({ headers: {} } as Seen, response)
    expect((await as(ann).send(ask())).status).toBe(401)
    expect(registry.seen).toHaveLength(2)
  })
})

describe('Basic', () => {
  beforeEach(() => {
    guard = ({ headers }, response) => {
      if (headers.authorization === basic) return true
      response.setHeader('www-authenticate', ['Negotiate', 'Basic realm="a, b"'])
      response.statusCode = 401
      return false
    }
  })

  test('is chosen among several challenges, and known from then on', async () => {
    const authorized = as(ann)
    await authorized.send(ask())
    await authorized.send(ask())
    expect(registry.seen.map(({ headers }) => headers.authorization)).toEqual([undefined, basic, basic])
  })

  test('a wrong password is sent once, and again for the same only after ten seconds', async () => {
    const authorized = as({ source: 'password', username: 'ann', password: 'wrong' })
    const passwords = () => registry.seen.filter(({ headers }) => headers.authorization !== undefined).length
    for (let times = 0; times < 5; times += 1) expect((await authorized.send(ask())).status).toBe(401)
    expect(passwords()).toBe(1)
    expect((await authorized.send(ask({ scope: 'repository:c/d:pull' }))).status).toBe(401)
    expect(passwords()).toBe(2)
    now += 10_000
    expect((await authorized.send(ask())).status).toBe(401)
    expect(passwords()).toBe(3)
  })

  test('a password that was taken is not held back when it is refused once', async () => {
    const authorized = as(ann)
    expect((await authorized.send(ask())).status).toBe(200)
    const demandsBasic = guard
    guard = (_, response) => demandsBasic({ headers: {} } as Seen, response)
    expect((await authorized.send(ask())).status).toBe(401)
    guard = demandsBasic
    expect((await authorized.send(ask())).status).toBe(200)
    expect(registry.seen.slice(1).map(({ headers }) => headers.authorization)).toEqual([basic, basic, basic])
  })

  test('the body of a repeated ask is made anew', async () => {
    let made = 0
    serve = ({ body }, response) => response.end(body)
    const answer = await as(ann).send(
      ask({
        method: 'PUT',
        body: () => {
          made += 1
          return { stream: Readable.from([Buffer.from('whole')]), length: 5 }
        },
      }),
    )
    expect(Buffer.from(answer.body).toString()).toBe('whole')
    expect(made).toBe(2)
  })

  test('nothing is sent along to another host', async () => {
    const authorized = as(ann)
    await authorized.send(ask())
    await authorized.send(ask({ url: `${tokens.url}/elsewhere` }))
    expect(tokens.seen[0]?.headers.authorization).toBeUndefined()
  })

  test('a blob in storage is fetched without Authorization, and compared with its digest', async () => {
    const digest = 'sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae'
    serve = (_, response) => response.writeHead(307, { location: `${tokens.url}/storage?sig=1` }).end()
    issue = (_, response) => response.end('foo')
    const client = createRegistryClient({ transport, url: registry.url, credential: ann })
    expect(Buffer.from(await client.getBlob('a/b', digest)).toString()).toBe('foo')
    expect(tokens.seen[0]?.headers.authorization).toBeUndefined()

    issue = (_, response) => response.end('fo0')
    expect(await failureIn(client.getBlob('a/b', digest))).toMatchObject({ kind: 'digest-mismatch' })
  })

  test('a registry that sends reads on to another is followed without Authorization, but not in a circle', async () => {
    serve = (_, response) => response.writeHead(307, { location: `${tokens.url}/v2/a/b/manifests/x` }).end()
    issue = (_, response) => response.end('{"schemaVersion":2}')
    const client = createRegistryClient({ transport, url: registry.url, credential: ann })
    expect((await client.getManifest('a/b', 'x')).bytes.length).toBe(19)
    expect(tokens.seen[0]?.headers.authorization).toBeUndefined()

    serve = ({ path }, response) => response.writeHead(307, { location: path }).end()
    expect(await failureIn(client.getManifest('a/b', 'x'))).toMatchObject({ kind: 'redirect-refused' })
  })

  test('a manifest is compared with the digest that was asked for and with the one that is announced', async () => {
    const client = createRegistryClient({ transport, url: registry.url, credential: ann })
    serve = (_, response) => response.end('{"schemaVersion":2}')
    const wrong = `sha256:${'0'.repeat(64)}`
    expect(await failureIn(client.getManifest('a/b', wrong))).toMatchObject({ kind: 'digest-mismatch' })
    serve = (_, response) => response.writeHead(200, { 'docker-content-digest': wrong }).end('{}')
    expect(await failureIn(client.getManifest('a/b', 'tag'))).toMatchObject({ kind: 'digest-mismatch' })
    const sha512 =
      'sha512:27c74670adb75075fad058d5ceaf7b20c4e7786c83bae8a32f626f9782af34c9a33c2046ef60fd2a7878d378e29fec851806bbd9a67878f3a9f1cda4830763fd'
    serve = (_, response) => response.end('{}')
    expect((await client.getManifest('a/b', sha512)).digest).toBe(sha512)
  })
})

describe('where a password may be sent', () => {
  const refused = async (realm: string, registryUrl = 'https://registry.invalid') => {
    const challenged: Transport = {
      ...transport,
      send: async (asked) => ({
        ...(await transport.send({ ...asked, url: `${registry.url}/` })),
        status: 401,
        headers: { 'www-authenticate': `Bearer realm="${realm}"` },
      }),
    }
    const failure = await failureIn(
      authorize(challenged, { credential: ann, registryUrl }).send(ask({ url: `${registryUrl}/v2/` })),
    )
    expect(failure).toMatchObject({ kind: 'answer-invalid', phase: 'token' })
    expect(registry.seen).toHaveLength(1)
  }
  test('not to a realm without TLS', () => refused('http://tokens.invalid/'))
  test('not to a realm inside the network', () => refused('https://169.254.169.254/'))
  test('not to a realm inside this machine', () => refused('https://[::1]/'))
  test('not to what is no address', () => refused('tokens'))
})
