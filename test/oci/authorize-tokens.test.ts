import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Ask, Transport } from '../../electron/oci/ask.ts'
import { authorize } from '../../electron/oci/authorize.ts'
import { createRegistryClient } from '../../electron/oci/client.ts'
import type { CredentialLookup, ResolvedCredential } from '../../electron/oci/credential.ts'
import { refusal } from '../../electron/oci/refusal.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import { failureIn } from '../fakes/failure-in.ts'
import { type ScriptedHttp, type Seen, startScriptedHttp } from '../fakes/scripted-http.ts'

const ann: ResolvedCredential = { source: 'password', username: 'ann', password: 'pass:word' }
const basic = (username: string, password: string) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

let transport: Transport
let now: number
let registry: ScriptedHttp
let tokens: ScriptedHttp
let serve: (request: Seen, response: ServerResponse) => void
let issue: (request: Seen, response: ServerResponse) => void

beforeEach(async () => {
  now = 1_000_000
  transport = createTransport({ record: () => undefined, clock: { now: () => now } })
  tokens = await startScriptedHttp((request, response) => issue(request, response))
  registry = await startScriptedHttp((request, response) => serve(request, response))
  serve = (request, response) => {
    if (request.headers.authorization?.startsWith('Bearer ') === true) response.end('{}')
    else challenge(response)
  }
  issue = (_, response) => response.end(JSON.stringify({ token: `t${tokens.seen.length}`, expires_in: 100 }))
})
afterEach(async () => {
  await transport.close()
  await registry.stop()
  await tokens.stop()
})

function challenge(response: ServerResponse, more = '', service = 'lab'): void {
  const header = `Bearer realm="${tokens.url}/token",service="${service}"${more}`
  response.writeHead(401, { 'www-authenticate': header, 'docker-distribution-api-version': 'registry/2.0' })
  response.end('{"errors":[{"code":"UNAUTHORIZED"}]}')
}
const as = (credential: ResolvedCredential | CredentialLookup | undefined) =>
  authorize(transport, { credential, registryUrl: registry.url, clock: { now: () => now } })
const ask = (more: Partial<Ask> = {}): Ask => ({
  method: 'GET',
  url: `${registry.url}/v2/a/b/manifests/x`,
  phase: 'manifest',
  role: 'registry',
  scope: 'repository:a/b:pull',
  maxBytes: 64 * 1024,
  ...more,
})
const scopesAsked = () => tokens.seen.map(({ url }) => url.searchParams.getAll('scope'))
const sentToRegistry = () => registry.seen.map(({ headers }) => headers.authorization)
/** A token as distribution's own services write it; nobody checks its signature here. */
const jwt = (access: unknown) =>
  `e30.${Buffer.from(JSON.stringify({ access })).toString('base64url')}.signature`

describe('one token request', () => {
  test('serves all who wait for it at once', async () => {
    const authorized = as(ann)
    const answers = await Promise.all(Array.from({ length: 12 }, () => authorized.send(ask())))
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(12).fill(200))
    expect(tokens.seen).toHaveLength(1)
  })

  test('ends when the last who waits for it cancels, and the next asks anew', async () => {
    const closed: string[] = []
    issue = (_, response) => void response.once('close', () => closed.push('closed'))
    const authorized = as(ann)
    const leaving = new AbortController()
    const left = authorized.send(ask({ signal: leaving.signal }))
    await expect.poll(() => tokens.seen.length).toBe(1)
    leaving.abort()
    expect((await failureIn(left)).kind).toBe('cancelled')
    await expect.poll(() => closed).toEqual(['closed'])
    issue = (_, response) => response.end('{"token":"t"}')
    expect((await authorized.send(ask())).status).toBe(200)
  })
})

describe('scopes', () => {
  test('of a mount are for both repositories, the target first; those of a push and a delete are merged', async () => {
    const authorized = as(ann)
    await authorized.send(ask({ scope: 'repository:to:push,pull repository:from:pull' }))
    await authorized.send(ask({ scope: 'repository:to:delete repository:to:pull' }))
    expect(scopesAsked()).toEqual([
      ['repository:to:pull,push', 'repository:from:pull'],
      ['repository:to:delete,pull'],
    ])
  })

  test('in another order are the same token', async () => {
    const authorized = as(ann)
    await authorized.send(ask({ scope: 'repository:to:push,pull repository:from:pull' }))
    await authorized.send(ask({ scope: 'repository:from:pull repository:to:pull,push' }))
    expect(tokens.seen).toHaveLength(1)
  })

  test('the registry adds are asked for from then on, also after the token has ended', async () => {
    serve = (request, response) => {
      if (request.headers.authorization === undefined)
        challenge(response, ',scope="repository:a/b:pull,push"')
      else response.end('{}')
    }
    const authorized = as(ann)
    await authorized.send(ask())
    await authorized.send(ask())
    now += 100_000
    await authorized.send(ask())
    expect(scopesAsked()).toEqual([['repository:a/b:pull,push'], ['repository:a/b:pull,push']])
    expect(registry.seen).toHaveLength(4)
  })

  test('a service of its own for one repository is asked there', async () => {
    serve = (request, response) => {
      if (request.headers.authorization !== undefined) response.end('{}')
      else challenge(response, '', request.path.includes('/c/') ? 'other' : 'lab')
    }
    const authorized = as(ann)
    await authorized.send(ask())
    serve = (request, response) => {
      if (request.headers.authorization === 'Bearer t3') response.end('{}')
      else challenge(response, '', 'other')
    }
    const url = `${registry.url}/v2/c/d/manifests/x`
    expect((await authorized.send(ask({ url, scope: 'repository:c/d:pull' }))).status).toBe(200)
    expect(tokens.seen.map(({ url: { searchParams } }) => searchParams.get('service'))).toEqual([
      'lab',
      'lab',
      'other',
    ])
  })
})

describe('the life of a token', () => {
  const body = () => Buffer.from('x')

  test('that is half over is not begun a long upload with', async () => {
    const authorized = as(ann)
    await authorized.send(ask())
    now += 51_000
    await authorized.send(ask({ method: 'PUT', phase: 'manifest-put', body }))
    expect(tokens.seen).toHaveLength(1)
    await authorized.send(ask({ method: 'PUT', phase: 'upload-body', body }))
    expect(tokens.seen).toHaveLength(2)
    expect(sentToRegistry().at(-1)).toBe('Bearer t2')
  })

  test.each([
    ['nothing', {}],
    ['nothing that can be read', { expires_in: '300', scope: 7 }],
    ['less than nothing', { expires_in: -1 }],
  ])('is a minute where the service says %s of it', async (_, more) => {
    issue = (__, response) => response.end(JSON.stringify({ token: `t${tokens.seen.length}`, ...more }))
    const authorized = as(ann)
    await authorized.send(ask())
    now += 47_999
    await authorized.send(ask())
    expect(tokens.seen).toHaveLength(1)
    now += 1
    await authorized.send(ask())
    expect(tokens.seen).toHaveLength(2)
  })

  test('that the registry ends early is over: a PUT is sent again, a PATCH is left to its sender', async () => {
    const authorized = as(ann)
    await authorized.send(ask())
    const ended: string[] = ['Bearer t1']
    serve = (request, response) => {
      if (ended.includes(request.headers.authorization ?? '')) challenge(response, ',error="invalid_token"')
      else response.end('{}')
    }
    let made = 0
    const blob = () => {
      made += 1
      return Buffer.from('x')
    }
    const upload = ask({ method: 'PATCH', phase: 'upload-body', body: blob })
    expect((await authorized.send(upload)).status).toBe(401)
    expect(made).toBe(1)
    expect((await authorized.send(upload)).status).toBe(200)
    ended.push('Bearer t2')
    expect((await authorized.send({ ...upload, method: 'PUT' })).status).toBe(200)
    expect(made).toBe(4)
    expect(tokens.seen).toHaveLength(3)
  })
})

describe('identity tokens', () => {
  const both: ResolvedCredential = { ...ann, source: 'docker', identityToken: 'refresh-me' }

  test.each([400, 401, 403, 404, 405])(
    'a service that answers %i to the POST is asked with the password by GET',
    async (status) => {
      issue = ({ method }, response) => {
        if (method === 'POST') response.writeHead(status).end()
        else response.end('{"token":"t"}')
      }
      expect((await as(both).send(ask())).status).toBe(200)
      expect(tokens.seen.map(({ method }) => method)).toEqual(['POST', 'GET'])
      expect(tokens.seen[1]?.headers.authorization).toBe(basic('ann', 'pass:word'))
    },
  )

  test.each([
    [429, both],
    [503, both],
    [405, { source: 'docker', identityToken: 'refresh-me' }],
  ] as const)('%i is the end where there is nothing else, or no hurry', async (status, credential) => {
    issue = (_, response) => response.writeHead(status).end()
    expect(await failureIn(as(credential).send(ask()))).toMatchObject({ phase: 'token', status })
    expect(tokens.seen.map(({ method }) => method)).toEqual(['POST'])
  })
})

test('a registry token is sent as it is, and only where a token is wanted', async () => {
  const authorized = as({ source: 'docker', registryToken: 'as-it-is' })
  expect((await authorized.send(ask())).status).toBe(200)
  expect(sentToRegistry()).toEqual([undefined, 'Bearer as-it-is'])
  expect(tokens.seen).toHaveLength(0)
  serve = (_, response) => response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
  expect((await authorized.send(ask())).status).toBe(401)
})

describe('a token that allows less than was asked', () => {
  const pushing = () =>
    ask({
      method: 'POST',
      phase: 'upload-session',
      scope: 'repository:a/b:pull,push',
      url: `${registry.url}/v2/a/b/blobs/uploads/`,
    })
  const refusing =
    (status: number): typeof serve =>
    (request, response) => {
      if (request.headers.authorization === undefined || status === 401)
        challenge(response, ',scope="repository:a/b:pull,push",error="insufficient_scope"')
      else
        response
          .writeHead(status, { 'content-type': 'application/json' })
          .end('{"errors":[{"code":"DENIED"}]}')
    }
  const granted = 'repository:a/b:pull'
  const access = [{ type: 'repository', name: 'a/b', actions: ['pull'] }]

  test.each([
    ['in the token', 401, () => ({ token: jwt(access) })],
    ['in the token', 403, () => ({ token: jwt(access) })],
    ['beside the token', 401, () => ({ access_token: 'opaque', scope: granted })],
  ])('is told by what stands %s, on a %i', async (_, status, answer) => {
    serve = refusing(status)
    issue = (__, response) => response.end(JSON.stringify(answer()))
    const refused = await as(ann).send(pushing())
    expect(refused.grant).toEqual({ asked: 'repository:a/b:pull,push', granted })
    expect(refusal(pushing(), refused).failure).toMatchObject({
      kind: 'denied',
      next: ['check-permission', 'log-in'],
    })
    // it was new and for exactly this: another one would be the same
    expect(tokens.seen).toHaveLength(1)
  })

  test.each([
    ['everything', jwt([{ type: 'repository', name: 'a/b', actions: ['*'] }])],
    ['just that', jwt([{ type: 'repository', name: 'a/b', actions: ['push', 'pull'] }])],
    ['what nobody can read', jwt('all')],
    ['what is no token of distribution', 'opaque'],
  ])('is not claimed of one that allows %s', async (_, token) => {
    serve = refusing(403)
    issue = (__, response) => response.end(JSON.stringify({ token }))
    const refused = await as(ann).send(pushing())
    expect(refused.status).toBe(403)
    expect(refused.grant).toBeUndefined()
  })

  test('is no matter where the registry lets it pass', async () => {
    issue = (_, response) => response.end(JSON.stringify({ token: jwt([]) }))
    const answer = await as(ann).send(pushing())
    expect(answer.status).toBe(200)
    expect(answer.grant).toBeUndefined()
  })
})

describe('a registry that knows a user by several names', () => {
  const lookup: CredentialLookup = (repository) =>
    Promise.resolve({ source: 'podman', username: repository ?? 'nobody', password: 'x' })

  test('is asked as the one of the repository, and tokens are kept apart', async () => {
    const authorized = as(lookup)
    await authorized.send(ask())
    await authorized.send(ask({ scope: 'repository:c/d:pull' }))
    await authorized.send(ask())
    expect(tokens.seen.map(({ headers }) => headers.authorization)).toEqual([
      basic('a/b', 'x'),
      basic('c/d', 'x'),
    ])
    expect(sentToRegistry().at(-1)).toBe('Bearer t1')
  })

  test('is not asked for a name before it demands one', async () => {
    serve = (_, response) => response.end('{}')
    const broken: CredentialLookup = () => Promise.reject(new Error('nobody may ask'))
    expect((await as(broken).send(ask())).status).toBe(200)
  })
})

test('a client asks a token service that is busy again, where the way it goes once does not ask the registry again', async () => {
  const client = createRegistryClient({
    transport,
    url: registry.url,
    credential: ann,
    wait: () => Promise.resolve(),
  })
  const issueWell = issue
  issue = (request, response) => {
    if (tokens.seen.length === 1) response.writeHead(503).end()
    else issueWell(request, response)
  }
  expect((await client.once.send(ask())).status).toBe(200)
  expect(tokens.seen).toHaveLength(2)
  serve = (_, response) => response.writeHead(503).end()
  registry.seen.length = 0
  expect((await client.once.send(ask())).status).toBe(503)
  expect(registry.seen).toHaveLength(1)
  expect((await client.transport.send(ask())).status).toBe(503)
  expect(registry.seen).toHaveLength(4)
})

describe('what registries demand differs', () => {
  test('/v2/ is open to all and a repository is not', async () => {
    const protectedServe = serve
    serve = (request, response) => {
      if (request.path === '/v2/') response.end('{}')
      else protectedServe(request, response)
    }
    const authorized = as(ann)
    const { scope: _, ...ping } = ask({ url: `${registry.url}/v2/`, phase: 'ping' })
    expect((await authorized.send(ping)).status).toBe(200)
    expect((await authorized.send(ask())).status).toBe(200)
    expect(sentToRegistry()).toEqual([undefined, undefined, 'Bearer t1'])
  })

  test('Harbor wants a token for repositories and Basic for its catalog', async () => {
    const protectedServe = serve
    serve = (request, response) => {
      if (!request.path.startsWith('/v2/_catalog')) protectedServe(request, response)
      else if (request.headers.authorization === basic('ann', 'pass:word')) response.end('{}')
      else response.writeHead(401, { 'www-authenticate': 'Basic realm="harbor"' }).end()
    }
    const authorized = as(ann)
    const catalog = ask({
      url: `${registry.url}/v2/_catalog`,
      phase: 'catalog',
      scope: 'registry:catalog:*',
    })
    for (const each of [ask(), catalog, ask(), catalog]) {
      expect((await authorized.send(each)).status).toBe(200)
    }
    expect(sentToRegistry().slice(2)).toEqual([
      undefined,
      basic('ann', 'pass:word'),
      'Bearer t1',
      basic('ann', 'pass:word'),
    ])
    expect(tokens.seen).toHaveLength(1)
  })
})
