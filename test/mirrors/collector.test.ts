import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Collector, type CollectorPorts, createCollector } from '../../electron/mirrors/collector.ts'
import type { Recorded } from '../../electron/mirrors/history/history.ts'
import type {
  AgentResult,
  MirrorSource,
  RoundAsked,
  SourceRound,
} from '../../electron/mirrors/sources/source.ts'
import type { AgentsSettings } from '../../shared/model/mirror-source.ts'
import { failureError, localFailure } from '../../shared/model/local-failure.ts'

const failure = localFailure('refused', 'scrape', 'nobody listens')
const hour = 3600

let now: number
let recorded: Recorded[]
let kept: Map<string, Recorded>
let logged: string[]
let collectors: Collector[]
let told: ReturnType<typeof Promise.withResolvers<void>>

beforeEach(() => {
  now = 1_784_200_000_000
  recorded = []
  kept = new Map()
  logged = []
  collectors = []
  told = Promise.withResolvers()
})
afterEach(async () => {
  await Promise.all(collectors.map((each) => each.close()))
})

function good(id: string, hits: number, at = now, address = id): AgentResult {
  const sample = { counts: [{ registry: 'docker.io', hits, misses: 0 }], advertised: [], traits: [] }
  return { agent: { source: 's', id, name: id, address, demo: false }, ok: true, at, sample }
}
function bad(id: string): AgentResult {
  return { agent: { source: 's', id, name: id, address: id, demo: false }, ok: false, failure }
}
function round(...agents: AgentResult[]): SourceRound {
  return { at: now, way: 'direct', agents }
}

function collect(source: Partial<MirrorSource>, more: Partial<CollectorPorts> = {}): Collector {
  const settings: AgentsSettings = { kind: 'agents', addresses: [], mirrorPort: 30_020 }
  const log = (_: object, words: string) => void logged.push(words)
  const collector = createCollector({
    source: {
      round: () => Promise.resolve(round()),
      mirrorOf: () => undefined,
      close: () => void logged.push('closed'),
      ...source,
    },
    entry: { id: 's', name: 'S', demo: false, settings },
    clock: { now: () => now },
    seconds: () => hour,
    record: (readings) => {
      recorded.push(...readings)
      for (const one of readings) kept.set(one.agent, one)
    },
    last: (agent) => kept.get(agent),
    log: { info: log, warn: log, error: log } as unknown as CollectorPorts['log'],
    onRound: () => {
      told.resolve()
      told = Promise.withResolvers()
    },
    shortestPause: 1,
    ...more,
  })
  collectors.push(collector)
  return collector
}

const idsAndHits = (readings: readonly Recorded[]) =>
  readings.map(({ agent, at, sample }) => [agent, at, sample.counts[0]?.hits])

describe('a collector', () => {
  it('asks nothing before it is started, and says that it waits', async () => {
    const collector = collect({ round: () => Promise.reject(new Error('asked')) })
    expect(collector.state()).toMatchObject({ state: 'waiting', agents: 0, answering: 0, way: 'direct' })
    await collector.close()
    expect(logged).toEqual(['closed'])
  })

  it('keeps what a round said, and records it before whoever asked for it hears', async () => {
    const collector = collect({
      round: () => {
        const made = round(good('a', 3), bad('b'))
        now += 40
        return Promise.resolve(made)
      },
    })
    const at = now
    expect(await collector.refresh()).toBe(at)
    expect(idsAndHits(recorded)).toEqual([['a', at, 3]])
    expect(collector.state()).toEqual({
      id: 's',
      name: 'S',
      kind: 'agents',
      demo: false,
      state: 'ok',
      agents: 2,
      answering: 1,
      at,
      took: 40,
      way: 'direct',
    })
    expect(collector.agents()).toMatchObject([
      { agent: { id: 'a' }, ok: true, sampledAt: at, sample: { counts: [{ hits: 3 }] } },
      { agent: { id: 'b' }, ok: false, failure },
    ])
  })

  it('keeps the last good reading of who fails, from an earlier run of the app too', async () => {
    const rounds = [round(good('a', 3), bad('b')), round(bad('a'), bad('b'))]
    const earlier = { counts: [], advertised: [], traits: [] }
    kept.set('b', { source: 's', agent: 'b', at: 5, sample: earlier })
    const collector = collect({ round: () => Promise.resolve(rounds.shift() ?? round()) })
    const at = await collector.refresh()
    now += 15_000
    await collector.refresh()
    expect(collector.agents()).toMatchObject([
      { ok: false, failure, sampledAt: at, sample: { counts: [{ hits: 3 }] } },
      { ok: false, failure, sampledAt: 5, sample: earlier },
    ])
    expect(recorded).toHaveLength(1)
  })

  it('leaves the agents on the map when the source as a whole fails', async () => {
    const rounds = [round(good('a', 3)), { ...round(), failure }]
    const collector = collect({ round: () => Promise.resolve(rounds.shift() ?? round()) })
    await collector.refresh()
    await collector.refresh()
    expect(collector.state()).toMatchObject({ state: 'failing', failure, agents: 1, answering: 0 })
    expect(collector.agents()).toMatchObject([{ agent: { id: 'a' }, ok: false, failure, sampledAt: now }])
  })

  it('tells two agents that claim one node apart, in what is shown and in what is recorded', async () => {
    const collector = collect({
      round: () => Promise.resolve(round(good('node', 3, now, '10.0.0.5'), good('node', 9, now, '10.0.0.6'))),
    })
    await collector.refresh()
    expect(collector.agents().map(({ agent }) => [agent.id, agent.name])).toEqual([
      ['node (10.0.0.5)', 'node'],
      ['node (10.0.0.6)', 'node'],
    ])
    expect(idsAndHits(recorded)).toEqual([
      ['node (10.0.0.5)', now, 3],
      ['node (10.0.0.6)', now, 9],
    ])
  })

  it('asks those that are left alone too only where somebody asks for the round', async () => {
    const asked: RoundAsked[] = []
    const second = Promise.withResolvers<void>()
    const collector = collect(
      {
        round: (_, how = {}) => {
          asked.push(how)
          if (asked.length === 2) second.resolve()
          return Promise.resolve(round())
        },
      },
      { seconds: () => 0 },
    )
    await collector.refresh()
    await second.promise
    expect(asked.slice(0, 2)).toMatchObject([{ everybody: true }, { everybody: false }])
  })

  it('begins a round when agents come or go, and one more for what changed meanwhile', async () => {
    let change: () => void = () => undefined
    let rounds = 0
    const third = Promise.withResolvers<void>()
    const collector = collect({
      onChange: (changed) => (change = changed),
      round: () => {
        rounds += 1
        if (rounds === 2) change()
        if (rounds === 3) third.resolve()
        return Promise.resolve(round())
      },
    })
    await collector.refresh()
    change()
    await third.promise
    expect(rounds).toBe(3)
  })

  it('shows who answered while one agent hangs', async () => {
    const hanging = Promise.withResolvers<void>()
    const collector = collect({
      round: async (_, { onResult } = {}) => {
        onResult?.(good('a', 3))
        await hanging.promise
        return round(bad('slow'), good('a', 3))
      },
    })
    const done = collector.refresh()
    await told.promise
    expect(collector.state().state).toBe('waiting')
    expect(collector.agents()).toMatchObject([{ agent: { id: 'a' }, ok: true }])
    expect(recorded).toEqual([])
    hanging.resolve()
    await done
    expect(collector.agents().map(({ agent }) => agent.id)).toEqual(['slow', 'a'])
  })

  it('goes on after a round that failed for a reason nobody thought of', async () => {
    let rounds = 0
    const collector = collect({
      round: () => {
        rounds += 1
        return rounds === 1 ? Promise.reject(new TypeError('a bug')) : Promise.resolve(round(good('a', 1)))
      },
    })
    await collector.refresh()
    expect(collector.state()).toMatchObject({ state: 'failing', failure: { kind: 'internal' } })
    expect(logged).toEqual(['a round failed unexplained'])
    await collector.refresh()
    expect(collector.state().state).toBe('ok')
  })

  it('ends at once when it is closed, in a round as in a pause, and tells whoever waits', async () => {
    const asking = Promise.withResolvers<void>()
    const hangs = collect({
      round: (signal) => {
        asking.resolve()
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(failureError('cancelled', 'scrape', 'aborted')))
        })
      },
    })
    const waiting = expect(hangs.refresh()).rejects.toMatchObject({ failure: { kind: 'cancelled' } })
    await asking.promise
    await hangs.close()
    await waiting
    const pauses = collect({})
    await pauses.refresh()
    await pauses.close()
    await expect(pauses.refresh()).rejects.toMatchObject({ failure: { kind: 'cancelled' } })
    expect(logged).toEqual(['closed', 'closed'])
  })
})

describe('the past of a source', () => {
  it('is recorded before what was measured since, and only as far as the history lacks it', async () => {
    kept.set('a', {
      source: 's',
      agent: 'a',
      at: now - 600_000,
      sample: { counts: [], advertised: [], traits: [] },
    })
    const asked: number[][] = []
    const more = Promise.withResolvers<void>()
    const began = now
    const collector = collect({
      round: () => Promise.resolve(round(good('a', 9), good('b', 9))),
      past: async function* (from, to) {
        asked.push([from, to])
        yield [good('a', 1, now - 300_000), good('b', 1, now - 300_000)]
        await more.promise
        yield [good('a', 2, now - 200_000)]
      },
    })
    const first = collector.refresh()
    await told.promise
    // shown at once, though the past is still read
    expect(collector.agents()).toMatchObject([{ ok: true }, { ok: true }])
    now += 15_000
    const second = collector.refresh()
    await told.promise
    more.resolve()
    await Promise.all([first, second])
    expect(asked).toEqual([[began - 600_000, began]])
    expect(idsAndHits(recorded)).toEqual([
      ['a', began - 300_000, 1],
      ['b', began - 300_000, 1],
      ['a', now - 200_000, 2],
      ['a', now, 9],
      ['b', now, 9],
    ])
  })

  it('goes back a week where nothing is known, and is read after the first round that succeeds', async () => {
    const asked: number[][] = []
    const rounds = [{ ...round(), failure }, round(good('a', 1)), round(good('a', 2))]
    const collector = collect({
      round: () => Promise.resolve(rounds.shift() ?? round()),
      // eslint-disable-next-line require-yield
      past: async function* (from, to) {
        asked.push([from, to])
      },
    })
    await collector.refresh()
    expect(asked).toEqual([])
    await collector.refresh()
    await collector.refresh()
    expect(asked).toEqual([[now - 7 * 86_400_000, now]])
  })

  it('that cannot be read is logged, and rounds are recorded without it', async () => {
    const collector = collect({
      round: () => Promise.resolve(round(good('a', 1))),
      // eslint-disable-next-line require-yield
      past: async function* () {
        throw failureError('timeout', 'scrape', 'too much was asked for')
      },
    })
    await collector.refresh()
    expect(logged).toEqual(['the past of a source was not read'])
    expect(idsAndHits(recorded)).toEqual([['a', now, 1]])
  })
})
