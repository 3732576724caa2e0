import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Intake, createIntake } from '../../electron/charts/intake.ts'
import type { LoopbackHost } from '../../electron/loopback/server.ts'
import { startLab, tokenOf } from './lab.ts'
import { type RawAnswer, rawHttp } from './raw-http.ts'

let directory: string
let root: string
let intake: Intake
let host: LoopbackHost
let token: string
let own: { Host: string; Origin: string }

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chartroom-loopback-'))
  root = join(directory, 'renderer')
  await mkdir(join(root, 'assets'), { recursive: true })
  await writeFile(join(root, 'index.html'), '<meta content="__CARRIER__"><meta content="__NONCE__">')
  await writeFile(join(root, 'assets', 'app.js'), 'export {}')
  await writeFile(join(directory, 'secret.json'), 'top secret')
  intake = createIntake({ directory })
  host = await startLab(intake, root)
  token = tokenOf(host)
  own = { Host: `127.0.0.1:${host.port}`, Origin: `http://127.0.0.1:${host.port}` }
})
afterEach(async () => {
  await host.close()
  await intake.close()
  await rm(directory, { recursive: true, force: true })
})

describe('the token', () => {
  test('is exchanged once for a cookie that scripts cannot read and other sites cannot send', async () => {
    const answer = await exchange(token)
    expect(answer.status).toBe(204)
    expect(answer.headers['set-cookie']).toMatch(
      /^chartroom-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
    )
    const again = await exchange(token)
    expect(again.status).toBe(401)
    expect(again.headers['set-cookie']).toBeUndefined()
  })

  test.each([['wrong'], [''], ['x'.repeat(5000)]])(
    '%j gets no cookie and leaves the right one good',
    async (guess) => {
      const answer = await exchange(guess)
      expect(answer.status).toBe(401)
      expect(answer.headers['set-cookie']).toBeUndefined()
      expect((await exchange(token)).status).toBe(204)
    },
  )

  test.each([['{'], ['[]'], ['{"token":{"$ne":1}}']])('the body %s is refused', async (body) => {
    const answer = await post('/session', own, body)
    expect(answer.status).toBe(401)
  })

  test('is not in anything the server answers', async () => {
    const page = await get('/', own)
    expect(JSON.stringify(page)).not.toContain(token)
  })

  test('of one host opens no other', async () => {
    const other = await startLab(intake, root)
    try {
      const origin = { Host: `127.0.0.1:${other.port}`, Origin: `http://127.0.0.1:${other.port}` }
      const body = JSON.stringify({ token })
      const headers = { ...origin, 'Content-Length': String(body.length) }
      expect((await rawHttp(other.port, 'POST /session', headers, body)).status).toBe(401)
    } finally {
      await other.close()
    }
  })
})

describe('the session', () => {
  test('tells a page that was reloaded whether its cookie still holds', async () => {
    expect((await get('/session', own)).status).toBe(401)
    expect((await get('/session', { ...own, Cookie: await cookie() })).status).toBe(204)
    expect((await get('/session', { ...own, Cookie: `chartroom-${host.port}=guess` })).status).toBe(401)
  })
})

describe('a foreign Host', () => {
  // a name that was rebound to 127.0.0.1 reaches the port, but carries its own name
  test.each([
    ['evil.test'],
    ['localhost'],
    ['127.0.0.1'],
    ['127.0.0.1:1'],
    ['127.0.0.1.evil.test'],
    ['[::1]'],
    [''],
  ])('%j is refused everywhere, cookie or not', async (name) => {
    const proven = await cookie()
    const foreign = {
      Host: name === 'localhost' || name === '[::1]' ? `${name}:${host.port}` : name,
      Cookie: proven,
    }
    for (const path of ['/', '/assets/app.js', '/session']) {
      const answer = await get(path, foreign)
      expect([400, 403]).toContain(answer.status)
      expect(answer.body).not.toContain('export')
    }
    expect((await post('/intake?name=a.tgz', { ...foreign, Origin: own.Origin }, 'x')).status).toBe(403)
    expect((await upgrade({ ...foreign, Origin: own.Origin })).status).toBe(403)
  })

  test('two of them, or none, are a bad request', async () => {
    expect((await get('/', {})).status).toBe(400)
  })
})

describe('a foreign Origin', () => {
  test.each([
    ['http://evil.test'],
    ['null'],
    ['http://localhost'],
    ['https://127.0.0.1'],
    ['http://127.0.0.1:1'],
    ['http://127.0.0.1.evil.test'],
  ])('%s is refused everywhere, cookie or not', async (origin) => {
    const foreign = { Host: own.Host, Origin: origin, Cookie: await cookie() }
    expect((await get('/', foreign)).status).toBe(403)
    expect((await get('/session', foreign)).status).toBe(403)
    expect((await post('/session', foreign, JSON.stringify({ token }))).status).toBe(403)
    expect((await post('/intake?name=a.tgz', foreign, 'x')).status).toBe(403)
    expect((await upgrade(foreign)).status).toBe(403)
  })

  test('nothing that changes something or opens a socket goes without one', async () => {
    const without = { Host: own.Host, Cookie: await cookie() }
    expect((await post('/session', without, JSON.stringify({ token }))).status).toBe(403)
    expect((await post('/intake?name=a.tgz', without, 'x')).status).toBe(403)
    expect((await upgrade(without)).status).toBe(403)
  })
})

describe('a missing or guessed cookie', () => {
  test.each([
    ['none', {}],
    ['a guess', { Cookie: 'chartroom-1=x; session=y' }],
    ['an empty one', { Cookie: '=' }],
  ])('%s opens neither the wire nor the intake', async (_, headers) => {
    expect((await upgrade({ ...own, ...headers })).status).toBe(403)
    const answer = await post('/intake?name=a.tgz', { ...own, ...headers }, 'x')
    expect(answer.status).toBe(401)
    expect(answer.body).not.toContain('ticket')
  })

  test('the right one opens both', async () => {
    const proven = { ...own, Cookie: `other=1; ${await cookie()}` }
    expect((await upgrade(proven)).status).toBe(101)
    const answer = await post('/intake?name=cart-1.0.0.tgz', proven, 'bytes')
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.body)).toEqual({ ticket: expect.any(String) as string })
  })

  test('the right one opens no other path', async () => {
    expect((await upgrade({ ...own, Cookie: await cookie() }, '/other')).status).toBe(403)
  })
})

describe('paths', () => {
  test.each([
    ['/../secret.json'],
    ['/assets/../../secret.json'],
    ['/%2e%2e/secret.json'],
    ['/..%2fsecret.json'],
    ['/%2e%2e%2fsecret.json'],
    ['/..%5csecret.json'],
    ['/..\\secret.json'],
    ['//etc/passwd'],
    ['/%00'],
    ['/%'],
    ['/assets'],
    ['/assets/'],
    ['/C:/secret.json'],
    ['/nothing.js'],
  ])('%s is not found', async (path) => {
    const answer = await get(path, own)
    expect(answer.status).toBe(404)
    expect(answer.body).not.toContain('top secret')
  })

  test('an absolute address in the request line is not followed', async () => {
    const answer = await get('http://evil.test/secret.json', own)
    expect(answer.status).toBe(404)
  })

  test('files of the page are served as what they are', async () => {
    const answer = await get('/assets/app.js', { Host: own.Host })
    expect(answer).toMatchObject({
      status: 200,
      headers: {
        'content-type': 'text/javascript; charset=utf-8',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      },
    })
  })

  test.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s is refused', async (method) => {
    expect((await rawHttp(host.port, `${method} /`, own)).status).toBe(405)
  })
})

describe('the page', () => {
  test('has a fresh nonce in it and in its policy each time', async () => {
    const [first, second] = [await get('/', own), await get('/', own)]
    const nonce = /'nonce-([^']+)'/.exec(first.headers['content-security-policy'] ?? '')?.[1] ?? 'missing'
    expect(first.body).toContain(`<meta content="socket"><meta content="${nonce}">`)
    expect(second.headers['content-security-policy']).not.toContain(nonce)
  })

  test('has a policy that lets in its own scripts and nothing else', async () => {
    const { headers } = await get('/index.html', own)
    expect(headers['content-security-policy']?.replace(/nonce-[^']+/, 'nonce-N').split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self' 'nonce-N'",
      "img-src 'self' data:",
      "font-src 'self'",
      `connect-src 'self' ws://127.0.0.1:${host.port}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ])
  })
})

test('nothing listens on another interface than loopback', async () => {
  const others = Object.values(networkInterfaces())
    .flat()
    .filter((address) => address !== undefined && !address.internal)
    .map((address) => address?.address ?? '')
    // an address of a link needs its interface named to be reached at all
    .filter((address) => !address.startsWith('fe80:'))
  // ::1 and the rest of 127/8 are there on a machine without a network too
  for (const address of ['::1', '127.0.0.2', ...others]) {
    const socket = connect(host.port, address)
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
    expect(['ECONNREFUSED', 'EADDRNOTAVAIL', 'ENETUNREACH', 'EHOSTUNREACH', 'ETIMEDOUT']).toContain(
      error.code,
    )
  }
})

async function exchange(given: string): Promise<RawAnswer> {
  return post('/session', own, JSON.stringify({ token: given }))
}

async function cookie(): Promise<string> {
  return (await exchange(token)).headers['set-cookie']?.split(';')[0] ?? 'none'
}

function get(path: string, headers: Record<string, string>): Promise<RawAnswer> {
  return rawHttp(host.port, `GET ${path}`, headers)
}

function post(path: string, headers: Record<string, string>, body: string): Promise<RawAnswer> {
  return rawHttp(host.port, `POST ${path}`, { ...headers, 'Content-Length': String(body.length) }, body)
}

function upgrade(headers: Record<string, string>, path = '/wire'): Promise<RawAnswer> {
  return rawHttp(host.port, `GET ${path}`, {
    ...headers,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  })
}
