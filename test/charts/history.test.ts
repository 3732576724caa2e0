import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRouterClient, type RouterClient } from '@orpc/server'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type App, createApp } from '../../electron/app.ts'
import { createHistory } from '../../electron/charts/history.ts'
import type { AppRouter } from '../../electron/router.ts'
import { createMemoryVault } from '../../electron/vault-memory.ts'
import { maxPublished } from '../../shared/model/history.ts'
import { chartArchive } from '../fakes/charts.ts'

let directory: string
let app: App
let client: RouterClient<AppRouter>
let registryId: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chartroom-history-'))
  app = await createApp({
    directory: join(directory, 'profile'),
    clock: Date,
    vault: createMemoryVault(),
    env: { HOME: directory },
    host: { opensFiles: false, openExternal: async () => false },
  })
  client = createRouterClient(app.router)
  ;({ registryId } = await app.startDemo())
})
afterEach(async () => {
  await app.close()
  await rm(directory, { recursive: true, force: true })
})

async function publish(bytes: Uint8Array, mode: 'auto' | 'chunked' = 'auto'): Promise<string> {
  const ticket = await app.intake.accept('cart-1.0.0.tgz', oneChunk(bytes))
  const events = await client.publish.start({ ticket, registryId, path: 'charts', mode })
  for (;;) {
    const step = await events.next()
    if (step.done === true) return step.value.digest
  }
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

test('every chart that is put into a registry is remembered, newest first, and what was there already is not', async () => {
  const first = await publish(await chartArchive({ name: 'cart', version: '1.0.0+build.7' }))
  const bytes = await chartArchive({ name: 'ledger' })
  const second = await publish(bytes, 'chunked')
  expect(await publish(bytes)).toBe(second)
  const { entries, total } = await client.publish.history({ newest: 10 })
  expect(total).toBe(2)
  expect(entries).toMatchObject([
    { chart: 'ledger', version: '1.0.0', digest: second, mode: 'chunked', strategy: 'chunked', registryId },
    {
      chart: 'cart',
      version: '1.0.0+build.7',
      digest: first,
      mode: 'auto',
      strategy: 'buffered',
      demo: true,
    },
  ])
  expect(entries[1]?.reference).toMatch(/\/charts\/cart:1\.0\.0_build\.7$/)
  expect(await client.publish.history({ newest: 1 })).toEqual({ entries: entries.slice(0, 1), total: 2 })
})

test('it is the user’s own file, and can be cleared', async () => {
  await publish(await chartArchive({ name: 'cart', version: '7.0.0' }))
  expect((await client.publish.history({ newest: 1 })).total).toBe(1)
  const path = join(directory, 'profile', 'published.json')
  if (process.platform !== 'win32') expect((await stat(path)).mode & 0o077).toBe(0)
  expect(await client.publish.clearHistory()).toEqual({ cleared: 1 })
  expect(await client.publish.history({ newest: 10 })).toEqual({ entries: [], total: 0 })
  expect(await readFile(path, 'utf8')).not.toContain('cart')
})

test('a thousand are kept, with the name of who asked and nothing that is secret', async () => {
  const history = createHistory({
    directory,
    clock: { now: () => 5 },
    identityOf: async () => ({ username: 'captain', demo: false }),
  })
  const published = {
    chart: 'cart',
    version: '1.0.0',
    reference: 'host/charts/cart:1.0.0',
    digest: `sha256:${'a'.repeat(64)}`,
    size: 120,
    mode: 'auto' as const,
    registryId: 'r1',
    seconds: 0.5,
  }
  await history.add({ ...published, version: '0.0.1' })
  const path = join(directory, 'published.json')
  const kept = JSON.parse(await readFile(path, 'utf8')) as { entries: object[] }
  const full = { entries: Array.from({ length: maxPublished }, () => kept.entries[0]) }
  await writeFile(path, JSON.stringify(full))
  await history.add(published)
  const { entries, total } = await history.newest(maxPublished)
  expect(total).toBe(maxPublished)
  expect(entries[0]).toMatchObject({ version: '1.0.0', at: 5, username: 'captain' })
  expect(entries.at(-1)).toMatchObject({ version: '0.0.1' })
})
