import { afterAll, afterEach, describe, expect, test } from 'vitest'
import {
  type ContentAgent,
  type ContentWanted,
  mapContent,
} from '../../../electron/mirrors/content/content-maps.ts'
import { createTransport } from '../../../electron/oci/transport.ts'
import { type ContentMap, contentMapSchema } from '../../../shared/model/content-map.ts'
import { failureIn } from '../../fakes/failure-in.ts'
import { closedPort, type FakeHost, startFakeHost } from '../../fakes/mirror.ts'
import {
  config,
  index,
  layer,
  manifest,
  node,
  repository,
  startMirror,
  startRegistry,
  type Store,
  tag,
} from './nodes.ts'

const transport = createTransport({ record: () => undefined, clock: { now: Date.now } })
const hosts: FakeHost[] = []
const [small, large] = [layer(1000), layer(50_000)]
const image = manifest([small, large])
const whole: Store = { tagged: image, pieces: [image, config, small, large] }

afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.stop()))
})
afterAll(() => transport.close())

async function started(host: Promise<FakeHost>): Promise<FakeHost> {
  hosts.push(await host)
  return host
}

function agentAt(name: string, mirror: { url: string } | undefined): ContentAgent {
  return {
    agent: node(name, mirror),
    mirror: mirror === undefined ? undefined : { url: mirror.url, transport },
  }
}

/** Nodes with these stores, beside a registry with that one (none: nobody listens). */
async function cluster(stores: readonly Store[], registry?: Store) {
  const mirrors = await Promise.all(stores.map((store) => started(startMirror(store))))
  const upstream = registry === undefined ? undefined : await started(startRegistry(registry))
  return {
    mirrors,
    upstream,
    agents: mirrors.map((mirror, at) => agentAt(`node-${at + 1}`, mirror)),
    url: upstream?.url ?? `http://${closedPort}`,
  }
}

async function mapOf(
  { agents, url }: { agents: readonly ContentAgent[]; url: string },
  wanted: Partial<ContentWanted> = {},
  signal = new AbortController().signal,
): Promise<{ map: ContentMap; progress: number[] }> {
  const asked = { reference: `${new URL(url).host}/${repository}:${tag}`, ...wanted }
  const steps = mapContent(
    asked,
    agents,
    { clock: { now: () => 5 }, upstream: async () => ({ transport, url, repository }) },
    signal,
  )
  const progress: number[] = []
  let next = await steps.next()
  for (; next.done !== true; next = await steps.next()) progress.push(next.value.asked)
  return { map: contentMapSchema.parse(next.value), progress }
}

const overhead = image.bytes.length + config.bytes.length

describe('which node has what', () => {
  test('is asked of every mirror by digest, without its counting anything', async () => {
    const lab = await cluster([whole, { pieces: [config, small] }, { pieces: [] }], whole)
    const { map, progress } = await mapOf(lab)
    expect(map.items.map(({ kind, digest }) => [kind, digest])).toEqual([
      ['manifest', image.digest],
      ['config', config.digest],
      ['layer', small.digest],
      ['layer', large.digest],
    ])
    expect(map.nodes.map(({ holds }) => holds)).toEqual([
      ['has', 'has', 'has', 'has'],
      ['lacks', 'has', 'has', 'lacks'],
      ['lacks', 'lacks', 'lacks', 'lacks'],
    ])
    expect(progress.at(-1)).toBe(3)
    const asked = lab.mirrors.flatMap((mirror) => mirror.asked)
    expect(asked.length).toBeGreaterThan(0)
    for (const { headers, query, method, path } of asked) {
      expect(headers['x-spegel-mirrored']).toBe('true')
      expect(query.get('ns')).toBe(new URL(lab.url).host)
      // bytes of layers never move
      if (path.includes('/blobs/')) expect(method).toBe('HEAD')
    }
  })

  test('tells in bytes what a pull on each node would move', async () => {
    const { map } = await mapOf(
      await cluster([{ pieces: [image, config, small] }, { pieces: [config] }], whole),
    )
    expect(map.nodes.map(({ bytes }) => bytes)).toEqual([
      { local: overhead + 1000, peers: 0, upstream: 50_000 },
      { local: config.bytes.length, peers: image.bytes.length + 1000, upstream: 50_000 },
    ])
    expect(map.upstreamOnly).toEqual([large.digest])
  })

  test('needs no registry where a node has the manifest', async () => {
    const { map } = await mapOf(await cluster([{ pieces: [] }, whole]))
    expect(map.manifestFrom).toBe('node-2')
    expect(map.upstream.failure?.kind).toBe('refused')
    expect(map.nodes[0]?.bytes).toEqual({ local: 0, peers: overhead + 51_000, upstream: 0 })
  })

  test('needs no node where the registry has it: all of it is upstream', async () => {
    const { map } = await mapOf(await cluster([{ pieces: [] }], whole))
    expect(map.upstreamOnly).toHaveLength(4)
    expect(map.nodes[0]?.bytes).toEqual({ local: 0, peers: 0, upstream: overhead + 51_000 })
  })
})

describe('a tag', () => {
  const old = manifest([small])

  test('that nodes know by an older meaning is told, and the map is about the newest', async () => {
    const { map } = await mapOf(await cluster([{ tagged: old, pieces: [old, config, small] }, whole], whole))
    expect(map.tagsDiffer).toBe(true)
    expect(map.digest).toBe(image.digest)
    expect(map.nodes.map(({ tagDigest }) => tagDigest)).toEqual([old.digest, image.digest])
    expect(map.nodes[0]?.holds).toEqual(['lacks', 'has', 'has', 'lacks'])
  })

  test('means what most nodes say where the registry is silent', async () => {
    const stale: Store = { tagged: old, pieces: [old, config, small] }
    const { map } = await mapOf(await cluster([whole, stale, stale]))
    expect(map.digest).toBe(old.digest)
    expect(map.tagsDiffer).toBe(true)
  })

  test('nobody knows is a Failure that says so', async () => {
    const failure = await failureIn(mapOf(await cluster([{ pieces: [] }], { pieces: [] })))
    expect(failure).toMatchObject({ kind: 'not-found' })
  })

  test('is not asked for where the reference has a digest', async () => {
    const lab = await cluster([whole], whole)
    const { map } = await mapOf(lab, { reference: `${new URL(lab.url).host}/${repository}@${image.digest}` })
    expect(map.tagsDiffer).toBe(false)
    expect(lab.mirrors[0]?.asked.some(({ path }) => path.endsWith(`/${tag}`))).toBe(false)
  })
})

describe('an index', () => {
  const arm = manifest([small])
  const both = index({ 'linux/amd64': image, 'linux/arm64': arm })
  const store: Store = { tagged: both, pieces: [both, image, arm, config, small, large] }

  test('is mapped for linux/amd64 unless told, with the platforms there are', async () => {
    const { map } = await mapOf(await cluster([store], store))
    expect(map).toMatchObject({ platform: 'linux/amd64', platforms: ['linux/amd64', 'linux/arm64'] })
    expect(map.items.map(({ kind }) => kind)).toEqual(['index', 'manifest', 'config', 'layer', 'layer'])
    expect(map.items[1]?.platform).toBe('linux/amd64')
  })

  test('is mapped for the platform that was asked for, out of a node that has it', async () => {
    const { map } = await mapOf(await cluster([store]), { platform: 'linux/arm64' })
    expect(map.items.map(({ digest }) => digest)).toEqual([
      both.digest,
      arm.digest,
      config.digest,
      small.digest,
    ])
  })

  test('without that platform names those it has', async () => {
    const failure = await failureIn(mapOf(await cluster([store], store), { platform: 'windows/amd64' }))
    expect(failure).toMatchObject({ kind: 'not-found' })
    expect(failure.evidence[0]?.value).toBe('linux/amd64, linux/arm64')
  })
})

describe('a node that cannot say', () => {
  test('because nobody listens keeps its Failure, and the others are told', async () => {
    const lab = await cluster([whole], whole)
    const { map } = await mapOf({
      ...lab,
      agents: [...lab.agents, agentAt('gone', { url: `http://${closedPort}` })],
    })
    expect(map.nodes[1]).toMatchObject({ name: 'gone', failure: { kind: 'refused' } })
    expect(map.nodes[1]?.holds).toEqual(['not-asked', 'not-asked', 'not-asked', 'not-asked'])
    expect(map.nodes[1]?.bytes).toBeUndefined()
    expect(map.nodes[0]?.bytes?.local).toBe(overhead + 51_000)
  })

  test('because it answers 500 is not one that lacks it', async () => {
    // Spegel 0.1.1 answers so for a blob it has not
    const broken = await started(
      startFakeHost(({ path }) => (path.includes('/blobs/') ? { status: 500 } : { status: 404 })),
    )
    const { map } = await mapOf({ ...(await cluster([], whole)), agents: [agentAt('old', broken)] })
    expect(map.nodes[0]?.holds).toEqual(['lacks', 'failed', 'failed', 'failed'])
    expect(map.nodes[0]?.failure).toMatchObject({ kind: 'server-fault', status: 500 })
    expect(map.nodes[0]?.bytes).toBeUndefined()
  })

  test('because nothing leads to its mirror is named as not asked', async () => {
    const lab = await cluster([whole], whole)
    const { map } = await mapOf({ ...lab, agents: [...lab.agents, agentAt('k3s', undefined)] })
    expect(map.nodes[1]?.holds).toEqual(['not-asked', 'not-asked', 'not-asked', 'not-asked'])
  })

  test('and hands out a manifest that is another is not believed', async () => {
    const liar = await started(
      startFakeHost(() => ({
        status: 200,
        headers: { 'docker-content-digest': image.digest },
        body: '{"schemaVersion":2}',
      })),
    )
    const lab = await cluster([whole])
    const { map } = await mapOf({ ...lab, agents: [agentAt('liar', liar), ...lab.agents] })
    expect(map.manifestFrom).toBe('node-1')
  })
})

test('no node to ask is said before anything is asked', async () => {
  const lab = await cluster([], whole)
  expect(await failureIn(mapOf({ ...lab, agents: [agentAt('k3s', undefined)] }))).toMatchObject({
    kind: 'input-invalid',
  })
  expect(lab.upstream?.asked).toEqual([])
})

test('a reference that does not hold is refused', async () => {
  const lab = await cluster([whole])
  expect(await failureIn(mapOf(lab, { reference: 'Not A Reference' }))).toMatchObject({
    kind: 'reference-invalid',
  })
})

test('cancelling ends it while a mirror hangs', async () => {
  const hanging = await started(startFakeHost(() => 'hang'))
  const cancel = new AbortController()
  const running = failureIn(
    mapOf({ ...(await cluster([], whole)), agents: [agentAt('slow', hanging)] }, {}, cancel.signal),
  )
  await expect.poll(() => hanging.asked.length).toBe(1)
  cancel.abort()
  expect(await running).toMatchObject({ kind: 'cancelled' })
})

test('a manifest with more parts than anybody pulls is refused', async () => {
  const wide = manifest(Array.from({ length: 501 }, (_, size) => layer(size + 1)))
  const failure = await failureIn(mapOf(await cluster([{ pieces: [] }], { tagged: wide, pieces: [wide] })))
  expect(failure).toMatchObject({ kind: 'answer-invalid' })
})
