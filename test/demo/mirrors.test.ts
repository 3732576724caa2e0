import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDemo } from '../../electron/demo/demo.ts'
import { openHistory } from '../../electron/mirrors/history/open-history.ts'
import { createMirrors, type Mirrors } from '../../electron/mirrors/mirrors.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import { memoryVault } from '../fakes/memory-vault.ts'

const clock = { now: () => now }
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const never = new AbortController().signal
let now = Date.UTC(2026, 10, 22)
let directory: string
let mirrors: Mirrors
const demo = createDemo({ clock })
const transport = createTransport({ record: () => undefined, clock })

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chartroom-'))
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
    upstream: () => Promise.reject(new Error('nothing is asked of the upstream')),
  })
})
afterEach(async () => {
  await mirrors.close()
  await demo.stop()
  await transport.close()
  await rm(directory, { recursive: true, force: true })
})

test('the mirrors screen reads every simulated agent, and sees traffic, silence and a restart', async () => {
  const { agents } = await demo.start()
  await mirrors.setDemo(agents.map((address) => ({ address })))
  await mirrors.refresh(never)
  const since = await mirrors.view({ window: { kind: 'start' } })
  expect(since.agents.map(({ ok, demo: labelled }) => [ok, labelled])).toEqual(agents.map(() => [true, true]))
  now += 60_000
  await mirrors.refresh(never)
  const { agents: lately } = await mirrors.view({ window: { kind: 'last', seconds: 300 } })
  const silent = since.agents.filter(({ counts }) => counts?.length === 0)
  expect(silent).toMatchObject([{ lastSuccessAt: 0 }])
  expect(lately.filter(({ restarts }) => restarts > 0)).toHaveLength(1)
  // Spegel 0.1 does not say when it last served, and answers 500 where it means 404
  const old = since.agents.filter(({ lastSuccessAt }) => lastSuccessAt === undefined)
  expect(old).toHaveLength(1)
  expect(old[0]?.answers?.serverFaults).toBeGreaterThan(0)
  for (const { registry, hits, misses } of since.agents.flatMap(({ counts = [] }) => counts)) {
    expect(registry).not.toBe('')
    expect(hits + misses).toBeGreaterThan(0)
  }
})
