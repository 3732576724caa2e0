import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { queueLimits } from '../../shared/model/queue.ts'
import { startRun } from '../charts/queue-lab.ts'
import { chartArchive } from '../fakes/charts.ts'
import { startFaultProxy } from '../fakes/fault-proxy.ts'
import { startDistribution } from './distribution.ts'
import { startDockerRegistry } from './docker-registry.ts'

const credential = { source: 'anonymous' as const }

test('a queue of 200 charts reaches a real registry, and what is kept of it does not grow', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'chartroom-queue-'))
  const registry = await startDockerRegistry()
  const run = await startRun(directory)
  try {
    const { id: registryId } = await run.client.registries.add({ name: 'Lab', url: registry.url, credential })
    const names = Array.from({ length: 200 }, (_, index) => `many-${index}`)
    const archives = await Promise.all(
      names.map(async (name) => ({
        name: `${name}.tgz`,
        bytes: await chartArchive({ name, padding: 20_000 }),
      })),
    )
    const ids = await run.add(...archives)
    for (const id of ids) await run.client.publish.submit({ id, registryId, path: 'q', mode: 'auto' })
    await run.window.until(({ items }) => ids.every((id) => items.get(id)?.status === 'published'))
    const held = () => [...run.window.items.values()].filter(({ ticket }) => ticket !== undefined)
    await run.window.until(() => held().length === queueLimits.held)
    expect((await run.client.publish.history({ newest: 1 })).total).toBe(200)
    await run.close()
    expect(await readdir(join(directory, 'queue', String(process.pid)))).toEqual(['queue.json'])
  } finally {
    await run.close()
    await registry.stop()
    await rm(directory, { recursive: true, force: true })
  }
})

test('distribution 3 keeps what came of a chunk that was cut, and the next run goes on right there', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'chartroom-resume-'))
  const registry = await startDistribution()
  const proxy = await startFaultProxy(registry.url)
  let run = await startRun(directory)
  try {
    const { id: registryId } = await run.client.registries.add({ name: 'Lab', url: proxy.url, credential })
    const bytes = await chartArchive({ name: 'large', padding: 1_500_000 })
    const [id = ''] = await run.add({ name: 'large-1.0.0.tgz', bytes })
    const target = { id, registryId, path: 'charts', mode: 'chunked' as const, chunkBytes: 500_000 }
    const isSecond = (range: string | undefined) => range?.startsWith('500000-') === true
    proxy.fault = ({ headers }) =>
      isSecond(headers['content-range']) ? { does: 'stall', afterBytes: 250_000 } : undefined
    const stuck = proxy.reached(
      ({ headers, bytes: count }) => isSecond(headers['content-range']) && count > 250_000,
    )
    await run.client.publish.submit(target)
    const seen = await stuck
    await run.close()
    seen.release()
    proxy.inflict()
    run = await startRun(directory)
    await run.window.reached(id, 'interrupted')
    await run.client.publish.submit({ ...target, resume: true })
    const item = await run.window.reached(id, 'published')
    expect(item.resumedAt).toBeGreaterThanOrEqual(500_000)
    expect(item.anew).toBeUndefined()
    const ranges = proxy.seen.flatMap(({ headers }) => headers['content-range'] ?? [])
    // the config may travel beside it, in one chunk that begins at 0
    expect(ranges).not.toContain('0-499999')
    expect(ranges.find((range) => !range.startsWith('0-'))).toMatch(new RegExp(`^${item.resumedAt ?? 0}-`))
  } finally {
    await run.close()
    await proxy.stop()
    await registry.stop()
    await rm(directory, { recursive: true, force: true })
  }
})
