import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMirrors, type MirrorsPorts } from '../../electron/mirrors/mirrors.ts'
import { maxMetricsBytes } from '../../electron/mirrors/parse.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import type { Exchange } from '../../shared/model/exchange.ts'
import { type AgentReading, type MirrorRound, mirrorRoundSchema } from '../../shared/model/mirror.ts'
import { type AgentState, type FakeAgent, printAgent, startFakeAgent } from '../fakes/agent.ts'
import { closedPort } from '../fakes/mirror.ts'

const state: AgentState = {
  startedAt: 1_784_099_921,
  lastSuccess: 1_784_105_321,
  requests: [{ registry: 'docker.io', hits: 10, misses: 4 }],
  answers: { 200: 12, 404: 4, 500: 1 },
}
const never = new AbortController().signal

let directory: string
let now: number
let exchanges: Exchange[]
let closing: Array<() => Promise<unknown>>

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chartroom-mirrors-'))
  now = 1_784_200_000_000
  exchanges = []
  closing = [() => rm(directory, { recursive: true })]
})

afterEach(async () => {
  for (const close of closing.toReversed()) await close()
})

async function agent(gzip = false): Promise<FakeAgent> {
  const started = await startFakeAgent(state, gzip)
  closing.push(started.stop)
  return started
}

function mirrors(more: Partial<MirrorsPorts> = {}) {
  const clock = { now: () => now }
  const transport = createTransport({ record: (exchange) => exchanges.push(exchange), clock })
  closing.push(() => transport.close())
  return createMirrors({
    directory,
    transport,
    clock,
    seconds: () => Promise.resolve(0),
    demoAgents: () => [],
    ...more,
  })
}

async function scrapeOne(address: string, more: Partial<MirrorsPorts> = {}): Promise<AgentReading> {
  const round = await mirrors(more).scrape([address], never)
  const [reading] = mirrorRoundSchema.parse(round).agents
  if (reading === undefined) throw new Error('the round is empty')
  return reading
}

describe('a scrape', () => {
  it.each([
    ['text', false],
    ['gzip', true],
  ])('reads an agent that sends %s', async (_, gzip) => {
    const one = await agent(gzip)
    expect(await mirrors().scrape([one.address], never)).toEqual({
      at: now,
      agents: [
        {
          agent: one.address,
          demo: false,
          ok: true,
          scrapedAt: now,
          startedAt: 1_784_099_921_000,
          lastSuccessAt: 1_784_105_321_000,
          sinceStart: [{ registry: 'docker.io', hits: 10, misses: 4 }],
          notFound: 4,
          serverFaults: 1,
        },
      ],
    })
    expect(exchanges).toMatchObject([{ phase: 'scrape', status: 200, answeredBy: 'agent' }])
  })

  it('keeps the order of many agents and folds those that mean the same', async () => {
    const one = await agent()
    const down = closedPort
    const list = Array.from({ length: 40 }, (_, n) => `${one.address}/metrics?n=${n}`)
    const round = await mirrors().scrape([...list, down, `http://${down}/metrics`], never)
    expect(round.agents.map((each) => each.agent)).toEqual([...list, down])
    expect(round.agents.filter((each) => each.ok)).toHaveLength(40)
  })

  it('says that an agent is down', async () => {
    const reading = await scrapeOne(closedPort)
    expect(reading).toMatchObject({
      ok: false,
      sinceStart: [],
      failure: { kind: 'refused', phase: 'scrape' },
    })
  })

  it('says that metrics which are HTML are a page', async () => {
    const one = await agent()
    one.say({
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: '<html><title>Log in</title></html>\n',
    })
    const { failure } = await scrapeOne(one.address)
    expect(failure).toMatchObject({ kind: 'metrics-invalid', next: ['check-address'] })
    expect(failure?.message).toContain('a page')
  })

  it('says where an agent has no such path', async () => {
    const one = await agent()
    const { failure } = await scrapeOne(`${one.address}/elsewhere`)
    expect(failure).toMatchObject({ kind: 'not-found', status: 404, phase: 'scrape' })
  })

  it('says that an agent is broken', async () => {
    const one = await agent()
    one.say({ status: 500 })
    expect((await scrapeOne(one.address)).failure).toMatchObject({ kind: 'server-fault', status: 500 })
  })

  it('says that the connection broke off', async () => {
    const one = await agent()
    one.say('cut')
    expect((await scrapeOne(one.address)).failure?.kind).toBe('connection-lost')
  })

  it.each([
    ['stands still', { patience: 50, deadline: 10_000 }],
    ['takes too long as a whole', { patience: 10_000, deadline: 50 }],
  ])('gives up an agent that %s', async (_, limits) => {
    const one = await agent()
    one.say('hang')
    expect((await scrapeOne(one.address, { limits })).failure).toMatchObject({
      kind: 'timeout',
      retryable: true,
    })
  })

  it('does not unpack more than its limit', async () => {
    const one = await agent()
    const bomb = gzipSync(Buffer.alloc(maxMetricsBytes + 1, 'a'))
    one.say({ status: 200, headers: { 'content-encoding': 'gzip' }, body: bomb })
    expect((await scrapeOne(one.address)).failure?.message).toContain('unpack to more than')
  })

  it.each([
    ['gzip', 'broken'],
    ['br', 'encoding "br"'],
  ])('says that a body in %s is unreadable', async (encoding, why) => {
    const one = await agent()
    one.say({ status: 200, headers: { 'content-encoding': encoding }, body: 'no' })
    const { failure } = await scrapeOne(one.address)
    expect(failure).toMatchObject({ kind: 'metrics-invalid' })
    expect(failure?.message).toContain(why)
  })

  it('throws when it is cancelled', async () => {
    const one = await agent()
    one.say('hang')
    const cancel = new AbortController()
    const running = mirrors().scrape([one.address], cancel.signal)
    cancel.abort()
    await expect(running).rejects.toMatchObject({ failure: { kind: 'cancelled' } })
  })

  it('labels simulated agents, however they are spelled', async () => {
    const one = await agent()
    const round = await mirrors({ demoAgents: () => [one.address] }).scrape([`http://${one.address}`], never)
    expect(round.agents).toMatchObject([{ demo: true }])
  })
})

describe('the saved agents', () => {
  it('are kept as typed, once each, and listed before those of the demo', async () => {
    const saved = ['node-1', 'http://node-1:9090/metrics', ' node-2:9090 ']
    expect(await mirrors().setAgents(saved)).toEqual(['node-1', 'node-2:9090'])
    expect(await mirrors({ demoAgents: () => ['127.0.0.1:1'] }).agents()).toEqual([
      { agent: 'node-1', demo: false },
      { agent: 'node-2:9090', demo: false },
      { agent: '127.0.0.1:1', demo: true },
    ])
    expect(JSON.parse(await readFile(join(directory, 'agents.json'), 'utf8'))).toEqual([
      'node-1',
      'node-2:9090',
    ])
  })

  it('stay as they were when one of the new cannot be an address', async () => {
    const opened = mirrors()
    await opened.setAgents(['node-1'])
    await expect(opened.setAgents(['node-2', 'ftp://node-3'])).rejects.toMatchObject({
      failure: { kind: 'input-invalid', message: expect.stringContaining('ftp://node-3') as string },
    })
    expect(await opened.agents()).toEqual([{ agent: 'node-1', demo: false }])
  })
})

describe('a watch', () => {
  async function next(rounds: AsyncGenerator<MirrorRound, void>): Promise<AgentReading[]> {
    const { value } = await rounds.next()
    if (value === undefined) throw new Error('the watch ended')
    return mirrorRoundSchema.parse(value).agents
  }

  it('compares each round with the one before, over a restart and over an outage', async () => {
    const one = await agent()
    const opened = mirrors()
    await opened.setAgents([one.address])
    const rounds = opened.watch(never)
    expect(await next(rounds)).toMatchObject([{ ok: true }])

    now += 15_000
    one.set({ ...state, requests: [{ registry: 'docker.io', hits: 13, misses: 4 }] })
    const grown = { registry: 'docker.io', hits: 3, misses: 0 }
    expect(await next(rounds)).toMatchObject([{ interval: { seconds: 15, counts: [grown], reset: false } }])

    now += 15_000
    one.say({ status: 500 })
    const [silent] = await next(rounds)
    expect(silent).toMatchObject({
      ok: false,
      scrapedAt: now - 15_000,
      sinceStart: [{ hits: 13, misses: 4 }],
      failure: { kind: 'server-fault' },
    })
    expect(silent).not.toHaveProperty('interval')

    now += 15_000
    one.set({ ...state, startedAt: now / 1000, requests: [{ registry: 'docker.io', hits: 2, misses: 1 }] })
    const fresh = { registry: 'docker.io', hits: 2, misses: 1 }
    expect(await next(rounds)).toMatchObject([{ interval: { seconds: 30, counts: [fresh], reset: true } }])
    await rounds.return()
  })

  it('makes a round at once when the list changes', async () => {
    const [first, second] = [await agent(), await agent()]
    const opened = mirrors({ seconds: () => Promise.resolve(3600) })
    await opened.setAgents([first.address])
    const rounds = opened.watch(never)
    expect(await next(rounds)).toMatchObject([{ agent: first.address }])
    const waiting = next(rounds)
    await opened.setAgents([second.address])
    expect(await waiting).toMatchObject([{ agent: second.address, ok: true }])
    await rounds.return()
  })

  it('ends when it is aborted, in the pause and in a scrape', async () => {
    const one = await agent()
    const opened = mirrors({ seconds: () => Promise.resolve(3600) })
    await opened.setAgents([one.address])
    for (const said of [{ status: 200, body: printAgent(state) }, 'hang'] as const) {
      one.say(said)
      const stop = new AbortController()
      const rounds = opened.watch(stop.signal)
      if (said !== 'hang') await next(rounds)
      const last = rounds.next()
      stop.abort()
      expect(await last).toEqual({ done: true, value: undefined })
    }
  })
})
