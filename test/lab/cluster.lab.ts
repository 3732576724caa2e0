import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { spegelReleases } from '../../build/lab-cluster.ts'
import type { ContentMap } from '../../shared/model/content-map.ts'
import type { AgentDetail } from '../../shared/model/mirror-detail.ts'
import type { MirrorView } from '../../shared/model/mirror.ts'
import { type ClusterApp, countsOf, openClusterApp } from './cluster-app.ts'
import { mirrorPort } from './cluster-node.ts'
import { partsOf } from './cluster-pull.ts'
import { type Cluster, eventually, startCluster } from './cluster.ts'
import { startPrometheus } from './prometheus.ts'
import { image, index, type Sample } from './samples.ts'

const none = { hits: 0, misses: 0 }
const hour = 3600

// left out by build/vitest-lab.ts where no cluster can run, and named at the end of `npm run test:lab`
describe.each(spegelReleases)('three nodes with Spegel %s', (release) => {
  let cluster: Cluster
  let app: ClusterApp
  beforeAll(async () => {
    cluster = await startCluster(release)
    app = await openClusterApp({ kind: 'agents', addresses: addressesOf(cluster), mirrorPort })
  })
  afterAll(async () => {
    await app.close()
    await cluster.stop()
  })

  /** Puts an image into the upstream; answers with its parts, its name there, and how to wait for its peers. */
  const given = async (sample: Sample, repository: string, { tag = '1.0', registry = first() } = {}) => {
    await cluster.push(sample, repository, tag)
    const parts = partsOf(sample, tag)
    return {
      reference: `${registry}/${repository}:${tag}`,
      requests: parts.length,
      advertised: () => cluster.advertised(registry, repository, parts),
    }
  }
  const first = () => cluster.registries[0]
  const upstream = () => `http://${first()}`
  /** How the counters of each node moved while `action` ran. */
  const grown = async (action: () => Promise<unknown>, registry = first()) => {
    const before = await app.map()
    await action()
    const after = await app.map()
    return after.agents.map((agent, at) => {
      const [was, is] = [countsOf(before.agents[at], registry), countsOf(agent, registry)]
      return { hits: is.hits - was.hits, misses: is.misses - was.misses }
    })
  }
  const [one, two, three] = [0, 1, 2].map((at) => () => {
    const node = cluster.nodes[at]
    if (node === undefined) throw new Error(`there is no node ${at}`)
    return node
  }) as [() => Node, () => Node, () => Node]

  test('they are found, and were asked for nothing', async () => {
    const { sources, agents } = await app.map()
    expect(sources).toMatchObject([{ state: 'ok', way: 'direct', agents: 3, answering: 3 }])
    expect(agents).toMatchObject(
      addressesOf(cluster).map((address) => ({ name: address, ok: true, counts: [], restarts: 0 })),
    )
    for (const { lastSuccessAt } of agents) expect(lastSuccessAt).toBe(release === 'v0.1.1' ? undefined : 0)
  })

  test('every request of a first pull misses, and every one of the next node’s hits', async () => {
    const { reference, requests, advertised } = await given(await image('first', 3), 'lab/first')
    expect(requests).toBe(6)
    expect(await grown(() => one().pull(reference))).toEqual([{ hits: 0, misses: requests }, none, none])
    await advertised()
    expect(await grown(() => two().pull(reference))).toEqual([none, { hits: requests, misses: 0 }, none])
  })

  test('of an image that shares layers with what a peer has, those hit', async () => {
    const base = await given(await image('shared', 2), 'lab/shared')
    await one().pull(base.reference)
    await base.advertised()
    const more = await given(await image('shared', 3), 'lab/shared', { tag: '2.0' })
    expect(await grown(() => three().pull(more.reference))).toEqual([
      none,
      none,
      { hits: 2, misses: more.requests - 2 },
    ])
  })

  test('of an index, the manifests and configs of all platforms are asked for', async () => {
    const { reference, requests, advertised } = await given(await index('many'), 'lab/many')
    expect(requests).toBe(8)
    expect(await grown(() => one().pull(reference))).toEqual([{ hits: 0, misses: requests }, none, none])
    await advertised()
    expect(await grown(() => two().pull(reference))).toEqual([none, { hits: requests, misses: 0 }, none])
  })

  test('of what a node holds nothing is counted', async () => {
    const { reference } = await given(await image('again', 1), 'lab/again')
    await one().pull(reference)
    // containerd asks for the tag again; this release asks peers, even for what its own node holds
    const counted = release === 'v0.1.1' ? { hits: 0, misses: 1 } : none
    expect(await grown(() => one().pull(reference))).toEqual([counted, none, none])
  })

  test('registries are told apart by the name that was asked for', async () => {
    const [, second] = cluster.registries
    const { reference, requests } = await given(await image('second', 2), 'lab/second', { registry: second })
    const before = await grown(() => one().pull(reference), second)
    expect(before).toEqual([{ hits: 0, misses: requests }, none, none])
    expect(await grown(() => one().pull(reference))).toEqual([none, none, none])
  })

  test('while the upstream is down, peers give what they have and nobody gives the rest', async () => {
    const held = await given(await image('held', 2), 'lab/held')
    const lost = await given(await image('lost', 2), 'lab/lost')
    await one().pull(held.reference)
    await held.advertised()
    await cluster.stopUpstream()
    try {
      expect(await grown(() => two().pull(held.reference))).toEqual([
        none,
        { hits: held.requests, misses: 0 },
        none,
      ])
      const found = await app.whoHas(held.reference, upstream())
      expect(found).toMatchObject({ manifestFrom: one().metrics, upstream: { failure: { kind: 'refused' } } })
      // containerd asks for the tag alone, and tells of the mirror's 404, not of the upstream that is gone
      const pull = () => expect(two().pull(lost.reference)).rejects.toThrow(`${lost.reference}: not found`)
      expect(await grown(pull)).toEqual([none, { hits: 0, misses: 1 }, none])
    } finally {
      await cluster.startUpstream()
    }
  })

  test('who has an image is right before it is pulled, after, and when it was removed', async () => {
    const sample = await image('who', 2)
    const { reference, advertised } = await given(sample, 'lab/who')
    // a blob it lacks is a 500 of this release, which is no answer
    const lacks = release === 'v0.1.1' ? 'failed' : 'lacks'
    const nowhere = ['lacks', lacks, lacks, lacks]
    const everywhere = ['has', 'has', 'has', 'has']
    const total = sum([...sample.contents.values()].map(({ length }) => length))
    const asked = async () => {
      const map = await app.whoHas(reference, upstream())
      expect(map.items.map(({ kind }) => kind)).toEqual(['manifest', 'config', 'layer', 'layer'])
      return map
    }
    const holds = ({ nodes }: ContentMap) => nodes.map((node) => node.holds)

    const counted = await grown(async () => {
      const before = await asked()
      expect(before).toMatchObject({ digest: sample.root.digest, manifestFrom: first() })
      expect(holds(before)).toEqual([nowhere, nowhere, nowhere])
      if (release !== 'v0.1.1') {
        expect(before.upstreamOnly).toHaveLength(4)
        expect(before.nodes[1]?.bytes).toEqual({ local: 0, peers: 0, upstream: total })
      }
    })
    expect(counted).toEqual([none, none, none])

    await one().pull(reference)
    await advertised()
    const after = await asked()
    expect(holds(after)).toEqual([everywhere, nowhere, nowhere])
    expect(after.nodes.map(({ tagDigest }) => tagDigest)).toEqual([sample.root.digest, undefined, undefined])
    expect(after.upstreamOnly).toEqual([])
    expect(after.nodes[0]?.bytes).toEqual({ local: total, peers: 0, upstream: 0 })
    if (release !== 'v0.1.1') expect(after.nodes[1]?.bytes).toEqual({ local: 0, peers: total, upstream: 0 })

    await two().pull(reference)
    await one().remove(reference)
    expect(holds(await asked())).toEqual([nowhere, everywhere, nowhere])
  })

  test('a node’s answers, what it served, and which release it is', async () => {
    const { reference, requests, advertised } = await given(await image('detail', 2), 'lab/detail')
    const detail = (of: Node) =>
      app.client.mirrors.detail({ source: app.source, id: of.metrics, window: { kind: 'start' } })
    const countOf = ({ answers }: AgentDetail, code: string, method: string) =>
      answers.find((answer) => answer.code === code && answer.method === method)?.count ?? 0
    await app.map()
    const before = await detail(one())
    await one().pull(reference)
    await advertised()
    await two().pull(reference)
    await app.map()
    const after = await detail(one())
    for (const [method, expected] of [
      ['HEAD', 1],
      ['GET', requests - 1],
    ] as const) {
      expect(countOf(after, '404', method) - countOf(before, '404', method)).toBe(expected)
      // the agent on no map asks as well, and a slow answer is asked for twice
      expect(countOf(after, '200', method) - countOf(before, '200', method)).toBeGreaterThanOrEqual(expected)
    }
    expect((after.servedToOthers ?? 0) - (before.servedToOthers ?? 0)).toBeGreaterThanOrEqual(requests)
    expect(after.peers).toBeGreaterThanOrEqual(2)
    expect(after.version).toMatchObject({ from: 'families', range: release.slice(1, 4) })
    const hasId = release === 'v0.7.4'
    expect(after.peerId).toEqual(hasId ? expect.stringMatching(/^12D3Koo/) : undefined)
  })

  test('a real Prometheus that scrapes them leads to the same map', async () => {
    const { reference, advertised } = await given(await image('scraped', 3), 'lab/scraped')
    const targets = addressesOf(cluster).map((address) => ({ address }))
    const prometheus = await startPrometheus({ targets, scrapeInterval: 1 })
    const beside = await openClusterApp({ kind: 'prometheus', url: prometheus.url, matchers: '', mirrorPort })
    try {
      await one().pull(reference)
      await advertised()
      await two().pull(reference)
      const direct = shownOf(await app.map())
      await eventually(
        async () => isDeepStrictEqual(shownOf(await beside.map()), direct),
        `Prometheus to tell the same as the agents: ${JSON.stringify(direct)}`,
      )
      expect((await beside.map()).sources).toMatchObject([{ state: 'ok', way: 'prometheus', answering: 3 }])
    } finally {
      await beside.close()
      await prometheus.stop()
    }
  })

  test('a stopped agent is shown as such; begun anew, it has lost nothing that was counted', async () => {
    const lately = { kind: 'last', seconds: hour } as const
    const { reference, requests, advertised } = await given(await image('restart', 2), 'lab/restart')
    await one().pull(reference)
    await advertised()
    const before = await app.map(lately)

    await two().stopAgent()
    const stopped = await app.map(lately)
    expect(stopped.sources).toMatchObject([{ state: 'ok', agents: 3, answering: 2 }])
    expect(stopped.agents).toMatchObject([
      { ok: true },
      { ok: false, failure: { kind: 'refused' }, counts: before.agents[1]?.counts },
      { ok: true },
    ])

    await two().startAgent()
    await eventually(() => two().ready(), 'the agent to know a peer again')
    const begun = await app.map(lately)
    expect(begun.agents[1]).toMatchObject({ ok: true, restarts: 1, counts: before.agents[1]?.counts })
    expect((await app.map()).agents[1]).toMatchObject({ ok: true, counts: [] })
    expect(begun.findings).toContainEqual(
      expect.objectContaining({ rule: 'restarts', severity: 'info', agents: [two().metrics] }),
    )

    await two().pull(reference)
    const had = countsOf(before.agents[1], first())
    const has = countsOf((await app.map(lately)).agents[1], first())
    expect(has).toEqual({ hits: had.hits + requests, misses: had.misses })
    const to = Date.now()
    const { points } = await app.client.mirrors.series({
      agent: { source: app.source, id: two().metrics },
      from: to - hour * 1000,
      to,
      points: 100,
    })
    expect(points.every(({ hits = 0, misses = 0 }) => hits >= 0 && misses >= 0)).toBe(true)
    expect(sum(points.map((point) => point.hits ?? 0))).toBe(has.hits)
  })

  test('a node whose containerd was not told of its mirror stands out after an hour', async () => {
    const { reference } = await given(await image('large', 20), 'lab/large')
    await three().stopAgent()
    await three().startAgent()
    for (const node of [one(), two()]) await node.pull(reference)
    await three().pull(reference, { asks: false })
    const later = await openClusterApp(
      { kind: 'agents', addresses: addressesOf(cluster), mirrorPort },
      { ahead: 2 * hour * 1000 },
    )
    try {
      const { agents, findings } = await later.map()
      expect(agents[2]).toMatchObject({ ok: true, counts: [] })
      expect(findings.filter(({ rule }) => rule === 'never-asks')).toMatchObject([
        { severity: 'warn', agents: [three().metrics], facts: { asking: 2 } },
      ])
    } finally {
      await later.close()
    }
  })
})

type Node = Cluster['nodes'][number]

/** What both ways have to tell alike. */
function shownOf({ agents }: MirrorView) {
  return agents.map(({ id, ok, counts, startedAt, lastSuccessAt, answers }) => ({
    id,
    ok,
    counts: counts?.toSorted((a, b) => a.registry.localeCompare(b.registry)),
    startedAt,
    lastSuccessAt,
    answers,
  }))
}

function addressesOf({ nodes }: Cluster): string[] {
  return nodes.map(({ metrics }) => metrics)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
