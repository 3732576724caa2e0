import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDemo } from '../../electron/demo/demo.ts'
import { createMirrors } from '../../electron/mirrors/mirrors.ts'
import { createTransport } from '../../electron/oci/transport.ts'

let now = Date.UTC(2026, 10, 22)
const clock = { now: () => now }
const demo = createDemo({ clock })
const transport = createTransport({ record: () => undefined, clock })
let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chartroom-'))
})
afterEach(async () => {
  await demo.stop()
  await transport.close()
  await rm(directory, { recursive: true, force: true })
})

test('the mirrors screen reads every simulated agent, and sees traffic, silence and a restart', async () => {
  const { agents } = await demo.start()
  const mirrors = createMirrors({
    directory,
    transport,
    clock,
    seconds: () => Promise.resolve(15),
    demoAgents: () => agents,
  })
  const signal = new AbortController().signal
  const first = await mirrors.scrape(agents, signal)
  expect(first.agents.map(({ ok, demo }) => [ok, demo])).toEqual(agents.map(() => [true, true]))
  now += 60_000
  const second = await mirrors.scrape(agents, signal)
  const silent = second.agents.filter(({ sinceStart }) => sinceStart.length === 0)
  expect(silent).toHaveLength(1)
  expect(silent[0]?.lastSuccessAt).toBe(0)
  const restarted = second.agents.filter(
    ({ startedAt }, index) => startedAt !== undefined && startedAt > (first.agents[index]?.startedAt ?? 0),
  )
  expect(restarted).toHaveLength(1)
  // Spegel 0.1 does not say when it last served, and answers 500 where it means 404
  const old = second.agents.filter(({ lastSuccessAt }) => lastSuccessAt === undefined)
  expect(old).toHaveLength(1)
  expect(old[0]?.serverFaults).toBeGreaterThan(0)
  for (const { sinceStart } of second.agents) {
    for (const { registry, hits, misses } of sinceStart) {
      expect(registry).not.toBe('')
      expect(hits + misses).toBeGreaterThan(0)
    }
  }
})
