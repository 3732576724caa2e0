import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { growthBetween } from '../../electron/mirrors/metrics/growth.ts'
import { readSpegel } from '../../electron/mirrors/metrics/spegel.ts'
import { openAgents } from '../../electron/mirrors/sources/agents.ts'
import { openPrometheus } from '../../electron/mirrors/sources/prometheus/prometheus.ts'
import type {
  AgentResult,
  MirrorSource,
  SourcePorts,
  SourceRound,
} from '../../electron/mirrors/sources/source.ts'
import type { Transport } from '../../electron/oci/ask.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import { failureSchema } from '../../shared/model/failure.ts'
import type { PrometheusSettings } from '../../shared/model/mirror-source.ts'
import { type AgentState, type FakeAgent, startFakeAgent } from '../fakes/agent.ts'
import * as chains from '../fakes/chains.ts'
import { startFakeHost } from '../fakes/mirror.ts'
import { type PrometheusOptions, type PrometheusProcess, startPrometheus } from './prometheus.ts'

const never = new AbortController().signal
const clock = { now: Date.now }
const closing: Array<() => Promise<void>> = []

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

async function agent(state: Partial<AgentState> = {}): Promise<FakeAgent> {
  const one = await startFakeAgent({ startedAt: 1_784_099_921, lastSuccess: 0, requests: [], ...state })
  closing.push(one.stop)
  return one
}

async function prometheus(options: Partial<PrometheusOptions>): Promise<PrometheusProcess> {
  const started = await startPrometheus({ targets: [], scrapeInterval: 1, ...options })
  closing.push(started.stop)
  return started
}

function ports(more: Partial<SourcePorts> = {}): SourcePorts & { transport: Transport } {
  const transport = createTransport({ record: () => undefined, clock })
  closing.push(() => transport.close())
  return { id: 'lab', demo: false, transport, clock, env: {}, random: () => 0, ...more }
}

function open(
  url: string,
  settings: Partial<PrometheusSettings> = {},
  more: Partial<SourcePorts> = {},
): MirrorSource {
  return openPrometheus(
    { kind: 'prometheus', url, matchers: '', mirrorPort: 30_020, ...settings },
    ports(more),
  )
}

/** Rounds until one is as wanted; what the last one was is in the error otherwise. */
async function roundWhere(
  source: MirrorSource,
  holds: (round: SourceRound) => boolean,
): Promise<SourceRound> {
  const deadline = Date.now() + 30_000
  for (;;) {
    const round = await source.round(never)
    if (holds(round)) return round
    if (Date.now() > deadline) throw new Error(`waited in vain, at last for ${JSON.stringify(round)}`)
    await pause(100)
  }
}

function sampleIn({ agents }: SourceRound, id: string) {
  const found = agents.find((each) => each.agent.id === id)
  return found?.ok === true ? found.sample : undefined
}

const hits = (round: SourceRound, id: string) => sampleIn(round, id)?.counts[0]?.hits
const idsOf = ({ agents }: SourceRound) => agents.map((each) => each.agent.id)

describe('beside the agents themselves', () => {
  test('the same counts, once both have seen them', async () => {
    const agents = await Promise.all([agent(), agent({ withSource: true }), agent()])
    const addresses = agents.map(({ address }) => address).sort()
    const { url } = await prometheus({ targets: addresses.map((address) => ({ address })) })
    const source = open(url)
    const direct = openAgents(
      { kind: 'agents', addresses, mirrorPort: 30_020 },
      { ...ports(), lookup: async () => [] },
    )
    await roundWhere(source, (round) => round.agents.filter(({ ok }) => ok).length === 3)
    for (const [index, one] of agents.entries()) {
      one.set({
        startedAt: 1_784_099_921,
        lastSuccess: 1_784_105_321.48,
        requests: [
          { registry: 'docker.io', hits: 1_234_567 + index, misses: 86 },
          { registry: '', hits: 0, misses: 3 },
          { registry: 'quay.io\\"\n', hits: 2, misses: 1 },
        ],
        answers: { 200: 1_234_600 + index, 206: 2, 404: 90, 500: 1 },
        withSource: index === 1,
      })
    }
    const theirs = await direct.round(never)
    const ours = await roundWhere(
      source,
      (round) =>
        hits(round, addresses[0] ?? '') !== undefined &&
        round.agents.every((each) => each.ok && each.sample.counts.length === 3),
    )
    expect(ours.way).toBe('prometheus')
    expect(idsOf(ours)).toEqual(idsOf(theirs))
    for (const [index, each] of ours.agents.entries()) {
      const other = theirs.agents[index]
      if (!each.ok || other?.ok !== true) throw new Error('an agent does not answer')
      const { traits: _ours, ...said } = each.sample
      const { traits: _theirs, ...sample } = other.sample
      expect(said).toEqual(sample)
      expect(Math.abs(each.at - ours.at)).toBeLessThan(30_000)
    }
    expect(Math.abs(ours.clockOffset ?? Infinity)).toBeLessThan(5000)
  })

  test('what real agents of four releases say of themselves, word for word', async () => {
    const folder = new URL('../fixtures/metrics/', import.meta.url)
    const names = (await readdir(folder)).filter((name) => /^real-.*\.txt$/.test(name))
    const texts = await Promise.all(names.map((name) => readFile(new URL(name, folder))))
    const hosts = await Promise.all(
      texts.map(async (body) => {
        const headers = { 'content-type': 'text/plain; version=0.0.4' }
        const host = await startFakeHost(() => ({ status: 200, headers, body }))
        closing.push(host.stop)
        return host.host
      }),
    )
    const { url } = await prometheus({
      targets: hosts.map((address, index) => ({ address, labels: { node: names[index] ?? '' } })),
    })
    // 0.1.1 says nothing of Spegel until it knows an image: no query can find it
    const expected = new Map(
      names
        .map((name, index) => [name, readSpegel(texts[index] ?? Buffer.alloc(0))] as const)
        .filter(([, sample]) => sample.traits.some((trait) => trait.startsWith('spegel_'))),
    )
    expect(names.filter((name) => !expected.has(name)).sort()).toEqual([
      'real-v0.1.1-alone.txt',
      'real-v0.1.1-fresh.txt',
    ])
    const round = await roundWhere(open(url), ({ agents }) => agents.length === expected.size)
    for (const each of round.agents) {
      expect({ of: each.agent.id, ...(each.ok ? each.sample : each.failure) }).toEqual({
        of: each.agent.id,
        ...expected.get(each.agent.id),
      })
    }
  })

  test('an agent that stopped is said not to be scraped, and is there again when it runs', async () => {
    const [stays, stops] = [await agent(), await agent()]
    const { url } = await prometheus({ targets: [{ address: stays.address }, { address: stops.address }] })
    const source = open(url)
    await roundWhere(source, (round) => round.agents.filter(({ ok }) => ok).length === 2)
    stops.say({ status: 500 })
    const round = await roundWhere(source, ({ agents }) => agents.some(({ ok }) => !ok))
    const stopped = round.agents.find((each) => each.agent.id === stops.address)
    if (stopped === undefined || stopped.ok) throw new Error('the other one failed')
    expect(failureSchema.parse(stopped.failure)).toMatchObject({
      kind: 'not-scraped',
      answeredBy: 'prometheus',
      phase: 'scrape',
      retryable: true,
    })
    expect(stopped.failure.evidence[0]?.value).toContain('server returned HTTP status 500')
    expect(stopped.failure.evidence).toContainEqual({
      fact: 'message',
      value: `up{job="spegel",instance="${stops.address}"} 0`,
    })
    // a source that is opened only now knows it by what is left of it
    const late = await open(url).round(never)
    expect(late.agents.map((each) => [each.agent.id, each.ok])).toEqual(
      round.agents.map((each) => [each.agent.id, each.ok]),
    )
    stops.set({ startedAt: 1_784_100_000, lastSuccess: 0, requests: [] })
    await roundWhere(source, ({ agents }) => agents.every(({ ok }) => ok))
  })

  test('an agent that began anew counts from zero', async () => {
    const one = await agent({ requests: [{ registry: 'docker.io', hits: 40, misses: 7 }] })
    const { url } = await prometheus({ targets: [{ address: one.address }] })
    const source = open(url)
    const before = sampleIn(await roundWhere(source, (round) => hits(round, one.address) === 40), one.address)
    one.set({
      startedAt: 1_784_200_000,
      lastSuccess: 0,
      requests: [{ registry: 'docker.io', hits: 2, misses: 0 }],
    })
    const after = sampleIn(await roundWhere(source, (round) => hits(round, one.address) === 2), one.address)
    if (before === undefined || after === undefined) throw new Error('unreachable')
    const { growth, restarted } = growthBetween(before, after)
    expect(restarted).toBe(true)
    expect(growth.counts).toEqual([{ registry: 'docker.io', hits: 2, misses: 0 }])
  })
})

describe('who is who', () => {
  test('a pod that was replaced on its node is one agent, and one that is no target any more is gone', async () => {
    const [old, other, young] = [
      await agent({ requests: [{ registry: 'docker.io', hits: 5, misses: 5 }] }),
      await agent(),
      await agent({ startedAt: 1_784_200_000, requests: [{ registry: 'docker.io', hits: 1, misses: 0 }] }),
    ]
    const of = (one: FakeAgent, node: string, pod: string) => ({
      address: one.address,
      labels: { node, pod, namespace: 'spegel', zone: 'a' },
    })
    const before = [of(old, 'worker-1', 'spegel-old'), of(other, 'worker-2', 'spegel-other')]
    const started = await prometheus({ targets: before })
    const source = open(started.url)
    const first = await roundWhere(
      source,
      (round) => hits(round, 'worker-1') === 5 && round.agents.length === 2,
    )
    expect(first.agents[0]?.agent).toMatchObject({ name: 'worker-1', pod: 'spegel/spegel-old', zone: 'a' })
    await started.setTargets([of(young, 'worker-1', 'spegel-young')])
    const round = await roundWhere(
      source,
      (each) => idsOf(each).join() === 'worker-1' && hits(each, 'worker-1') === 1,
    )
    expect(round.agents[0]?.agent.pod).toBe('spegel/spegel-young')
  })

  test("kube-state-metrics names a pod's node and its address", async () => {
    const one = await agent()
    const state = await startFakeHost(() => ({
      status: 200,
      headers: { 'content-type': 'text/plain; version=0.0.4' },
      body:
        'kube_pod_info{namespace="spegel",pod="spegel-abcde",node="worker-7",host_ip="10.0.0.7",pod_ip="10.1.7.3"} 1\n' +
        'kube_pod_info{namespace="spegel",pod="another",node="worker-8",host_ip="10.0.0.8",pod_ip="10.1.8.3"} 1\n',
    }))
    closing.push(state.stop)
    const { url } = await prometheus({
      targets: [
        { address: one.address, labels: { namespace: 'spegel', pod: 'spegel-abcde' } },
        { address: state.host },
      ],
    })
    // its own labels come second where a target has them as well: kube-state-metrics is scraped with honor_labels
    const source = open(url)
    const round = await roundWhere(source, (each) => idsOf(each).join() === 'worker-7')
    expect(round.agents[0]?.agent).toMatchObject({
      mirrorUrl: 'http://10.0.0.7:30020',
      pod: 'spegel/spegel-abcde',
    })
    expect(source.mirrorOf(round.agents[0]?.agent as AgentResult['agent'])?.url).toBe('http://10.0.0.7:30020')
  })

  test('two clusters of one Prometheus are told apart', async () => {
    const [one, two] = [await agent(), await agent()]
    const { url } = await prometheus({
      targets: [
        { address: one.address, labels: { node: 'worker-1', cluster: 'east' } },
        { address: two.address, labels: { node: 'worker-1', cluster: 'west' } },
      ],
    })
    const round = await roundWhere(open(url), ({ agents }) => agents.length === 2)
    expect(idsOf(round)).toEqual(['east/worker-1', 'west/worker-1'])
    const east = await open(url, { matchers: 'cluster="east"' }).round(never)
    expect(east.agents.map(({ agent }) => [agent.id, agent.name])).toEqual([['east/worker-1', 'worker-1']])
  })
})

describe('what is refused', () => {
  test('matchers that do not parse, in its own words', async () => {
    const { url } = await prometheus({})
    const { failure } = await open(url, { matchers: 'cluster=east' }).round(never)
    expect(failureSchema.parse(failure)).toMatchObject({
      kind: 'query-refused',
      status: 400,
      answeredBy: 'prometheus',
      next: ['check-matchers'],
    })
    expect(failure?.message).toContain('parse error')
  })

  test('matchers that fit nothing', async () => {
    const one = await agent()
    const { url } = await prometheus({ targets: [{ address: one.address }] })
    await roundWhere(open(url), ({ agents }) => agents.length === 1)
    const { failure } = await open(url, { matchers: 'job="other"' }).round(never)
    expect(failure).toMatchObject({
      kind: 'no-agents',
      next: ['check-matchers', 'check-prometheus', 'install-mirror'],
    })
    expect(failure?.message).toContain('job="other"')
  })

  test('a path without the API', async () => {
    const { url } = await prometheus({})
    const { failure } = await open(`${url}/prometheus`).round(never)
    expect(failure).toMatchObject({ kind: 'not-prometheus', status: 404, answeredBy: 'server' })
  })

  test('who does not say who it is, and whose certificate is not known', async () => {
    const one = await agent()
    const user = { username: 'ada', password: 'lovelace' }
    const tls = { ...chains.chains.good, clients: chains.root }
    const { url } = await prometheus({ targets: [{ address: one.address }], user, tls })
    const connection = { tls: { ca: [chains.root], client: chains.client } }
    const credential = { kind: 'basic' as const, ...user }
    await roundWhere(open(url, {}, { connection, credential }), ({ agents }) => agents.length === 1)
    const without = await open(url, {}, { connection }).round(never)
    expect(without.failure).toMatchObject({ kind: 'unauthorized', status: 401, answeredBy: 'prometheus' })
    const wrong = { ...credential, password: 'babbage' }
    expect((await open(url, {}, { connection, credential: wrong }).round(never)).failure?.kind).toBe(
      'unauthorized',
    )
    expect((await open(url, {}, { credential }).round(never)).failure?.kind).toBe('tls-untrusted')
    const noCertificate = { tls: { ca: [chains.root] } }
    const { failure } = await open(url, {}, { connection: noCertificate, credential }).round(never)
    expect(failure?.kind).toBe('unauthorized')
  })
})

describe('the past', () => {
  const minute = 60_000
  const end = Math.floor(Date.now() / (5 * minute)) * 5 * minute
  const begin = end - 3 * 24 * 60 * minute
  const replaced = end - 24 * 60 * minute
  /** Hits grow by one a minute; a day before the end another pod takes over on the node. */
  const hitsAt = (at: number) => Math.round((at - (at < replaced ? begin : replaced)) / minute)

  function history(): string {
    const lines: string[] = []
    const family = (name: string, type: string, valueAt: (at: number) => number, more = '') => {
      lines.push(`# TYPE ${name} ${type}`)
      const series = type === 'counter' ? `${name}_total` : name
      for (let at = begin; at <= end; at += minute) {
        const pod = at < replaced ? 'old' : 'young'
        const target = `job="spegel",instance="10.0.0.1:9090",node="worker-1",pod="${pod}"`
        lines.push(`${series}{${target}${more}} ${valueAt(at)} ${at / 1000}`)
      }
    }
    family('spegel_mirror_requests', 'counter', hitsAt, ',cache="hit",registry="docker.io"')
    family('spegel_mirror_last_success_timestamp_seconds', 'gauge', (at) => at / 1000)
    family('process_start_time_seconds', 'gauge', (at) => (at < replaced ? begin : replaced) / 1000)
    return `${lines.join('\n')}\n# EOF\n`
  }

  test('is what was scraped: an hour apart, and five minutes in the last two days', async () => {
    // the agent runs on, so that its job is known
    const now = Math.floor(Date.now() / 1000)
    const one = await agent({ startedAt: now })
    const { url } = await prometheus({
      past: history(),
      targets: [
        { address: one.address, labels: { instance: '10.0.0.1:9090', node: 'worker-1', pod: 'young' } },
      ],
    })
    const source = open(url)
    await roundWhere(source, ({ agents }) => agents.length === 1)
    const found: AgentResult[] = []
    for await (const results of source.past?.(begin, end, never) ?? []) found.push(...results)
    const samples = found.map((each) => {
      if (!each.ok) throw new Error('a failure of the past')
      return { id: each.agent.id, at: each.at, counts: each.sample.counts, startedAt: each.sample.startedAt }
    })
    const expected = Array.from(
      { length: (end - begin) / (5 * minute) },
      (_, index) => begin + (index + 1) * 5 * minute,
    )
      .filter((at) => at > end - 48 * 60 * minute || at % (60 * minute) === 0)
      .map((at) => ({
        id: 'worker-1',
        at,
        counts: [{ registry: 'docker.io', hits: hitsAt(at), misses: 0 }],
        startedAt: at < replaced ? begin : replaced,
      }))
    expect(samples).toEqual(expected)
  })

  test('ends at once when it is cancelled', async () => {
    const one = await agent()
    const { url } = await prometheus({ past: history(), targets: [{ address: one.address }] })
    const source = open(url)
    await roundWhere(source, ({ agents }) => agents.length > 0)
    const cancel = new AbortController()
    const steps = source.past?.(begin, end, cancel.signal)
    cancel.abort()
    await expect(steps?.next()).rejects.toMatchObject({ failure: { kind: 'cancelled' } })
  })
})
