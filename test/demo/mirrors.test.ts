import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDemo, type DemoState } from '../../electron/demo/demo.ts'
import { openHistory } from '../../electron/mirrors/history/open-history.ts'
import { createMirrors, type Mirrors } from '../../electron/mirrors/mirrors.ts'
import type { Transport } from '../../electron/oci/ask.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import { memoryVault } from '../fakes/memory-vault.ts'

const clock = { now: () => now }
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const never = new AbortController().signal
let now = Date.UTC(2026, 10, 22)
let directory: string
let mirrors: Mirrors
let state: DemoState
const demo = createDemo({ clock })
let transport: Transport

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chartroom-'))
  transport = createTransport({ record: () => undefined, clock })
  mirrors = createMirrors({
    directory,
    vault: memoryVault(),
    transport,
    clock,
    env: {},
    log: quiet,
    seconds: () => 15,
    openHistory: () => openHistory({ directory, clock }),
    lookup: () => Promise.reject(new Error('no name is known')),
    random: Math.random,
    upstream: async ({ registry, repository }) => ({ transport, url: `http://${registry}`, repository }),
  })
  state = await demo.start()
  await mirrors.setDemo(
    state.agents.map(({ address, metricsAt, ...known }) => ({ address, metricsAt, known })),
  )
  // reads the past of a week as well
  await mirrors.refresh(never)
}, 120_000)
afterAll(async () => {
  await mirrors.close()
  await demo.stop()
  await transport.close()
  await rm(directory, { recursive: true, force: true })
})

test('the mirrors screen reads every simulated agent that answers, and sees traffic, silence and no data', async () => {
  const { agents: rows } = await mirrors.view({ window: { kind: 'start' } })
  expect(rows).toHaveLength(state.agents.length)
  expect(
    rows.every(({ demo: labelled, zone, pool }) => labelled && zone !== undefined && pool !== undefined),
  ).toBe(true)
  expect(rows.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(['fra-a-05'])
  expect(rows.filter(({ counts }) => counts?.length === 0).map(({ name }) => name)).toEqual(['fra-c-06'])
  // Spegel 0.1 does not say when it last served, and answers 500 where it means 404
  const old = rows.filter(({ ok, lastSuccessAt }) => ok && lastSuccessAt === undefined)
  expect(old.map(({ name }) => name)).toEqual(['fra-c-03'])
  expect(old[0]?.answers?.serverFaults).toBeGreaterThan(0)
  for (const { registry, hits, misses } of rows.flatMap(({ counts = [] }) => counts)) {
    expect(registry).not.toBe('')
    expect(hits + misses).toBeGreaterThan(0)
  }
})

test('the past week is there at once, with its restarts', async () => {
  const { agents: week } = await mirrors.view({ window: { kind: 'last', seconds: 7 * 86_400 } })
  const named = (name: string) => week.find((agent) => agent.name === name)
  expect(named('fra-a-01')?.covered).toBeGreaterThan(6 * 86_400)
  expect(named('fra-a-01')?.restarts).toBe(0)
  expect(named('fra-b-03')?.restarts).toBeGreaterThan(20)
  // it joined a minute before the demo began
  expect(named('fra-a-06')?.covered).toBeLessThan(3600)
})

test('its timelines of an hour, a day and a week have no holes', async () => {
  const hour = 3_600_000
  for (const length of [hour, 24 * hour, 6 * 24 * hour]) {
    const steps = { [hour]: 60_000, [24 * hour]: hour / 4, [6 * 24 * hour]: 2 * hour }
    const step = steps[length] ?? 0
    const to = Math.floor(now / step) * step
    const series = await mirrors.series({ from: to - length, to, points: length / step })
    expect(series.step).toBe(step)
    const measured = series.points.filter(({ hits }) => hits !== undefined)
    expect(measured.length).toBeGreaterThanOrEqual(length / step - 1)
  }
})

test('each story is found, and nothing is found of the nodes that are well', async () => {
  now += 60_000
  await mirrors.refresh(never)
  const { agents, findings } = await mirrors.view({ window: { kind: 'last', seconds: 86_400 } })
  const nameOf = new Map(agents.map(({ id, name }) => [id, name]))
  const found = findings
    .filter(({ severity }) => severity !== 'info')
    .map(({ rule, agents: ids }) => [rule, ids.map((id) => nameOf.get(id))])
  expect(Object.fromEntries(found)).toEqual({
    'no-answer': ['fra-a-05'],
    // what never hits because no lookup ends in time is told by its cause
    'resolve-timeout': ['fra-b-04'],
    'never-asks': ['fra-c-06'],
    restarts: ['fra-b-03'],
    'server-faults': ['fra-c-03'],
  })
})

test('every node tells which parts of an image it has', async () => {
  const reference = `${new URL(state.registryUrl).host}/images/checkout:latest`
  const steps = mirrors.whoHasIt({ reference }, never)
  let next = await steps.next()
  while (next.done !== true) next = await steps.next()
  const { items, nodes, tagsDiffer, platform } = next.value
  expect(platform).toBe('linux/amd64')
  expect(items.map(({ kind }) => kind).slice(0, 3)).toEqual(['index', 'manifest', 'config'])
  const held = (name: string) => nodes.find((node) => node.name === name)?.holds
  expect(held('fra-a-01')?.every((holding) => holding === 'has')).toBe(true)
  expect(held('fra-a-06')?.every((holding) => holding === 'lacks')).toBe(true)
  expect(new Set(held('fra-a-03'))).toEqual(new Set(['has', 'lacks']))
  expect(held('fra-c-03')).toContain('failed')
  expect(held('fra-a-05')?.every((holding) => holding === 'not-asked')).toBe(true)
  // one node pulled it when the tag meant an older image
  expect(tagsDiffer).toBe(true)
})
