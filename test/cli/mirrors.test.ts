import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AgentState, type FakeAgent, startFakeAgent } from '../fakes/agent.ts'
import { startApiServer } from '../fakes/kubernetes/api-server.ts'
import { kubeconfigFor } from '../fakes/kubernetes/kubeconfig.ts'
import { kubeNode, spegelPod } from '../fakes/kubernetes/objects.ts'
import { closedPort } from '../fakes/mirror.ts'
import { startFakePrometheus } from '../fakes/prometheus.ts'
import { type CliResult, type Machine, createMachine } from './run-cli.ts'

const counts = { registry: 'registry.test', hits: 40, misses: 2 }
const state: AgentState = { startedAt: 1_790_000_000, requests: [counts] }

let machine: Machine
let agents: FakeAgent[]
let stops: Array<() => Promise<void>>

beforeEach(async () => {
  machine = await createMachine()
  agents = []
  stops = []
})
afterEach(async () => {
  await Promise.all([...agents.map((each) => each.stop()), ...stops.map((stop) => stop())])
  await machine.close()
})

async function agent(first: AgentState = state): Promise<FakeAgent> {
  const started = await startFakeAgent(first)
  agents.push(started)
  return started
}

const rowsOf = ({ answers }: CliResult, line = 0) => answers[line]?.['agents']

test('prints hits and misses by registry, and the failure of an agent that is down', async () => {
  const other = { registry: 'other.test', hits: 0, misses: 7 }
  const one = await agent({ ...state, requests: [counts, other] })
  const result = await machine.run(['mirrors', '--agents', `${one.address},${closedPort}`])
  expect(result.code).toBe(1)
  expect(result.answers).toHaveLength(1)
  expect(rowsOf(result)).toMatchObject([
    { agent: one.address, ok: true, registries: [other, counts] },
    { agent: closedPort, ok: false, registries: [], failure: { kind: 'refused' } },
  ])
  expect(result.answers).toMatchObject([
    {
      window: { kind: 'start' },
      sources: [{ kind: 'agents', state: 'ok', agents: 2, answering: 1 }],
      findings: expect.arrayContaining([expect.objectContaining({ rule: 'no-answer' })]) as unknown,
    },
  ])
})

test('ends with 0 where all agents answer, whatever is found', async () => {
  const one = await agent({ ...state, answers: { 200: 40, 500: 30 } })
  const result = await machine.run(['mirrors', '--agents', one.address, '--json'])
  expect(result).toMatchObject({ code: 0, stderr: '' })
  expect(rowsOf(result)).toMatchObject([{ agent: one.address, ok: true, registries: [counts] }])
  expect(result.answers[0]?.['findings']).toContainEqual(
    expect.objectContaining({ rule: 'server-faults', severity: 'bad' }),
  )
  expect(await machine.leftovers()).toEqual([])
})

test('over a window has what was counted in it: nothing, where nobody looked before', async () => {
  const one = await agent()
  const result = await machine.run(['mirrors', '--agents', one.address, '--window', '1h'])
  expect(result).toMatchObject({ code: 0, answers: [{ window: { kind: 'last', seconds: 3600 } }] })
  expect(rowsOf(result)).toMatchObject([{ ok: true, registries: [], covered: 0 }])
})

test('an address that can be none is a failure in the answer', async () => {
  const result = await machine.run(['mirrors', '--agents', 'ftp://node-1'])
  expect(result).toMatchObject({
    code: 1,
    answers: [{ agents: [], sources: [], findings: [], failure: { kind: 'input-invalid' } }],
  })
})

test.each([
  [
    'name and password',
    { CHARTROOM_USERNAME: 'ann', CHARTROOM_PASSWORD: 'pa55word' },
    `Basic ${Buffer.from('ann:pa55word').toString('base64')}`,
  ],
  ['token', { CHARTROOM_TOKEN: 't0ken' }, 'Bearer t0ken'],
  ['nothing', {}, undefined],
])('says by %s who asks, and shows no secret', async (_, env, expected) => {
  const one = await agent()
  const result = await machine.run(['mirrors', '--agents', one.address], env)
  expect(result.code).toBe(0)
  expect(one.asked().map(({ headers }) => headers.authorization)).toEqual([expected])
  expect(JSON.stringify(result)).not.toMatch(/pa55word|t0ken/)
})

test('reads a Prometheus, and over a window what it kept from before', async () => {
  const now = Date.now() / 1000
  // one hit a second
  const labels = { job: 'spegel', instance: '10.0.0.1:9090', node: 'worker-1' }
  const prometheus = await startFakePrometheus({
    now,
    targets: (at) => [
      {
        labels,
        at: at - 5,
        startedAt: now - 100_000,
        requests: [{ registry: 'docker.io', hits: Math.floor(at - now) + 100_000, misses: 7 }],
        up: true,
      },
    ],
  })
  stops.push(prometheus.stop)
  const args = ['mirrors', '--prometheus', prometheus.url, '--matchers', 'job="spegel"', '--window', '2h']
  const result = await machine.run(args)
  expect(result).toMatchObject({ code: 0, answers: [{ sources: [{ way: 'prometheus', answering: 1 }] }] })
  const [row] = rowsOf(result) as [{ covered: number; registries: { hits: number }[] }]
  // its steps are of five minutes
  expect(row).toMatchObject({
    agent: 'worker-1',
    ok: true,
    registries: [{ registry: 'docker.io', misses: 0 }],
  })
  expect(row.covered).toBeGreaterThan(6600)
  expect(row.registries[0]?.hits).toBeGreaterThan(6600)
  expect(row.registries[0]?.hits).toBeLessThan(7800)
  const queries = prometheus.seen.map(({ url, body }) => new URLSearchParams(body || url.search).get('query'))
  expect(queries.every((query) => query?.includes('job="spegel"'))).toBe(true)
})

test('reads a cluster by a context of a kubeconfig', async () => {
  const [one, api] = [await agent(), await startApiServer()]
  stops.push(api.stop)
  api.store.put(kubeNode('node-1'))
  api.store.put(spegelPod({ name: 'spegel-aaaaa', node: 'node-1' }))
  api.backends.set('spegel/spegel-aaaaa:9090', { url: `http://${one.address}` })
  const kubeconfig = join(machine.directory, 'kubeconfig')
  await writeFile(kubeconfig, JSON.stringify(kubeconfigFor(api)))
  const result = await machine.run(['mirrors', '--kube-context', 'lab', '--kubeconfig', kubeconfig])
  expect(result).toMatchObject({ code: 0, stderr: '' })
  expect(rowsOf(result)).toMatchObject([{ agent: 'node-1', ok: true, registries: [counts] }])
  expect(result.answers).toMatchObject([
    { sources: [{ kind: 'kubernetes', way: 'pod-proxy', answering: 1 }] },
  ])
})

test('a Prometheus that nobody answers for fails', async () => {
  const result = await machine.run(['mirrors', '--prometheus', `http://${closedPort}`])
  expect(result.code).toBe(1)
  expect(result.answers).toMatchObject([
    { agents: [], sources: [{ kind: 'prometheus', state: 'failing', failure: { kind: 'refused' } }] },
  ])
})

test('a context no kubeconfig has fails', async () => {
  const result = await machine.run(['mirrors', '--kube-context', 'nowhere'])
  expect(result.code).toBe(1)
  expect(result.answers).toMatchObject([{ agents: [], sources: [{ kind: 'kubernetes', state: 'failing' }] }])
})

test('watches until it is interrupted: a line a round, the last of which decides', async () => {
  const one = await agent()
  const third = Promise.withResolvers<void>()
  one.onScrape((times) => {
    one.set({ ...state, requests: [{ ...counts, hits: 40 + times }] })
    if (times === 3) third.resolve()
  })
  const args = ['mirrors', '--agents', one.address, '--watch', '--every', '2', '--window', '5m']
  const result = await machine.interrupt(args, 'SIGINT', third.promise)
  expect(result).toMatchObject({ code: 0, stderr: '' })
  expect(result.answers.length).toBeGreaterThanOrEqual(2)
  expect(rowsOf(result, 0)).toMatchObject([{ ok: true, registries: [] }])
  expect(rowsOf(result, 1)).toMatchObject([
    { ok: true, registries: [{ registry: 'registry.test', hits: 1, misses: 0 }] },
  ])
  expect(await machine.leftovers()).toEqual([])
})
