import { createServer } from 'node:https'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AgentsPorts, openAgents } from '../../../electron/mirrors/sources/agents.ts'
import type { AgentResult, MirrorSource } from '../../../electron/mirrors/sources/source.ts'
import { createTransport } from '../../../electron/oci/transport.ts'
import type { Exchange } from '../../../shared/model/exchange.ts'
import { failureError } from '../../../shared/model/local-failure.ts'
import { type AgentState, type FakeAgent, printAgent, startFakeAgent } from '../../fakes/agent.ts'
import { selfSigned } from '../../fakes/certificate.ts'
import { closedPort } from '../../fakes/mirror.ts'

const state: AgentState = {
  startedAt: 1_784_099_921,
  requests: [{ registry: 'docker.io', hits: 10, misses: 4 }],
}
const never = new AbortController().signal

let now: number
let exchanges: Exchange[]
let closing: Array<() => Promise<unknown>>

beforeEach(() => {
  now = 1_784_200_000_000
  exchanges = []
  closing = []
})
afterEach(async () => {
  for (const close of closing.toReversed()) await close()
})

async function agent(): Promise<FakeAgent> {
  const started = await startFakeAgent(state)
  closing.push(started.stop)
  return started
}

/** An agent that speaks TLS as localhost, and keeps what it was told of who asks. */
async function tlsAgent(): Promise<{ port: number; told: Array<string | undefined> }> {
  const told: Array<string | undefined> = []
  const server = createServer(selfSigned, (request, response) => {
    told.push(request.headers.authorization)
    response.end(printAgent(state))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return { port: (server.address() as AddressInfo).port, told }
}

function open(addresses: readonly string[], more: Partial<AgentsPorts> = {}): MirrorSource {
  const clock = { now: () => now }
  const transport = createTransport({ record: (exchange) => exchanges.push(exchange), clock })
  closing.push(() => transport.close())
  return openAgents(
    { kind: 'agents', addresses: [...addresses], mirrorPort: 30_020 },
    {
      id: 's',
      demo: false,
      transport,
      clock,
      env: {},
      random: () => 0,
      lookup: () => Promise.reject(new Error('no name is known')),
      ...more,
    },
  )
}

const idsOf = (results: readonly AgentResult[]) => results.map(({ agent: { id, name } }) => [id, name])

describe('a list of agents', () => {
  it('is asked in its order, each agent once however it is spelled', async () => {
    const [one, two] = [await agent(), await agent()]
    const source = open([two.address, ` http://${one.address} `, `http://${two.address}/metrics`, closedPort])
    const round = await source.round(never)
    expect(round).toMatchObject({ at: now, way: 'direct' })
    expect(round).not.toHaveProperty('failure')
    expect(round.agents).toMatchObject([
      {
        ok: true,
        at: now,
        agent: {
          source: 's',
          id: two.address,
          name: two.address,
          address: two.address,
          mirrorUrl: 'http://127.0.0.1:30020',
          demo: false,
        },
        sample: { counts: [{ registry: 'docker.io', hits: 10, misses: 4 }] },
      },
      { ok: true, agent: { id: `http://${one.address}` } },
      { ok: false, agent: { id: closedPort }, failure: { kind: 'refused' } },
    ])
    expect(exchanges.filter(({ status }) => status === 200)).toHaveLength(2)
    expect(exchanges.map(({ phase, answeredBy }) => `${phase} ${answeredBy}`).toSorted()).toEqual([
      'scrape agent',
      'scrape agent',
      'scrape nobody',
    ])
  })

  it('that names nobody is a round without agents', async () => {
    expect(await open([]).round(never)).toEqual({ at: now, way: 'direct', agents: [] })
  })

  it('with an address that can be none is refused', () => {
    expect(() => open(['node-1', 'ftp://node-2'])).toThrow(
      expect.objectContaining({ failure: expect.objectContaining({ kind: 'input-invalid' }) as unknown }),
    )
  })

  it('leads to the mirrors of its nodes, and to what else the metrics listener says', async () => {
    const one = await agent()
    const source = open([one.address, 'http://[fd00::5]:9090/x/metrics'], {
      credential: { kind: 'bearer', token: 't0ken' },
      limits: { patience: 200 },
    })
    const { agents } = await source.round(never)
    const [first, second] = agents
    if (first === undefined || second === undefined) throw new Error('two agents were listed')
    expect(source.mirrorOf(first.agent)?.url).toBe('http://127.0.0.1:30020')
    expect(source.mirrorOf(second.agent)?.url).toBe('http://[fd00::5]:30020')
    const way = source.metricsOf?.(first.agent)
    expect(way?.url).toBe(`http://${one.address}/metrics`)
    await way?.transport.send({
      method: 'GET',
      url: way.url,
      phase: 'scrape',
      role: 'agent',
      maxBytes: 100_000,
    })
    expect(exchanges.at(-1)?.requestHeaders['authorization']).toBe('Bearer •••')
    expect(source.metricsOf?.({ ...first.agent, id: 'gone' })).toBeUndefined()
  })

  it('keeps asking who answers, and leaves who keeps failing alone with what it failed with', async () => {
    const [fine, broken] = [await agent(), await agent()]
    broken.say({ status: 500 })
    const source = open([fine.address, broken.address])
    for (let round = 0; round < 8; round += 1) {
      const { agents } = await source.round(never)
      expect(agents).toMatchObject([{ ok: true }, { ok: false, failure: { kind: 'server-fault' } }])
      now += 15_000
    }
    expect([fine.scrapes(), broken.scrapes()]).toEqual([8, 4])
    broken.set(state)
    expect((await source.round(never, { everybody: true })).agents).toMatchObject([
      { ok: true },
      { ok: true },
    ])
    expect((await source.round(never)).agents).toMatchObject([{ ok: true }, { ok: true }])
  })

  it('asks everybody again as soon as one answers after nobody did', async () => {
    const agents = await Promise.all(Array.from({ length: 20 }, agent))
    for (const each of agents) each.say({ status: 500 })
    const source = open(agents.map(({ address }) => address))
    for (let round = 0; round < 4; round += 1) await source.round(never)
    for (const each of agents) each.set(state)
    // 16 are tried while all are to be left alone
    expect((await source.round(never)).agents.filter(({ ok }) => ok)).toHaveLength(16)
    expect((await source.round(never)).agents.filter(({ ok }) => ok)).toHaveLength(20)
  })
})

describe('a name', () => {
  const found = (...addresses: string[]) =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))

  it('that leads to many addresses is as many agents, which come and go with it', async () => {
    const one = await agent()
    const port = one.address.split(':')[1] ?? ''
    let answer = found('127.0.0.9', '127.0.0.1')
    const source = open([`spegel.test:${port}`], {
      lookup: () => Promise.resolve(answer),
      limits: { patience: 1000 },
    })
    const round = await source.round(never)
    expect(round.agents).toMatchObject([
      {
        ok: true,
        agent: {
          id: `127.0.0.1:${port}`,
          name: `spegel.test:${port} (127.0.0.1)`,
          address: `127.0.0.1:${port}`,
          mirrorUrl: 'http://127.0.0.1:30020',
        },
      },
      { ok: false, agent: { id: `127.0.0.9:${port}`, name: `spegel.test:${port} (127.0.0.9)` } },
    ])
    answer = found('127.0.0.1')
    expect(idsOf((await source.round(never)).agents)).toEqual([
      [`127.0.0.1:${port}`, `spegel.test:${port} (127.0.0.1)`],
    ])
  })

  it('and an address that mean the same agent are one', async () => {
    const one = await agent()
    const port = one.address.split(':')[1] ?? ''
    const source = open([one.address, `spegel.test:${port}`], {
      lookup: () => Promise.resolve(found('127.0.0.1', '127.0.0.9')),
      limits: { patience: 1000 },
    })
    expect(idsOf((await source.round(never)).agents)).toEqual([
      [one.address, one.address],
      [`127.0.0.9:${port}`, `spegel.test:${port} (127.0.0.9)`],
    ])
  })

  it('that leads to more agents than are read says so', async () => {
    const addresses = Array.from({ length: 255 * 21 }, (_, n) => `127.1.${n % 21}.${Math.floor(n / 21)}`)
    const half = addresses.slice(0, 3000)
    const refused = () => Promise.reject(failureError('refused', 'scrape', 'nobody listens'))
    const source = open(['one.test:1', 'two.test:1'], {
      lookup: (name) => Promise.resolve(found(...(name === 'one.test' ? half : addresses.slice(3000)))),
      transport: { send: refused, open: refused, close: () => Promise.resolve() },
    })
    const round = await source.round(never)
    expect(round.agents).toHaveLength(5000)
    expect(round.warnings).toEqual([`Only the first 5000 of ${addresses.length} agents are read.`])
  })

  it('that leads nowhere is one agent that says so', async () => {
    const { agents } = await open(['nowhere.invalid:9090']).round(never)
    expect(agents).toMatchObject([
      { ok: false, agent: { id: 'nowhere.invalid:9090' }, failure: { kind: 'dns', phase: 'scrape' } },
    ])
  })

  it('is what a certificate is checked against, whatever address it leads to', async () => {
    const { port, told } = await tlsAgent()
    // the certificate is for localhost; 127.0.0.1 is reached as one of several addresses of that name
    const ports: Partial<AgentsPorts> = {
      lookup: () => Promise.resolve(found('127.0.0.1', '127.0.0.9')),
      limits: { patience: 1000 },
      credential: { kind: 'basic', username: 'ann', password: 'pa55word' },
    }
    const trusting = { ...ports, connection: { tls: { ca: [selfSigned.cert] } } }
    const asked = async (name: string, how: Partial<AgentsPorts>) =>
      (await open([`https://${name}:${port}`], how).round(never)).agents[0]
    expect(await asked('localhost', trusting)).toMatchObject({
      ok: true,
      agent: { address: `https://127.0.0.1:${port}` },
    })
    expect(told).toEqual([`Basic ${Buffer.from('ann:pa55word').toString('base64')}`])
    for (const refused of [await asked('elsewhere.test', trusting), await asked('localhost', ports)]) {
      expect(refused).toMatchObject({ ok: false, failure: { kind: 'tls-untrusted' } })
    }
    expect(told).toHaveLength(1)
    expect(JSON.stringify(exchanges)).not.toContain(Buffer.from('ann:pa55word').toString('base64'))
  })
})
