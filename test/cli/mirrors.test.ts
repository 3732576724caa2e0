import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AgentState, type FakeAgent, startFakeAgent } from '../fakes/agent.ts'
import { closedPort } from '../fakes/mirror.ts'
import { type CliResult, type Machine, createMachine } from './run-cli.ts'

const counts = { registry: 'registry.test', hits: 40, misses: 2 }
const state: AgentState = { startedAt: 1_790_000_000, requests: [counts] }

let machine: Machine
let agents: FakeAgent[]

beforeEach(async () => {
  machine = await createMachine()
  agents = []
})
afterEach(async () => {
  await Promise.all(agents.map((agent) => agent.stop()))
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

test('says who asks by name and password or by token, and shows neither', async () => {
  const one = await agent()
  const args = ['mirrors', '--agents', one.address]
  const results = [
    await machine.run(args, { CHARTROOM_USERNAME: 'ann', CHARTROOM_PASSWORD: 'pa55word' }),
    await machine.run(args, { CHARTROOM_TOKEN: 't0ken' }),
    await machine.run(args),
  ]
  expect(results.map(({ code }) => code)).toEqual([0, 0, 0])
  expect(one.asked().map(({ headers }) => headers.authorization)).toEqual([
    `Basic ${Buffer.from('ann:pa55word').toString('base64')}`,
    'Bearer t0ken',
    undefined,
  ])
  expect(JSON.stringify(results)).not.toMatch(/pa55word|t0ken/)
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
