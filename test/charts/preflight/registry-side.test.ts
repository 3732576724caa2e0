import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../../../electron/demo/registry.ts'
import { chartArchive } from '../../fakes/charts.ts'
import { type FaultProxy, startFaultProxy } from '../../fakes/fault-proxy.ts'
import { htmlAnswer, registryAnswer, vsphere } from '../../fakes/faults.ts'
import { closedPort } from '../../fakes/mirror.ts'
import { type DockerRegistry, startDockerRegistry } from '../../lab/docker-registry.ts'
import { backwards, startTokenService, type TokenService } from '../../lab/token-service.ts'
import { openPreflightLab, type PreflightLab } from './preflight-lab.ts'

const account = { username: 'captain', password: 'pa55word' }
const cart = 'repository:charts/cart'
let lab: PreflightLab
let embedded: EmbeddedRegistry
let guarded: DockerRegistry
let readOnly: DockerRegistry
let service: TokenService
let tokens: DockerRegistry
let proxy: FaultProxy
let guardedProxy: FaultProxy

beforeAll(async () => {
  service = await startTokenService({ writer: { [cart]: ['pull', 'push'] }, reader: { [cart]: ['pull'] } })
  ;[lab, embedded, guarded, readOnly, tokens] = await Promise.all([
    openPreflightLab(),
    startEmbeddedRegistry({}),
    startDockerRegistry({ htpasswd: account }),
    startDockerRegistry({ readOnly: true }),
    startDockerRegistry({ token: service.registry }),
  ])
  proxy = await startFaultProxy(embedded.url)
  guardedProxy = await startFaultProxy(guarded.url)
})
afterAll(async () => {
  await lab.close()
  await Promise.all([proxy.stop(), guardedProxy.stop()])
  await Promise.all([embedded.stop(), guarded.stop(), readOnly.stop(), tokens.stop(), service.stop()])
})
beforeEach(() => {
  proxy.inflict()
  guardedProxy.inflict()
})

/** A ticket for a chart whose bytes are like no other's. */
const chartOf = async (name = 'cart', version = '1.0.0') =>
  lab.take(await chartArchive({ name, version, padding: 100 }))
const login = (username: string, password = backwards(username)) =>
  ({ source: 'password', username, password }) as const

describe('a registry that takes the chart', () => {
  test('is ready: every check has its line, none is blocked and no byte of the chart was sent', async () => {
    const { lines, report, streamed } = await lab.fly(await chartOf(), await lab.add(proxy.url))
    expect(lines).toEqual([
      'archive: ok archive-sound',
      'chart: ok chart-valid',
      'version: ok version-strict',
      'name: ok name-fits',
      'dependencies: ok dependencies-none',
      'values: ok values-no-schema',
      'provenance: ok provenance-none',
      'registry: ok registry-answers',
      'credentials: note credentials-anonymous',
      'permission: ok permission-tried',
      'repository: note repository-new',
      'tag: ok tag-free',
      'transport: ok transport-usual',
    ])
    expect(report).toMatchObject({ ready: true })
    expect(report).not.toHaveProperty('overwrites')
    expect(streamed.map(({ check }) => check).sort()).toEqual(report.checks.map(({ check }) => check).sort())
    const wrote = proxy.seen.filter(({ method }) => method === 'PUT' || method === 'PATCH')
    expect(wrote).toEqual([])
  })

  test('with a password: says where the log-in is from, and gives the opened session up', async () => {
    const { of, report } = await lab.fly(
      await chartOf(),
      await lab.add(guardedProxy.url, login('captain', 'pa55word')),
    )
    expect(report.ready).toBe(true)
    expect(of('credentials')).toMatchObject({ outcome: 'ok', values: { source: 'password' } })
    expect(of('permission')).toMatchObject({ outcome: 'ok', finding: 'permission-tried' })
    const asked = guardedProxy.seen.map(({ method }) => method)
    expect(asked).toContain('POST')
    expect(JSON.stringify(report)).not.toContain('pa55word')
  })

  test('with a token: the rights it states are enough, and no session is opened', async () => {
    const { of, report } = await lab.fly(await chartOf(), await lab.add(tokens.url, login('writer')))
    expect(report.ready).toBe(true)
    expect(of('permission')).toMatchObject({
      outcome: 'ok',
      finding: 'permission-granted',
      values: { granted: `${cart}:pull,push` },
    })
    expect(of('repository')).toMatchObject({ outcome: 'note', finding: 'repository-new' })
  })

  test('names the file of a log-in of this machine', async () => {
    const auth = Buffer.from(`${account.username}:${account.password}`).toString('base64')
    await mkdir(join(lab.home, '.docker'), { recursive: true })
    const config = { auths: { [new URL(guarded.url).host]: { auth } } }
    await writeFile(join(lab.home, '.docker/config.json'), JSON.stringify(config))
    const { of } = await lab.fly(await chartOf(), await lab.add(guarded.url, { source: 'docker-config' }))
    expect(of('credentials')).toMatchObject({
      outcome: 'ok',
      values: { source: 'docker', place: '~/.docker/config.json' },
    })
  })
})

describe('the tag', () => {
  test('with this very chart: there is nothing to do', async () => {
    const registryId = await lab.add(embedded.url)
    const ticket = await chartOf('same')
    const { digest } = await lab.publish(ticket, registryId)
    const { of, report } = await lab.fly(ticket, registryId)
    expect(of('tag')).toMatchObject({ outcome: 'note', finding: 'tag-same-content', values: { digest } })
    expect(of('repository')).toMatchObject({ outcome: 'ok', finding: 'repository-exists' })
    expect(report).toMatchObject({ ready: true })
    expect(report).not.toHaveProperty('overwrites')
  })

  test('with other content waits for a decision, and the digest it names is what may then be replaced', async () => {
    const registryId = await lab.add(embedded.url)
    const before = await lab.publish(await chartOf('other'), registryId)
    const ticket = await chartOf('other')
    const { of, report } = await lab.fly(ticket, registryId)
    expect(of('tag')).toMatchObject({ outcome: 'decide', finding: 'tag-other-content' })
    expect(report).toMatchObject({ ready: true, overwrites: before.digest })
    await lab.publish(ticket, registryId, report.overwrites)
    expect((await lab.fly(ticket, registryId)).of('tag').finding).toBe('tag-same-content')
  })

  test('that the registry did not let go once is blocked, until it lets it go', async () => {
    const registryId = await lab.add(proxy.url)
    const { digest } = await lab.publish(await chartOf('fixed'), registryId)
    const ticket = await chartOf('fixed')
    proxy.inflict({
      strikes: ({ method, path }) => method === 'PUT' && path.includes('/manifests/'),
      does: registryAnswer('412 Precondition Failed', 'PRECONDITION'),
    })
    await expect(lab.publish(ticket, registryId, digest)).rejects.toMatchObject({
      data: { kind: 'conflict' },
    })
    const { of, report } = await lab.fly(ticket, registryId)
    expect(of('tag')).toMatchObject({
      outcome: 'blocked',
      finding: 'tag-immutable',
      failure: { kind: 'conflict', status: 412, answeredBy: 'registry' },
    })
    expect(report.ready).toBe(false)
    proxy.inflict()
    await lab.publish(ticket, registryId, digest)
    expect((await lab.fly(await chartOf('fixed'), registryId)).of('tag').outcome).toBe('decide')
  })
})

describe('a registry that does not take it', () => {
  test('because the token grants pull only', async () => {
    const { of, report } = await lab.fly(await chartOf(), await lab.add(tokens.url, login('reader')))
    expect(report.ready).toBe(false)
    expect(of('permission')).toMatchObject({
      outcome: 'blocked',
      failure: {
        kind: 'denied',
        evidence: expect.arrayContaining([{ fact: 'granted-scope', value: `${cart}:pull` }]) as unknown,
      },
    })
    expect(of('registry').outcome).toBe('ok')
  })

  test('because the password is wrong: said once, sent once, and what follows is not tried', async () => {
    const { lines, of } = await lab.fly(
      await chartOf(),
      await lab.add(guardedProxy.url, login('captain', 'wrong')),
    )
    expect(of('credentials')).toMatchObject({
      outcome: 'blocked',
      finding: 'credentials-refused',
      failure: { kind: 'unauthorized', answeredBy: 'registry' },
    })
    expect(lines).toEqual(
      expect.arrayContaining([
        'registry: ok registry-guarded',
        'permission: skipped skipped',
        'repository: skipped skipped',
        'tag: skipped skipped',
        'transport: ok transport-usual',
      ]),
    )
    expect(of('tag').values).toEqual({ because: 'credentials' })
    expect(guardedProxy.seen.filter(({ headers }) => headers['authorization'] !== undefined)).toHaveLength(1)
  })

  test('because nobody is logged in', async () => {
    const { of } = await lab.fly(await chartOf(), await lab.add(guarded.url))
    expect(of('credentials')).toMatchObject({ outcome: 'blocked', failure: { next: ['log-in'] } })
  })

  test('because it is read-only', async () => {
    const { of, report } = await lab.fly(await chartOf(), await lab.add(readOnly.url))
    expect(of('permission')).toMatchObject({
      outcome: 'blocked',
      failure: { kind: 'unsupported', status: 405 },
    })
    expect(report.ready).toBe(false)
  })

  test('because a repository has to be made first, as on ECR', async () => {
    proxy.inflict({
      strikes: ({ method }) => method === 'POST',
      does: registryAnswer('404 Not Found', 'NAME_UNKNOWN'),
    })
    const { of, report } = await lab.fly(await chartOf('unmade'), await lab.add(proxy.url))
    expect(of('repository')).toMatchObject({
      outcome: 'blocked',
      finding: 'repository-missing',
      failure: { kind: 'not-found', phase: 'upload-session' },
    })
    expect(of('permission')).toMatchObject({ outcome: 'skipped', values: { because: 'repository' } })
    expect(report.ready).toBe(false)
  })

  test('because nobody answers: what is on this machine is looked at all the same', async () => {
    const { lines, of } = await lab.fly(await chartOf(), await lab.add(`http://${closedPort}`))
    expect(of('registry')).toMatchObject({ outcome: 'blocked', failure: { kind: 'refused' } })
    expect(lines.slice(0, 7).every((line) => line.includes(': ok '))).toBe(true)
    for (const check of ['credentials', 'permission', 'repository', 'tag', 'transport'] as const) {
      expect(of(check)).toMatchObject({ outcome: 'skipped', values: { because: 'registry' } })
    }
  })

  test('because it is none: a page answers', async () => {
    proxy.inflict({ strikes: () => true, does: htmlAnswer('200 OK') })
    const { of } = await lab.fly(await chartOf(), await lab.add(proxy.url))
    expect(of('registry')).toMatchObject({ outcome: 'blocked', failure: { kind: 'not-a-registry' } })
  })

  test('because something fails as the tag is asked for', async () => {
    proxy.inflict({
      strikes: ({ path }) => path.includes('/manifests/'),
      does: registryAnswer('501 Not Implemented', 'UNKNOWN'),
    })
    const { of } = await lab.fly(await chartOf(), await lab.add(proxy.url))
    expect(of('tag')).toMatchObject({ outcome: 'blocked', failure: { kind: 'server-fault' } })
    expect(of('permission').values).toEqual({ because: 'tag' })
  })
})

test('a registry that lists no tags leaves open whether the repository is there', async () => {
  proxy.inflict({
    strikes: ({ path }) => path.includes('/tags/list'),
    does: registryAnswer('405 Method Not Allowed', 'UNSUPPORTED'),
  })
  const { of, report } = await lab.fly(await chartOf('unlisted'), await lab.add(proxy.url))
  expect(of('repository')).toMatchObject({ outcome: 'note', finding: 'repository-unknown' })
  expect(report.ready).toBe(true)
})

test('says that a shape was refused here before, and what auto takes instead', async () => {
  const registryId = await lab.add(proxy.url)
  const putBytes = ({ method, path }: { method: string; path: string }) =>
    method === 'PUT' && path.includes('/blobs/')
  proxy.inflict({
    ...vsphere,
    strikes: (seen) => putBytes(seen) && Number(seen.headers['content-length']) > 0,
  })
  await lab.publish(await chartOf('learned'), registryId)
  const { of } = await lab.fly(await chartOf('learned', '2.0.0'), registryId)
  expect(of('transport')).toMatchObject({
    outcome: 'ok',
    finding: 'transport-learned',
    values: { strategy: 'streamed-patch', refused: 'buffered', kind: 'body-refused' },
  })
})

test('a preflight that nobody listens to any more ends its requests', async () => {
  proxy.inflict({ strikes: ({ path }) => path === '/v2/', does: 'stall' })
  const reached = proxy.reached(({ path }) => path === '/v2/')
  const leave = new AbortController()
  const input = { ticket: await chartOf(), registryId: await lab.add(proxy.url), path: '' as const }
  const running = await lab.client.publish.preflight(input, { signal: leave.signal })
  const reading = (async () => {
    for await (const check of running) expect(check.outcome).not.toBe('blocked')
  })()
  const asked = await reached
  leave.abort()
  await expect(reading).rejects.toThrow()
  asked.release()
  await asked.closed
})

test('a ticket that is not held is a Failure of the preflight itself', async () => {
  await expect(lab.fly('none', await lab.add(embedded.url))).rejects.toMatchObject({
    data: { kind: 'no-such-item' },
  })
})
