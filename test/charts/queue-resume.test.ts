import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../../electron/demo/registry.ts'
import type { QueueItem } from '../../shared/model/queue.ts'
import { chartArchive } from '../fakes/charts.ts'
import { type FaultProxy, startFaultProxy } from '../fakes/fault-proxy.ts'
import { type DockerRegistry, startDockerRegistry } from '../lab/docker-registry.ts'
import { type Run, startRun } from './queue-lab.ts'

const chunk = 500_000
let registry: EmbeddedRegistry | DockerRegistry
let proxy: FaultProxy
let directory: string
let run: Run
let id: string
let target: { registryId: string; path: string; mode: 'chunked'; chunkBytes: number }
let size: number

async function begin(started: EmbeddedRegistry | DockerRegistry): Promise<void> {
  registry = started
  proxy = await startFaultProxy(registry.url)
  run = await startRun(directory)
  const credential = { source: 'anonymous' as const }
  const entry = await run.client.registries.add({ name: 'Lab', url: proxy.url, credential })
  const bytes = await chartArchive({ name: 'large', padding: 1_500_000 })
  size = bytes.length
  ;[id = ''] = await run.add({ name: 'large-1.0.0.tgz', bytes })
  target = { registryId: entry.id, path: 'charts', mode: 'chunked', chunkBytes: chunk }
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chartroom-resume-'))
})
afterEach(async () => {
  await run.close()
  await proxy.stop()
  await registry.stop()
  await rm(directory, { recursive: true, force: true })
})

const isSecond = (range: string | undefined) => range?.startsWith(`${chunk}-`) === true
/** Where the PATCHes of the chart began, without those of its config. */
const starts = () =>
  proxy.seen.flatMap(({ method, headers }) => {
    const [from = '', to = ''] = (headers['content-range'] ?? '').split('-')
    return method === 'PATCH' && Number(to) > 10_000 ? [Number(from)] : []
  })

/** Uploads until half of the second chunk has passed, then closes the app and starts it again. */
async function closeInTheMiddle(): Promise<QueueItem> {
  proxy.fault = ({ headers }) =>
    isSecond(headers['content-range']) ? { does: 'stall', afterBytes: chunk / 2 } : undefined
  const stuck = proxy.reached(({ headers, bytes }) => isSecond(headers['content-range']) && bytes > chunk / 2)
  await run.client.publish.submit({ id, ...target })
  const seen = await stuck
  await run.close()
  seen.release()
  proxy.inflict()
  run = await startRun(directory)
  return run.window.reached(id, 'interrupted')
}

describe('a chart that went in chunks when the app was closed', () => {
  it('goes on in the next run, and the bytes before are not sent again', async () => {
    await begin(await startEmbeddedRegistry())
    expect(await closeInTheMiddle()).toMatchObject({ resumable: true, target })
    expect(proxy.seen).toEqual([])
    await run.client.publish.submit({ id, ...target, resume: true })
    const item = await run.window.reached(id, 'published')
    expect(item).toMatchObject({ resumedAt: chunk, resumable: false, result: { strategy: 'chunked' } })
    expect(starts()).toEqual([1, 2, 3].map((part) => part * chunk).filter((start) => start < size))
    const sent = proxy.seen.filter(({ method }) => method === 'PATCH').map(({ bytes }) => bytes)
    expect(sent.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(size)
  })

  it('begins anew and says so where the registry has forgotten it', async () => {
    await begin(await startDockerRegistry())
    expect(await closeInTheMiddle()).toMatchObject({ resumable: true })
    await run.client.publish.submit({ id, ...target, resume: true })
    const item = await run.window.reached(id, 'published')
    expect(item.anew).toContain('does not say how much of it it holds')
    expect(item.resumedAt).toBeUndefined()
    expect(starts()[0]).toBe(0)
  })

  it('begins anew where it is published otherwise', async () => {
    await begin(await startEmbeddedRegistry())
    await closeInTheMiddle()
    await run.client.publish.submit({ id, ...target, mode: 'buffered' })
    expect(await run.window.reached(id, 'published')).toMatchObject({ result: { strategy: 'buffered' } })
    expect(starts()).toEqual([])
  })

  it('leaves its session to nobody but the next run', async () => {
    await begin(await startEmbeddedRegistry())
    const item = await closeInTheMiddle()
    const kept = join(directory, 'queue', String(process.pid), 'queue.json')
    const { items } = JSON.parse(await readFile(kept, 'utf8')) as {
      items: Array<{ saved: { location: string } }>
    }
    const session = new URL(items[0]?.saved.location ?? '').pathname.split('/').at(-1) ?? ''
    expect(session).not.toBe('')
    expect(JSON.stringify(item)).not.toContain(session)
  })
})

describe('a chart whose way broke in the middle', () => {
  it('can go on when it is mended, in the same run', async () => {
    await begin(await startEmbeddedRegistry())
    proxy.fault = ({ method, headers }) =>
      (method === 'GET' && proxy.seen.length > 5) || isSecond(headers['content-range'])
        ? { does: 'reset' }
        : undefined
    await run.client.publish.submit({ id, ...target })
    const item = await run.window.reached(id, 'failed')
    expect(item).toMatchObject({ resumable: true, failure: { kind: 'connection-lost' } })
    proxy.inflict()
    await run.client.publish.submit({ id, ...target, resume: true })
    expect(await run.window.reached(id, 'published')).toMatchObject({ resumedAt: chunk })
    expect(starts()[0]).toBe(chunk)
  })

  it('gives up what the registry holds when the user cancels', async () => {
    await begin(await startEmbeddedRegistry())
    proxy.fault = ({ headers }) => (isSecond(headers['content-range']) ? { does: 'stall' } : undefined)
    const stuck = proxy.reached(({ headers }) => isSecond(headers['content-range']))
    await run.client.publish.submit({ id, ...target })
    await stuck
    await run.client.publish.cancel({ id })
    expect(await run.window.reached(id, 'cancelled')).toMatchObject({ resumable: false })
    expect(proxy.seen.some(({ method }) => method === 'DELETE')).toBe(true)
  })
})
