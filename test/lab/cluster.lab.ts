import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { spegelReleases } from '../../build/lab-cluster.ts'
import { type ClusterApp, countsOf, openClusterApp } from './cluster-app.ts'
import { mirrorPort } from './cluster-node.ts'
import { partsOf } from './cluster-pull.ts'
import { type Cluster, eventually, startCluster } from './cluster.ts'
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

  test('what a node holds it answers itself, and counts nothing', async () => {
    const { reference } = await given(await image('again', 1), 'lab/again')
    await one().pull(reference)
    // up to 0.1 Spegel counted its own content as a hit
    const counted = release === 'v0.1.1' ? { hits: 1, misses: 0 } : none
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
      // containerd gives up at the tag, which it asks the mirror for once
      const pull = () => expect(two().pull(lost.reference)).rejects.toThrow('connection refused')
      expect(await grown(pull)).toEqual([none, { hits: 0, misses: 1 }, none])
    } finally {
      await cluster.startUpstream()
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

function addressesOf({ nodes }: Cluster): string[] {
  return nodes.map(({ metrics }) => metrics)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
