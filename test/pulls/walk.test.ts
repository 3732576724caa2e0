import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { authorize } from '../../electron/oci/authorize.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import { createPulls } from '../../electron/pulls/walk.ts'
import type { Exchange } from '../../shared/model/exchange.ts'
import {
  type PullAttempt,
  pullAttemptSchema,
  type PullInput,
  type PullReport,
  pullReportSchema,
} from '../../shared/model/pull.ts'
import {
  type Asked,
  closedPort,
  type FakeHost,
  fakeImage,
  ociError,
  type Said,
  spegelMiss,
  startFakeHost,
} from '../fakes/mirror.ts'
import { startDockerRegistry } from '../lab/docker-registry.ts'

const image = fakeImage('shop/cart', '2.14.1')
const clock = { now: Date.now }

let closing: Array<() => Promise<unknown>>
let exchanges: Exchange[]

beforeEach(() => {
  closing = []
  exchanges = []
})
afterEach(async () => {
  for (const close of closing.toReversed()) await close()
})

async function host(answer: (asked: Asked) => Said): Promise<FakeHost> {
  const started = await startFakeHost(answer)
  closing.push(started.stop)
  return started
}

interface Given extends Partial<PullInput> {
  reference: string
  credential?: { username: string; password: string }
  signal?: AbortSignal
  patience?: number
}

async function walk(given: Given): Promise<PullReport> {
  const { credential, signal, patience, ...input } = given
  const transport = createTransport({ record: (exchange) => exchanges.push(exchange), clock })
  closing.push(() => transport.close())
  const pulls = createPulls({
    transport,
    clock,
    upstream: (_, registryUrl) =>
      Promise.resolve(
        authorize(transport, {
          registryUrl,
          credential: credential === undefined ? undefined : { source: 'password', ...credential },
        }),
      ),
    ...(patience === undefined ? {} : { patience }),
  })
  const seen: PullAttempt[] = []
  const steps = pulls.walk(
    { hostsToml: '', platform: 'linux/amd64', containerd: '2.1', ...input },
    signal ?? new AbortController().signal,
  )
  let next = await steps.next()
  for (; next.done !== true; next = await steps.next()) seen.push(pullAttemptSchema.parse(next.value))
  const report = pullReportSchema.parse(next.value)
  expect(report.attempts).toEqual(seen)
  return report
}

const mirrorsToml = (...mirrors: string[]) =>
  mirrors.map((mirror) => `[host."http://${mirror}"]\ncapabilities = ["pull", "resolve"]\n`).join('\n')

/** host, step, status or kind, outcome of each attempt. */
const shape = (report: PullReport) =>
  report.attempts.map(({ host, step, status, failure, outcome }) => [
    host,
    step,
    status ?? failure?.kind,
    outcome,
  ])

describe('a walk', () => {
  it('asks the mirror with ns, then the upstream without, and works', async () => {
    const [mirror, upstream] = [await host(spegelMiss), await host(image.answer)]
    const report = await walk({
      reference: `${upstream.host}/shop/cart:2.14.1`,
      hostsToml: mirrorsToml(mirror.host),
    })
    expect(shape(report)).toEqual([
      [mirror.host, 'resolve', 404, 'not-here'],
      [upstream.host, 'resolve', 200, 'served'],
      [mirror.host, 'manifest', 404, 'not-here'],
      [upstream.host, 'manifest', 200, 'served'],
      [mirror.host, 'blob', 404, 'not-here'],
      [upstream.host, 'blob', 200, 'served'],
    ])
    expect(report.reference).toBe(`${upstream.host}/shop/cart:2.14.1`)
    expect(report.verdict).toMatchObject({ kind: 'pull-works', host: upstream.host })
    expect(mirror.asked.map(({ method, path, query }) => [method, path, query.get('ns')])).toEqual([
      ['HEAD', '/v2/shop/cart/manifests/2.14.1', upstream.host],
      ['GET', `/v2/shop/cart/manifests/${image.digest}`, upstream.host],
      ['GET', `/v2/shop/cart/blobs/${image.configDigest}`, upstream.host],
    ])
    expect(upstream.asked.map(({ url, headers }) => [url.includes('?'), headers.range])).toEqual([
      [false, undefined],
      [false, undefined],
      [false, 'bytes=0-0'],
    ])
    expect(upstream.asked[0]?.headers.accept).toContain('application/vnd.oci.image.index.v1+json')
    expect(report.attempts[2]?.failure?.evidence).toContainEqual({ fact: 'attempts', value: '0' })
  })

  it('does not ask the upstream for what a mirror serves', async () => {
    const [mirror, upstream] = [await host(image.answer), await host(spegelMiss)]
    const report = await walk({
      reference: `${upstream.host}/shop/cart:2.14.1`,
      hostsToml: mirrorsToml(mirror.host),
    })
    expect(report.verdict).toMatchObject({ kind: 'pull-works', host: mirror.host })
    expect(upstream.asked).toEqual([])
  })

  it('unmasks a 403 for the config behind the mirror’s ordinary 404', async () => {
    const upstream = await host((asked) =>
      asked.path.includes('/blobs/')
        ? ociError(403, 'DENIED', 'pull access to shop/cart layers')
        : image.answer(asked),
    )
    const mirror = await host(spegelMiss)
    const report = await walk({
      reference: `${upstream.host}/shop/cart:2.14.1`,
      hostsToml: mirrorsToml(mirror.host),
    })
    expect(report.verdict).toMatchObject({
      kind: 'upstream-refuses',
      host: upstream.host,
      step: 'blob',
      next: ['check-pull-secret', 'check-permission'],
      containerd: {
        version: '2.1',
        rule: 'fetch-first',
        host: mirror.host,
        message: `failed to copy: httpReadSeeker: failed open: could not fetch content descriptor ${image.configDigest} (${image.configMediaType}) from remote: not found`,
      },
    })
    expect(report.verdict.message).toContain('DENIED: pull access to shop/cart layers')
  })

  it('calls a mirror’s 500 a fault, though the pull works', async () => {
    const [mirror, upstream] = [await host(() => ({ status: 500 })), await host(image.answer)]
    const report = await walk({
      reference: `${upstream.host}/shop/cart:2.14.1`,
      hostsToml: mirrorsToml(mirror.host),
    })
    expect(report.verdict).toMatchObject({
      kind: 'pull-works-with-faults',
      host: mirror.host,
      step: 'resolve',
    })
    expect(report.attempts[0]).toMatchObject({ outcome: 'fault', failure: { kind: 'server-fault' } })
  })

  it('calls a mirror that refuses the connection a fault', async () => {
    const [mirror, upstream] = [closedPort, await host(image.answer)]
    const report = await walk({
      reference: `${upstream.host}/shop/cart:2.14.1`,
      hostsToml: mirrorsToml(mirror),
    })
    expect(report.verdict).toMatchObject({ kind: 'pull-works-with-faults', host: mirror })
    expect(report.attempts[0]).toMatchObject({
      outcome: 'fault',
      answeredBy: 'nobody',
      failure: { kind: 'refused' },
    })
  })

  it('calls a mirror whose 404 is a page of HTML a fault', async () => {
    const page: Said = { status: 404, headers: { 'content-type': 'text/html' }, body: '<html>no</html>' }
    const [mirror, upstream] = [await host(() => page), await host(image.answer)]
    const report = await walk({
      reference: `${upstream.host}/shop/cart:2.14.1`,
      hostsToml: mirrorsToml(mirror.host),
    })
    expect(report.verdict).toMatchObject({
      kind: 'pull-works-with-faults',
      host: mirror.host,
      step: 'manifest',
    })
  })

  it('goes on where a mirror stands still', async () => {
    const [mirror, upstream] = [await host(() => 'hang'), await host(image.answer)]
    const report = await walk({
      reference: `${upstream.host}/shop/cart:2.14.1`,
      hostsToml: mirrorsToml(mirror.host),
      patience: 50,
    })
    expect(report.attempts[0]).toMatchObject({
      host: mirror.host,
      outcome: 'fault',
      failure: { kind: 'timeout' },
    })
    expect(report.attempts[1]).toMatchObject({ host: upstream.host, step: 'resolve' })
  })

  it('goes on where a mirror breaks off', async () => {
    const upstream = await host(image.answer)
    const mirror = await host((asked) =>
      asked.path.includes('/manifests/sha256:') ? 'cut' : spegelMiss(asked),
    )
    const report = await walk({
      reference: `${upstream.host}/shop/cart:2.14.1`,
      hostsToml: mirrorsToml(mirror.host),
    })
    expect(report.verdict).toMatchObject({
      kind: 'pull-works-with-faults',
      host: mirror.host,
      step: 'manifest',
    })
    expect(report.attempts[2]?.failure?.kind).toBe('connection-lost')
  })

  it('finds nothing anywhere', async () => {
    const [mirror, upstream] = [await host(spegelMiss), await host(image.answer)]
    const report = await walk({
      reference: `${upstream.host}/shop/cart:9.9.9`,
      hostsToml: mirrorsToml(mirror.host),
    })
    expect(shape(report)).toEqual([
      [mirror.host, 'resolve', 404, 'not-here'],
      [upstream.host, 'resolve', 404, 'fault'],
    ])
    expect(report.verdict).toMatchObject({
      kind: 'not-found-anywhere',
      next: ['check-name', 'choose-another-tag'],
      containerd: { rule: 'resolve-highest', host: mirror.host },
    })
  })

  it('says that the upstream limits requests', async () => {
    const upstream = await host(() => ociError(429, 'TOOMANYREQUESTS', 'slow down'))
    const report = await walk({ reference: `${upstream.host}/shop/cart:2.14.1` })
    expect(report.verdict).toMatchObject({
      kind: 'upstream-limits',
      host: upstream.host,
      next: ['wait-and-retry', 'log-in'],
    })
  })

  it('says that the token service refuses', async () => {
    const upstream = await host((asked) =>
      asked.path === '/token'
        ? ociError(401, 'UNAUTHORIZED', 'who are you')
        : {
            status: 401,
            headers: { 'www-authenticate': `Bearer realm="http://${asked.headers.host}/token",service="s"` },
          },
    )
    const report = await walk({ reference: `${upstream.host}/shop/cart:2.14.1` })
    expect(report.attempts).toMatchObject([
      { step: 'resolve', outcome: 'fault', failure: { phase: 'token' } },
    ])
    expect(report.verdict).toMatchObject({ kind: 'upstream-refuses', host: upstream.host })
    expect(report.verdict.containerd?.message).toContain(
      `failed to authorize: failed to fetch anonymous token: unexpected status from GET request to ${upstream.host}/…: 401 Unauthorized`,
    )
  })

  it('says that the upstream cannot be reached', async () => {
    const upstream = closedPort
    const report = await walk({ reference: `${upstream}/shop/cart:2.14.1` })
    expect(report.verdict).toMatchObject({ kind: 'upstream-unreachable', host: upstream })
    expect(report.verdict.containerd?.message).toContain('connect: connection refused')
  })

  it('takes the manifest of the platform out of an index', async () => {
    const index = fakeImage('shop/cart', '2.14.1', ['linux/arm64', 'linux/amd64'])
    const upstream = await host(index.answer)
    const report = await walk({ reference: `${upstream.host}/shop/cart:2.14.1`, platform: 'linux/arm64/v8' })
    expect(report.attempts.map(({ step }) => step)).toEqual([
      'resolve',
      'manifest',
      'platform-manifest',
      'blob',
    ])
    expect(upstream.asked.at(-1)?.path).toBe(`/v2/shop/cart/blobs/${index.configDigest}`)
    expect(report.verdict.kind).toBe('pull-works')
  })

  it('says which platforms there are where the wanted one is missing', async () => {
    const upstream = await host(fakeImage('shop/cart', '2.14.1', ['linux/arm64', 'linux/amd64']).answer)
    const report = await walk({ reference: `${upstream.host}/shop/cart:2.14.1`, platform: 'linux/s390x' })
    expect(report.verdict).toMatchObject({ kind: 'platform-missing', host: upstream.host })
    expect(report.verdict.message).toContain('It offers: linux/arm64, linux/amd64.')
  })

  it('asks a digest by HEAD too, of mirrors that may not resolve tags', async () => {
    const [mirror, upstream] = [await host(image.answer), await host(spegelMiss)]
    const hostsToml = `[host."${mirror.url}"]\ncapabilities = ["pull"]\n`
    const byDigest = await walk({ reference: `${upstream.host}/shop/cart@${image.digest}`, hostsToml })
    expect(byDigest.attempts.map(({ host, method }) => [host, method])).toEqual([
      [mirror.host, 'HEAD'],
      [mirror.host, 'GET'],
      [mirror.host, 'GET'],
    ])
    const byTag = await walk({ reference: `${upstream.host}/shop/cart:2.14.1`, hostsToml })
    expect(byTag.attempts.map(({ host }) => host)).toEqual([upstream.host])
  })

  it('reads the manifest where HEAD names no digest, and asks nobody else if that fails', async () => {
    const nameless = (asked: Asked): Said => {
      const said = image.answer(asked)
      if (typeof said === 'string' || !asked.path.endsWith('/2.14.1')) return said
      return { ...said, headers: { 'content-type': 'application/vnd.oci.image.manifest.v1+json' } }
    }
    const upstream = await host(nameless)
    const report = await walk({ reference: `${upstream.host}/shop/cart:2.14.1` })
    expect(report.attempts.map(({ step, method }) => `${method} ${step}`)).toEqual([
      'HEAD resolve',
      'GET resolve',
      'GET manifest',
      'GET blob',
    ])
    expect(report.verdict.kind).toBe('pull-works')

    const mirror = await host((asked) => (asked.method === 'HEAD' ? { status: 200 } : { status: 500 }))
    const stopped = await walk({
      reference: `${upstream.host}/shop/cart:2.14.1`,
      hostsToml: mirrorsToml(mirror.host),
    })
    expect(shape(stopped)).toEqual([
      [mirror.host, 'resolve', 200, 'served'],
      [mirror.host, 'resolve', 500, 'fault'],
    ])
    expect(stopped.verdict).toMatchObject({ kind: 'upstream-faults', host: mirror.host })
    expect(stopped.verdict).not.toHaveProperty('containerd')
  })

  it('asks by GET where a host knows no HEAD', async () => {
    const upstream = await host((asked) => (asked.method === 'HEAD' ? { status: 405 } : image.answer(asked)))
    const report = await walk({ reference: `${upstream.host}/shop/cart:2.14.1` })
    expect(shape(report).slice(0, 3)).toEqual([
      [upstream.host, 'resolve', 405, 'fault'],
      [upstream.host, 'resolve', 200, 'served'],
      [upstream.host, 'manifest', 200, 'served'],
    ])
  })

  it('stops where content does not match its digest, as containerd does', async () => {
    const upstream = await host(image.answer)
    const forged = fakeImage('shop/cart', '2.14.1', ['linux/amd64'])
    const mirror = await host((asked) => {
      const said = forged.answer({ ...asked, path: '/v2/shop/cart/manifests/2.14.1' })
      return asked.method === 'HEAD' ? image.answer(asked) : said
    })
    const report = await walk({
      reference: `${upstream.host}/shop/cart:2.14.1`,
      hostsToml: mirrorsToml(mirror.host),
    })
    expect(report.verdict).toMatchObject({
      kind: 'content-invalid',
      host: mirror.host,
      step: 'manifest',
      next: ['check-mirror-agent'],
    })
    expect(report.attempts.at(-1)?.failure?.kind).toBe('digest-mismatch')
    expect(upstream.asked).toEqual([])
  })

  it('says that a manifest is none', async () => {
    const bytes = Buffer.from('[]')
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
    const upstream = await host(() => ({
      status: 200,
      headers: { 'docker-content-digest': digest },
      body: bytes,
    }))
    const report = await walk({ reference: `${upstream.host}/shop/cart:2.14.1` })
    expect(report.verdict).toMatchObject({ kind: 'content-invalid', step: 'manifest' })
    expect(report.attempts.at(-1)?.failure?.kind).toBe('answer-invalid')
  })

  it('follows a blob to its storage without anything secret', async () => {
    const storage = await host(() => ({ status: 206, body: '{' }))
    const upstream = await host((asked) =>
      asked.path.includes('/blobs/')
        ? { status: 307, headers: { location: `${storage.url}/b?X-Amz-Signature=s` } }
        : image.answer(asked),
    )
    const hostsToml = `server = "${upstream.url}"\n[header]\nauthorization = "Basic c2VjcmV0"\n`
    const report = await walk({ reference: `${upstream.host}/shop/cart:2.14.1`, hostsToml })
    expect(report.verdict.kind).toBe('pull-works')
    expect(upstream.asked[0]?.headers.authorization).toBe('Basic c2VjcmV0')
    expect(storage.asked.map(({ headers }) => [headers.authorization, headers.range])).toEqual([
      [undefined, 'bytes=0-0'],
    ])
    expect(JSON.stringify([report, exchanges])).not.toContain('c2VjcmV0')
  })

  it('says that the storage refused, and does not run in circles', async () => {
    const storage = await host(() => ({
      status: 403,
      headers: { 'content-type': 'application/xml' },
      body: '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
    }))
    const redirect =
      (location: string) =>
      (asked: Asked): Said =>
        asked.path.includes('/blobs/') ? { status: 307, headers: { location } } : image.answer(asked)
    const refused = await host(redirect(`${storage.url}/b`))
    const report = await walk({ reference: `${refused.host}/shop/cart:2.14.1` })
    expect(report.attempts.at(-1)).toMatchObject({
      status: 403,
      answeredBy: 'storage',
      failure: { host: storage.host },
    })

    const circle = await host(redirect(`/v2/shop/cart/blobs/${image.configDigest}`))
    const circled = await walk({ reference: `${circle.host}/shop/cart:2.14.1` })
    expect(circled.attempts.at(-1)?.failure?.kind).toBe('redirect-refused')

    const file = await host(redirect('file:///etc/hosts'))
    const filed = await walk({ reference: `${file.host}/shop/cart:2.14.1` })
    expect(filed.attempts.at(-1)?.failure?.kind).toBe('redirect-refused')
  })

  it('tells ns to every host but the registry, however its port is spelled', async () => {
    const refused = (registry: string, hostsToml = '') =>
      walk({ reference: `${registry}/shop/cart:1`, hostsToml })
    const queries = async (report: Promise<PullReport>) =>
      (await report).attempts.map(({ url }) => new URL(url).search)
    expect(await queries(refused('127.0.0.1:80'))).toEqual([''])
    expect(await queries(refused('127.0.0.1:1', 'server = "http://127.0.0.1:2"\n'))).toEqual([
      '?ns=127.0.0.1%3A1',
    ])
  })

  it('refuses a reference that is none before it asks anybody', async () => {
    await expect(walk({ reference: 'UPPER/Case@sha256:zz' })).rejects.toMatchObject({
      failure: { kind: 'reference-invalid', phase: 'input' },
    })
    expect(exchanges).toEqual([])
  })

  it('refuses a hosts.toml that does not parse before it asks anybody', async () => {
    const hostsToml = '[host."http://m:1"\ncapabilities = ["pull"]\n'
    await expect(walk({ reference: '127.0.0.1:1/a:b', hostsToml })).rejects.toMatchObject({
      failure: { kind: 'hosts-invalid', evidence: [{ fact: 'line', value: '1' }] },
    })
    expect(exchanges).toEqual([])
  })

  it('ends when it is cancelled', async () => {
    const cancel = new AbortController()
    const upstream = await host(() => {
      cancel.abort()
      return 'hang'
    })
    await expect(walk({ reference: `${upstream.host}/a:b`, signal: cancel.signal })).rejects.toMatchObject({
      failure: { kind: 'cancelled' },
    })
  })
})

describe('a walk to a real registry', () => {
  const credential = { username: 'robot', password: 'correct horse' }
  const basic = { authorization: `Basic ${Buffer.from('robot:correct horse').toString('base64')}` }

  async function push(url: string): Promise<void> {
    const config = Buffer.from(
      '{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[]}}',
    )
    const digest = `sha256:${createHash('sha256').update(config).digest('hex')}`
    const session = await fetch(`${url}/v2/shop/cart/blobs/uploads/`, { method: 'POST', headers: basic })
    const location = new URL(session.headers.get('location') ?? '', url)
    location.searchParams.set('digest', digest)
    const stored = await fetch(location, { method: 'PUT', headers: basic, body: config })
    expect(stored.status).toBe(201)
    const type = 'application/vnd.oci.image.manifest.v1+json'
    const named = await fetch(`${url}/v2/shop/cart/manifests/2.14.1`, {
      method: 'PUT',
      headers: { ...basic, 'content-type': type },
      body: JSON.stringify({
        schemaVersion: 2,
        mediaType: type,
        config: { mediaType: image.configMediaType, digest, size: config.length },
        layers: [],
      }),
    })
    expect(named.status).toBe(201)
  }

  it('works with its password and is refused without', async () => {
    const registry = await startDockerRegistry({ htpasswd: credential })
    closing.push(registry.stop)
    await push(registry.url)
    const mirror = await host(spegelMiss)
    const reference = `${new URL(registry.url).host}/shop/cart:2.14.1`
    const hostsToml = mirrorsToml(mirror.host)

    const report = await walk({ reference, hostsToml, credential, registryId: 'lab' })
    expect(report.attempts.map(({ status }) => status)).toEqual([404, 200, 404, 200, 404, 206])
    expect(report.verdict.kind).toBe('pull-works')
    expect(mirror.asked.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      undefined,
      undefined,
    ])

    const refused = await walk({ reference, hostsToml })
    expect(refused.verdict).toMatchObject({ kind: 'upstream-refuses', step: 'resolve' })
    expect(refused.verdict.containerd).toMatchObject({
      host: mirror.host,
      message: `failed to resolve reference "${reference}": ${reference}: not found`,
    })
  })
})
