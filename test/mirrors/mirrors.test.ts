import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openHistory } from '../../electron/mirrors/history/open-history.ts'
import { createMirrors, type Mirrors, type MirrorsPorts } from '../../electron/mirrors/mirrors.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import { contentMapSchema } from '../../shared/model/content-map.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import { type SourceDraft, sourceDraftSchema } from '../../shared/model/mirror-source.ts'
import { agentDetailSchema } from '../../shared/model/mirror-detail.ts'
import {
  type AgentReading,
  mirrorSeriesSchema,
  type MirrorView,
  mirrorViewSchema,
  type MirrorWindow,
} from '../../shared/model/mirror.ts'
import { type AgentState, type FakeAgent, startFakeAgent } from '../fakes/agent.ts'
import { memoryVault } from '../fakes/memory-vault.ts'
import { closedPort, fakeImage, spegelMiss, startFakeHost } from '../fakes/mirror.ts'

const state: AgentState = {
  startedAt: 1_784_099_921,
  lastSuccess: 1_784_105_321,
  requests: [{ registry: 'docker.io', hits: 10, misses: 4 }],
  answers: { 200: 12, 404: 4, 500: 1 },
}
const start: MirrorWindow = { kind: 'start' }
const last = (seconds: number): MirrorWindow => ({ kind: 'last', seconds })

let directory: string
let now: number
let vault: ReturnType<typeof memoryVault>
let logged: string[]
let closing: Array<() => Promise<unknown>>
let never: AbortSignal

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chartroom-mirrors-'))
  now = 1_784_200_000_000
  vault = memoryVault()
  logged = []
  never = new AbortController().signal
  closing = [() => rm(directory, { recursive: true })]
})
afterEach(async () => {
  for (const close of closing.toReversed()) await close()
})

async function agent(first: AgentState = state): Promise<FakeAgent> {
  const started = await startFakeAgent(first)
  closing.push(started.stop)
  return started
}

function mirrors(more: Partial<MirrorsPorts> = {}): Mirrors {
  const clock = { now: () => now }
  const transport = createTransport({ record: () => undefined, clock })
  const log = (_: object, words: string) => void logged.push(words)
  const opened = createMirrors({
    directory,
    vault,
    transport,
    clock,
    env: { HOME: directory },
    log: { info: log, warn: log, error: log } as unknown as MirrorsPorts['log'],
    seconds: () => 3600,
    openHistory: () => openHistory({ directory, clock }),
    lookup: () => Promise.reject(new Error('no name is known')),
    random: () => 0,
    upstream: () => Promise.reject(new Error('no upstream is known')),
    ...more,
  })
  closing.push(
    () => transport.close(),
    () => opened.close(),
  )
  return opened
}

function listOf(...addresses: string[]): SourceDraft {
  return sourceDraftSchema.parse({ name: 'lab', settings: { kind: 'agents', addresses } })
}

/** Every agent counts `hits` more and a while passes. */
async function pass(opened: Mirrors, one: FakeAgent, hits: number, milliseconds = 15_000): Promise<void> {
  now += milliseconds
  one.set({ ...state, requests: [{ registry: 'docker.io', hits, misses: 4 }] })
  await opened.refresh(never)
}

async function readings(opened: Mirrors, window: MirrorWindow): Promise<AgentReading[]> {
  return mirrorViewSchema.parse(await opened.view({ window })).agents
}

async function next(views: AsyncGenerator<MirrorView, void>): Promise<MirrorView> {
  const { value } = await views.next()
  if (value === undefined) throw new Error('the watch ended')
  return mirrorViewSchema.parse(value)
}

describe('a source', () => {
  it('is added, shown, changed and removed; its agents come and go with it', async () => {
    const [one, two] = [await agent(), await agent()]
    const opened = mirrors()
    const entry = await opened.addSource(listOf(one.address))
    expect(await opened.sources()).toEqual([entry])
    await opened.refresh(never)
    const view = mirrorViewSchema.parse(await opened.view({ window: start }))
    expect(view).toMatchObject({
      at: now,
      window: start,
      sources: [{ id: entry.id, name: 'lab', kind: 'agents', state: 'ok', agents: 1, answering: 1, at: now }],
      agents: [
        {
          source: entry.id,
          name: one.address,
          ok: true,
          startedAt: 1_784_099_921_000,
          lastSuccessAt: 1_784_105_321_000,
          counts: [{ registry: 'docker.io', hits: 10, misses: 4 }],
          answers: { ok: 12, notFound: 4, serverFaults: 1, other: 0 },
          covered: (now - 1_784_099_921_000) / 1000,
        },
      ],
    })
    expect(view).not.toHaveProperty('historyFailure')

    await opened.updateSource(entry.id, { ...listOf(two.address), name: 'other' })
    await opened.refresh(never)
    expect(await readings(opened, start)).toMatchObject([{ name: two.address, ok: true }])

    expect(await opened.removeSource(entry.id)).toEqual({ removed: true })
    expect(await opened.view({ window: start })).toMatchObject({ sources: [], agents: [], findings: [] })
  })

  it('with an address that can be none is refused, and nothing is saved', async () => {
    const opened = mirrors()
    const refused = {
      failure: { kind: 'input-invalid', message: expect.stringContaining('ftp://b') as string },
    }
    await expect(opened.addSource(listOf('a', 'ftp://b'))).rejects.toMatchObject(refused)
    const { id } = await opened.addSource(listOf('a'))
    await expect(opened.updateSource(id, listOf('a', 'ftp://b'))).rejects.toMatchObject(refused)
    expect(await opened.sources()).toMatchObject([{ settings: { addresses: ['a'] } }])
  })

  it('that was the list of agents of an earlier version is asked', async () => {
    const one = await agent()
    await writeFile(join(directory, 'agents.json'), JSON.stringify([one.address]))
    const opened = mirrors()
    await opened.refresh(never)
    expect(await readings(opened, start)).toMatchObject([{ source: 'agents', name: one.address, ok: true }])
  })

  it('is tried out before it is saved, with what an update would leave it', async () => {
    const one = await agent()
    const opened = mirrors()
    const secret = { kind: 'bearer', token: 't0ken' } as const
    const { id } = await opened.addSource({ ...listOf(one.address), credential: secret })
    const tried = await opened.testSource(listOf(one.address, closedPort), undefined, never)
    expect(tried).toMatchObject({ name: 'lab', state: 'ok', agents: 2, answering: 1, at: now })
    await opened.testSource({ ...listOf(one.address), credential: { kind: 'bearer' } }, id, never)
    expect(one.asked().map(({ headers }) => headers.authorization)).toEqual([undefined, 'Bearer t0ken'])
    expect(await opened.sources()).toHaveLength(1)
    await expect(opened.testSource(listOf('ftp://a'), undefined, never)).rejects.toMatchObject({
      failure: { kind: 'input-invalid' },
    })
  })

  it('is not asked before somebody looks, and then with others at the same time', async () => {
    const [one, two] = [await agent(), await agent()]
    const opened = mirrors()
    await opened.addSource(listOf(one.address))
    await opened.addSource(listOf(two.address))
    expect(await opened.view({ window: start })).toMatchObject({
      sources: [{ state: 'waiting' }, { state: 'waiting' }],
      agents: [],
    })
    expect([one.scrapes(), two.scrapes()]).toEqual([0, 0])
    await opened.refresh(never)
    expect([one.scrapes(), two.scrapes()]).toEqual([1, 1])
    const [first] = await opened.sources()
    const view = await opened.view({ sources: [first?.id ?? '', 'gone'], window: start })
    expect(view.agents).toMatchObject([{ name: one.address }])
  })
})

describe('the demo', () => {
  it('is a source of its own, labelled, fixed, and gone with its history', async () => {
    const [one, mine] = [await agent(), await agent()]
    const opened = mirrors()
    await opened.addSource(listOf(mine.address))
    const known = { name: 'node-1', mirrorUrl: 'http://127.0.0.1:1', zone: 'a' }
    await opened.setDemo([{ address: one.address, known }])
    expect(await opened.sources()).toMatchObject([
      { demo: false },
      { id: 'demo', name: 'Demo', demo: true, credential: { kind: 'none', hasSecret: false } },
    ])
    await opened.refresh(never)
    await pass(opened, one, 12)
    expect((await readings(opened, last(60))).filter(({ demo }) => demo)).toMatchObject([
      { ...known, address: one.address, source: 'demo', counts: [{ hits: 2 }] },
    ])
    for (const change of [opened.updateSource('demo', listOf('a')), opened.removeSource('demo')]) {
      await expect(change).rejects.toMatchObject({ failure: { kind: 'input-invalid' } })
    }
    await opened.setDemo(undefined)
    expect(await opened.sources()).toMatchObject([{ demo: false }])
    await opened.setDemo([{ address: one.address }])
    await opened.refresh(never)
    expect((await readings(opened, last(60))).filter(({ demo }) => demo)).toMatchObject([{ covered: 0 }])
  })
})

describe('a window', () => {
  it('of the past has what was counted in it, over a restart and over an outage', async () => {
    const one = await agent()
    const opened = mirrors()
    await opened.addSource(listOf(one.address))
    await opened.refresh(never)
    const [fresh] = await readings(opened, last(300))
    expect(fresh).toMatchObject({ ok: true, covered: 0 })
    expect(fresh).not.toHaveProperty('counts')

    await pass(opened, one, 13)
    const grown = { registry: 'docker.io', hits: 3, misses: 0 }
    expect(await readings(opened, last(300))).toMatchObject([{ counts: [grown], covered: 15, restarts: 0 }])

    now += 15_000
    one.say({ status: 500 })
    await opened.refresh(never)
    const failing = { ok: false, scrapedAt: now - 15_000, failure: { kind: 'server-fault' } }
    expect(await readings(opened, last(300))).toMatchObject([{ ...failing, counts: [grown] }])
    expect(await readings(opened, start)).toMatchObject([{ ...failing, counts: [{ hits: 13, misses: 4 }] }])

    now += 15_000
    one.set({ ...state, startedAt: now / 1000, requests: [{ registry: 'docker.io', hits: 2, misses: 1 }] })
    await opened.refresh(never)
    expect(await readings(opened, last(300))).toMatchObject([
      { ok: true, counts: [{ registry: 'docker.io', hits: 5, misses: 1 }], restarts: 1 },
    ])
  })

  it('outlives the app', async () => {
    const one = await agent()
    const first = mirrors()
    await first.addSource(listOf(one.address))
    await first.refresh(never)
    await first.close()
    now += 15_000
    one.set({ ...state, requests: [{ registry: 'docker.io', hits: 17, misses: 4 }] })
    const second = mirrors()
    await second.refresh(never)
    expect(await readings(second, last(300))).toMatchObject([{ counts: [{ hits: 7, misses: 0 }] }])
  })

  it('between two moments shows agents that are gone, and not who answers now', async () => {
    const [one, two] = [await agent(), await agent()]
    const opened = mirrors()
    const { id } = await opened.addSource(listOf(one.address, two.address))
    await opened.refresh(never)
    const from = now
    await pass(opened, two, 10)
    await pass(opened, one, 16)
    const to = now
    await opened.updateSource(id, listOf(two.address))
    await two.stop()
    closing.splice(closing.indexOf(two.stop), 1)
    now += 15_000
    await opened.refresh(never)
    const between = await readings(opened, { kind: 'between', from, to })
    expect(between).toMatchObject([
      { name: two.address, ok: true, counts: [] },
      { id: one.address, ok: true, counts: [{ registry: 'docker.io', hits: 6, misses: 0 }] },
    ])
    expect(await readings(opened, start)).toMatchObject([{ name: two.address, ok: false }])
  })

  it('as a series has what each step counted', async () => {
    const one = await agent()
    const opened = mirrors({ seconds: () => 15 })
    const { id } = await opened.addSource(listOf(one.address))
    await opened.refresh(never)
    const from = now
    await pass(opened, one, 13)
    await pass(opened, one, 14)
    for (const agentOf of [undefined, { source: id, id: one.address }]) {
      const series = mirrorSeriesSchema.parse(
        await opened.series({
          from,
          to: now,
          points: 100,
          ...(agentOf !== undefined ? { agent: agentOf } : {}),
        }),
      )
      const hits = series.points.flatMap((point) => point.hits ?? [])
      expect(hits.reduce((sum, each) => sum + each, 0)).toBe(4)
      expect(series.step % 15_000).toBe(0)
    }
    for (const [begin, end] of [
      [now, now],
      [now - 50 * 86_400_000, now - 45 * 86_400_000],
    ] as const) {
      await expect(opened.series({ from: begin, to: end, points: 10 })).rejects.toMatchObject({
        failure: { kind: 'input-invalid' },
      })
    }
  })
})

describe('a watch', () => {
  it('shows what is known at once, then every round', async () => {
    const one = await agent()
    const opened = mirrors()
    await opened.addSource(listOf(one.address))
    const views = opened.watch({ window: start }, never)
    expect(await next(views)).toMatchObject({ sources: [{ state: 'waiting' }], agents: [] })
    expect(await next(views)).toMatchObject({ sources: [{ state: 'ok' }], agents: [{ ok: true }] })
    const waiting = next(views)
    await pass(opened, one, 20)
    expect(await waiting).toMatchObject({ agents: [{ counts: [{ hits: 20 }] }] })
    await views.return()
  })

  it('follows the list of sources', async () => {
    const [first, second] = [await agent(), await agent()]
    const opened = mirrors()
    const views = opened.watch({ window: start }, never)
    expect(await next(views)).toMatchObject({ sources: [], agents: [] })
    const until = async (names: string[]) => {
      for (;;) {
        const view = await next(views)
        if (view.agents.map(({ name }) => name).join() === names.join()) return
      }
    }
    const { id } = await opened.addSource(listOf(first.address))
    await until([first.address])
    await opened.addSource(listOf(second.address))
    await until([first.address, second.address])
    await opened.removeSource(id)
    await until([second.address])
    await views.return()
  })

  it('goes on collecting when nobody watches any more', async () => {
    const one = await agent()
    const asked = Promise.withResolvers<void>()
    const opened = mirrors({
      seconds: () => {
        if (one.scrapes() > 1) asked.resolve()
        return 0
      },
    })
    await opened.addSource(listOf(one.address))
    const views = opened.watch({ window: start }, never)
    await next(views)
    await views.return()
    await asked.promise
    expect(one.scrapes()).toBeGreaterThan(1)
  })

  it('ends when it is aborted while the round goes on, which ends with the app', async () => {
    const one = await agent()
    one.say('hang')
    const opened = mirrors()
    await opened.addSource(listOf(one.address))
    const stop = new AbortController()
    const views = opened.watch({ window: start }, stop.signal)
    await next(views)
    const ended = views.next()
    stop.abort()
    expect(await ended).toEqual({ done: true, value: undefined })
    const refreshing = opened.refresh(never)
    // answered after what was asked before it: the round is asked for now
    await opened.view({ window: start })
    await opened.close()
    expect(await refreshing).toEqual({ at: now })
  })

  it('a refresh that nobody waits for any more is over, and the round goes on', async () => {
    const one = await agent()
    one.say('hang')
    const opened = mirrors()
    await opened.addSource(listOf(one.address))
    const cancel = new AbortController()
    const refreshing = expect(opened.refresh(cancel.signal)).rejects.toMatchObject({
      failure: { kind: 'cancelled' },
    })
    cancel.abort()
    await refreshing
  })
})

describe('the history', () => {
  it('that cannot be kept is said in the view, and the live map goes on', async () => {
    const one = await agent()
    const opened = mirrors({
      openHistory: () => {
        throw failureError('internal', 'scrape', 'The history cannot be written: the disk is full.')
      },
    })
    await opened.addSource(listOf(one.address))
    await opened.refresh(never)
    expect(mirrorViewSchema.parse(await opened.view({ window: start }))).toMatchObject({
      agents: [{ ok: true, counts: [{ hits: 10 }] }],
      historyFailure: { kind: 'internal', message: expect.stringContaining('disk is full') as string },
    })
    expect(logged).toEqual(['the history of the mirrors cannot be used'])
  })
})

describe('who has an image', () => {
  it('is asked of the mirrors of sources nobody looked at before', async () => {
    const image = fakeImage('team/app', '1.0')
    const upstream = await startFakeHost(image.answer)
    const holder = await startFakeHost(image.answer)
    const other = await startFakeHost(spegelMiss)
    const [one, two] = [await agent(), await agent()]
    closing.push(upstream.stop, holder.stop, other.stop)
    const transport = createTransport({ record: () => undefined, clock: Date })
    closing.push(() => transport.close())
    const opened = mirrors({
      upstream: ({ repository }) => Promise.resolve({ transport, url: upstream.url, repository }),
    })
    await opened.setDemo([
      { address: one.address, known: { name: 'node-1', mirrorUrl: holder.url } },
      { address: two.address, known: { name: 'node-2', mirrorUrl: other.url } },
    ])
    const steps = opened.whoHasIt({ reference: `${upstream.host}/team/app:1.0`, sources: ['demo'] }, never)
    let step = await steps.next()
    while (step.done !== true) step = await steps.next()
    const map = contentMapSchema.parse(step.value)
    expect(map).toMatchObject({
      digest: image.digest,
      nodes: [{ name: 'node-1', demo: true }, { name: 'node-2' }],
    })
    expect(map.nodes.map(({ holds }) => [...new Set(holds)])).toEqual([['has'], ['lacks']])
    expect(holder.asked.every(({ headers }) => headers['x-spegel-mirrored'] === 'true')).toBe(true)
  })
})

describe('one agent', () => {
  it('is shown with everything that is known of it', async () => {
    const one = await agent()
    const opened = mirrors()
    const { id } = await opened.addSource(listOf(one.address))
    await opened.refresh(never)
    await pass(opened, one, 13)
    const of = { source: id, id: one.address }
    const since = agentDetailSchema.parse(await opened.detail({ ...of, window: start }, never))
    expect(since).toMatchObject({
      reading: { name: one.address, counts: [{ hits: 13, misses: 4 }] },
      answers: expect.arrayContaining([{ code: '404', method: 'GET', count: 4 }]) as unknown,
    })
    const lately = agentDetailSchema.parse(await opened.detail({ ...of, window: last(300) }, never))
    expect(lately.reading.counts).toEqual([{ registry: 'docker.io', hits: 3, misses: 0 }])
    for (const gone of [
      { ...of, id: 'gone' },
      { ...of, source: 'gone' },
    ]) {
      await expect(opened.detail({ ...gone, window: start }, never)).rejects.toMatchObject({
        failure: { kind: 'no-such-item' },
      })
    }
  })

  it('that is one of two on a node is a finding, and both are there', async () => {
    const one = await agent()
    const opened = mirrors()
    await opened.setDemo([
      { address: one.address, known: { name: 'node-1' } },
      { address: `http://${one.address}/metrics?b`, known: { name: 'node-1' } },
    ])
    await opened.refresh(never)
    const view = await opened.view({ window: start })
    expect(view.agents.map(({ name }) => name)).toEqual(['node-1', 'node-1'])
    expect(view.findings.map(({ rule }) => rule)).toContain('two-agents-one-node')
  })
})
