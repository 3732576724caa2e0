import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { maxMetricsBytes } from '../../electron/mirrors/metrics/parse.ts'
import { scrapeAll, type ScrapeOptions } from '../../electron/mirrors/scrape.ts'
import type { AgentResult } from '../../electron/mirrors/sources/source.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import type { Failure } from '../../shared/model/failure.ts'
import { type AgentState, type FakeAgent, startFakeAgent } from '../fakes/agent.ts'
import { closedPort } from '../fakes/mirror.ts'
import { startScriptedHttp } from '../fakes/scripted-http.ts'

const state: AgentState = {
  startedAt: 1_784_099_921,
  lastSuccess: 1_784_105_321,
  requests: [{ registry: 'docker.io', hits: 10, misses: 4 }],
  answers: { 200: 12, 404: 4, 500: 1 },
}
const never = new AbortController().signal
const at = 1_784_200_000_000

let closing: Array<() => Promise<unknown>>
beforeEach(() => {
  closing = []
})
afterEach(async () => {
  for (const close of closing.toReversed()) await close()
})

async function agent(gzip = false): Promise<FakeAgent> {
  const started = await startFakeAgent(state, gzip)
  closing.push(started.stop)
  return started
}

function target(address: string) {
  const agent = { source: 's', id: address, name: address, address, demo: false }
  return { agent, url: `http://${address}${address.includes('/') ? '' : '/metrics'}` }
}

function scrape(
  addresses: readonly string[],
  { signal = never, ...more }: Partial<ScrapeOptions> & { signal?: AbortSignal } = {},
): Promise<AgentResult[]> {
  const clock = { now: () => at }
  const transport = createTransport({ record: () => undefined, clock })
  closing.push(() => transport.close())
  return scrapeAll(addresses.map(target), transport, signal, { at, clock, random: () => 0, ...more })
}

async function failureOf(address: string, limits: ScrapeOptions['limits'] = {}): Promise<Failure> {
  const [result] = await scrape([address], { limits })
  if (result?.ok !== false) throw new Error('it answered')
  return result.failure
}

describe('a scrape', () => {
  it.each([
    ['text', false],
    ['gzip', true],
  ])('reads an agent that sends %s', async (_, gzip) => {
    const one = await agent(gzip)
    expect(await scrape([one.address])).toMatchObject([
      {
        ok: true,
        at,
        agent: { id: one.address },
        sample: {
          startedAt: 1_784_099_921_000,
          lastSuccessAt: 1_784_105_321_000,
          counts: [{ registry: 'docker.io', hits: 10, misses: 4 }],
        },
      },
    ])
  })

  it('reads how far the clock of an agent is from ours, to the second', async () => {
    const one = await startScriptedHttp((_, response) => {
      response.setHeader('date', new Date(at + 90_000).toUTCString())
      response.end(
        '# TYPE spegel_mirror_last_success_timestamp_seconds gauge\nspegel_mirror_last_success_timestamp_seconds 0\n',
      )
    })
    closing.push(one.stop)
    const [result] = await scrape([new URL(one.url).host])
    expect(result).toMatchObject({ ok: true, clockOffset: 90_500 })
  })

  it('keeps the order of many agents and tells of each as it is done', async () => {
    const one = await agent()
    const list = Array.from({ length: 40 }, (_, n) => `${one.address}/metrics?n=${n}`)
    const told: string[] = []
    const results = await scrape([closedPort, ...list], { onResult: (each) => told.push(each.agent.id) })
    expect(results.map((each) => each.agent.id)).toEqual([closedPort, ...list])
    expect(results.map(({ ok }) => ok)).toEqual([false, ...list.map(() => true)])
    expect(told.toSorted()).toEqual([closedPort, ...list].toSorted())
  })

  it('asks 16 at a time', async () => {
    let [open, most] = [0, 0]
    const waiting: Array<() => void> = []
    const one = await startScriptedHttp((_, response) => {
      open += 1
      most = Math.max(most, open)
      waiting.push(() => {
        open -= 1
        response.writeHead(500).end()
      })
      // the last of them never comes while the others are held back
      if (open === 16) for (const release of waiting.splice(0)) setImmediate(release)
    })
    closing.push(one.stop)
    const { host } = new URL(one.url)
    const results = await scrape(Array.from({ length: 48 }, (_, n) => `${host}/metrics?n=${n}`))
    expect({ most, asked: one.seen.length, results: results.length }).toEqual({
      most: 16,
      asked: 48,
      results: 48,
    })
  })

  it('says that an agent is down', async () => {
    expect(await failureOf(closedPort)).toMatchObject({ kind: 'refused', phase: 'scrape' })
  })

  it('says that metrics which are HTML are a page', async () => {
    const one = await agent()
    one.say({
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: '<html><title>Log in</title></html>\n',
    })
    expect(await failureOf(one.address)).toMatchObject({ kind: 'metrics-invalid', next: ['check-address'] })
  })

  it('says where an agent has no such path', async () => {
    const one = await agent()
    const failure = await failureOf(`${one.address}/elsewhere`)
    expect(failure).toMatchObject({ kind: 'not-found', status: 404, phase: 'scrape' })
  })

  it('says that an agent is broken', async () => {
    const one = await agent()
    one.say({ status: 500 })
    expect(await failureOf(one.address)).toMatchObject({ kind: 'server-fault', status: 500 })
  })

  it('does not follow a redirect', async () => {
    const one = await agent()
    one.say({ status: 302, headers: { location: `http://${one.address}/metrics` } })
    expect(await failureOf(one.address)).toMatchObject({ status: 302, phase: 'scrape' })
    expect(one.scrapes()).toBe(1)
  })

  it('says that the connection broke off', async () => {
    const one = await agent()
    one.say('cut')
    expect(await failureOf(one.address)).toMatchObject({ kind: 'connection-lost' })
  })

  it('gives up an agent that stands still', async () => {
    const one = await agent()
    one.say('hang')
    const failure = await failureOf(one.address, { patience: 50, deadline: 10_000 })
    expect(failure).toMatchObject({ kind: 'timeout', retryable: true })
  })

  it('gives up an agent that trickles, while the others have their rows', async () => {
    const slow = await startScriptedHttp((_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' })
      const drip = setInterval(() => response.write('#'), 5)
      response.once('close', () => clearInterval(drip))
    })
    closing.push(slow.stop)
    const one = await agent()
    const results = await scrape([new URL(slow.url).host, one.address], {
      limits: { patience: 5000, deadline: 200 },
    })
    expect(results).toMatchObject([
      { ok: false, failure: { kind: 'timeout', retryable: true } },
      { ok: true },
    ])
  })

  it.each([
    ['says so beforehand', { 'content-length': String(10 * 1024 ** 3) }],
    ['does not end', {}],
  ])('stops reading metrics of 10 GB where the agent %s', async (_, headers) => {
    const line = `spegel_mirror_requests_total{cache="hit",registry="${'a'.repeat(900)}"} 1\n`
    const endless = await startScriptedHttp((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', ...headers })
      const lump = line.repeat(1000)
      const pour = (): void => {
        while (!response.destroyed && response.write(lump));
      }
      response.on('drain', pour)
      pour()
    })
    closing.push(endless.stop)
    expect(await failureOf(new URL(endless.url).host)).toMatchObject({
      kind: 'answer-invalid',
      evidence: [{ fact: 'limit', value: String(maxMetricsBytes) }],
    })
  })

  it('does not unpack more than its limit', async () => {
    const one = await agent()
    const bomb = gzipSync(Buffer.alloc(maxMetricsBytes + 1, 'a'))
    one.say({ status: 200, headers: { 'content-encoding': 'gzip' }, body: bomb })
    expect((await failureOf(one.address)).message).toContain('unpack to more than')
  })

  it.each([
    ['gzip', 'broken'],
    ['br', 'encoding "br"'],
  ])('says that a body in %s is unreadable', async (encoding, why) => {
    const one = await agent()
    one.say({ status: 200, headers: { 'content-encoding': encoding }, body: 'no' })
    const failure = await failureOf(one.address)
    expect(failure.kind).toBe('metrics-invalid')
    expect(failure.message).toContain(why)
  })

  it('throws when it is cancelled, also before the first is asked', async () => {
    const one = await agent()
    one.say('hang')
    for (const limits of [{ spread: 0 }, { spread: 3_600_000 }]) {
      const cancel = new AbortController()
      const running = scrape([one.address], { signal: cancel.signal, limits, random: () => 0.5 })
      cancel.abort()
      await expect(running).rejects.toMatchObject({ failure: { kind: 'cancelled' } })
    }
  })
})
