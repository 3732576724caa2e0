import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { queueLimits } from '../../shared/model/queue.ts'
import { chartArchive } from '../fakes/charts.ts'
import { type FaultProxy, startFaultProxy } from '../fakes/fault-proxy.ts'
import { carriesBody } from '../fakes/faults.ts'
import { type DockerRegistry, startDockerRegistry } from '../lab/docker-registry.ts'
import { openWindow, type Run, startRun } from './queue-lab.ts'

let registry: DockerRegistry
let proxy: FaultProxy
let directory: string
let run: Run
let registryId: string
const credential = { source: 'anonymous' as const }

beforeAll(async () => {
  registry = await startDockerRegistry()
  proxy = await startFaultProxy(registry.url)
})
afterAll(async () => {
  await proxy.stop()
  await registry.stop()
})
beforeEach(async () => {
  proxy.inflict()
  directory = await mkdtemp(join(tmpdir(), 'chartroom-queue-'))
  run = await startRun(directory)
  ;({ id: registryId } = await run.client.registries.add({ name: 'Lab', url: proxy.url, credential }))
})
afterEach(async () => {
  await run.close()
  await rm(directory, { recursive: true, force: true })
})

const target = (path: string) => ({ registryId, path, mode: 'buffered' as const })
const chart = async (name: string, padding = 0) => ({
  name: `${name}-1.0.0.tgz`,
  bytes: await chartArchive({ name, padding }),
})
const filesIn = async (folder: string) =>
  (await readdir(join(directory, folder), { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  )

/** The next run of the app on the same profile. */
async function restart(): Promise<Run> {
  await run.close()
  run = await startRun(directory)
  return run
}

describe('the queue', () => {
  it('reads what is put into it, and keeps a file that is no chart with its Failure', async () => {
    const ids = await run.add(await chart('cart'), { name: 'notes.tgz', bytes: Buffer.from('notes') })
    const [cart, notes] = ids.map((id) => run.window.items.get(id))
    expect(cart).toMatchObject({ status: 'ready', chart: { metadata: { name: 'cart' } } })
    expect(notes).toMatchObject({ status: 'failed', fileName: 'notes.tgz' })
    expect(notes?.failure?.kind).toBe('archive-invalid')
  })

  it('makes a .prov part of its chart, whichever comes first', async () => {
    const cart = await chart('signed')
    const [early] = await run.add({ name: `${cart.name}.prov`, bytes: Buffer.from('signed') })
    expect(run.window.items.get(early ?? '')).toMatchObject({ status: 'unpaired', waitsFor: cart.name })
    const [id = ''] = await run.add(cart)
    await run.window.until(({ items }) => items.size === 1)
    expect(run.window.items.get(id)?.chart?.provenance?.fileName).toBe(`${cart.name}.prov`)
  })

  it('sends one attempt and shows its exchanges to every window, also to one that opens later', async () => {
    const [id = ''] = await run.add(await chart('shown'))
    expect(await run.client.publish.submit({ id, ...target('queue') })).toEqual({ submitted: true })
    expect(await run.client.publish.submit({ id, ...target('queue') })).toEqual({ submitted: false })
    const item = await run.window.reached(id, 'published')
    expect(item.result?.reference).toMatch(/\/queue\/shown:1\.0\.0$/)
    const later = openWindow(run.client)
    await later.until(({ exchanges }) => exchanges.size === 1)
    expect(later.items.get(id)).toEqual(item)
    await run.window.until(({ exchanges }) => exchanges.get(id)?.length === later.exchanges.get(id)?.length)
    expect(run.window.exchanges).toEqual(later.exchanges)
    expect(later.exchanges.get(id)?.map(({ method }) => method)).toContain('PUT')
    later.leave()
  })

  it('sends six at a time, the others in the order they came', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `turn-${index}`)
    const ids = await run.add(...(await Promise.all(names.map((name) => chart(name)))))
    proxy.fault = (seen) => (carriesBody(seen) ? { does: 'stall', afterBytes: 10 } : undefined)
    for (const id of ids) await run.client.publish.submit({ id, ...target('line') })
    const statuses = () => ids.map((id) => run.window.items.get(id)?.status)
    const sent = Array.from({ length: 6 }, () => 'uploading')
    await run.window.until(() => statuses()[7] === 'waiting' && statuses()[5] === 'uploading')
    expect(statuses()).toEqual([...sent, 'waiting', 'waiting'])
    expect(run.app.running()).toBe(8)
    await run.client.publish.cancel({ id: ids[0] ?? '' })
    await run.window.until(() => statuses()[6] === 'uploading')
    expect(statuses()).toEqual(['cancelled', ...sent, 'waiting'])
  })

  it('goes on with the rest where one fails, and a retry forgets what went before', async () => {
    const [first = '', second = ''] = await run.add(await chart('broken'), await chart('whole'))
    proxy.fault = ({ path, method }) =>
      method === 'POST' && path.includes('broken') ? { does: 'reset' } : undefined
    for (const id of [first, second]) await run.client.publish.submit({ id, ...target('retry') })
    expect(await run.window.reached(first, 'failed')).toMatchObject({ failure: { kind: 'connection-lost' } })
    await run.window.reached(second, 'published')
    proxy.inflict()
    await run.client.publish.submit({ id: first, ...target('retry') })
    const retried = await run.window.reached(first, 'published')
    expect(retried.failure).toBeUndefined()
  })

  it('refuses what is not in it any more', async () => {
    const [id = ''] = await run.add(await chart('gone'))
    expect(await run.client.publish.remove({ id })).toEqual({ removed: true })
    await run.window.until(({ items }) => items.size === 0)
    await expect(run.client.publish.submit({ id, ...target('gone') })).rejects.toMatchObject({
      data: { kind: 'no-such-item' },
    })
    expect(await run.client.publish.remove({ id })).toEqual({ removed: false })
    expect(await filesIn('intake')).toEqual([])
  })

  it('publishes many charts without keeping more than the last of them', async () => {
    const demo = await run.app.startDemo()
    const archives = await Promise.all(Array.from({ length: 40 }, (_, index) => chart(`many-${index}`)))
    const ids = await run.add(...archives)
    const before = ids.map((id) => run.window.items.get(id))
    for (const id of ids) await run.client.publish.submit({ id, ...target('many'), ...demo })
    const held = () => [...run.window.items.values()].filter(({ ticket }) => ticket !== undefined)
    await run.window.until(({ items }) => ids.every((id) => items.get(id)?.status === 'published'))
    await run.window.until(() => held().length === queueLimits.held)
    expect(run.app.running()).toBe(0)
    const tickets = before.map((item) => item?.ticket ?? '')
    const opened = await Promise.allSettled(tickets.map((ticket) => run.app.intake.inspect(ticket)))
    expect(opened.filter(({ status }) => status === 'fulfilled')).toHaveLength(queueLimits.held)
    const later = openWindow(run.client)
    await later.until(({ exchanges }) => exchanges.size === queueLimits.held)
    expect([...later.exchanges.keys()].toSorted()).toEqual(
      held()
        .map(({ id }) => id)
        .toSorted(),
    )
    expect((await run.client.publish.history({ newest: 1000 })).total).toBe(40)
    later.leave()
    await run.close()
    expect((await filesIn('queue')).map(({ name }) => name)).toEqual(['queue.json'])
  })
})

describe('the next run of the app', () => {
  it('finds what was not finished, with its files, and nothing that was', async () => {
    const [ready = '', sent = '', done = ''] = await run.add(
      await chart('ready'),
      await chart('sent'),
      await chart('done'),
    )
    await run.client.publish.submit({ id: done, ...target('kept') })
    await run.window.reached(done, 'published')
    proxy.fault = (seen) => (carriesBody(seen) ? { does: 'stall', afterBytes: 10 } : undefined)
    await run.client.publish.submit({ id: sent, ...target('kept') })
    await run.window.reached(sent, 'uploading')
    await restart()
    proxy.inflict()
    const item = await run.window.reached(sent, 'interrupted')
    expect(item).toMatchObject({ target: { path: 'kept' }, chart: { metadata: { name: 'sent' } } })
    await run.window.reached(ready, 'ready')
    expect(run.window.items.has(done)).toBe(false)
    await run.client.publish.submit({ id: sent, ...target('kept') })
    await run.window.reached(sent, 'published')
  })

  it('keeps a chart’s provenance and the time of its file, so that the manifest stays the same', async () => {
    const cart = await chart('dated')
    const modified = Date.parse('2024-05-06T07:08:09Z')
    const ticket = await run.app.intake.accept(cart.name, stream(cart.bytes), undefined, modified)
    await run.app.intake.accept(`${cart.name}.prov`, stream(Buffer.from('signed')))
    const { ids } = await run.client.publish.enqueue({ files: [{ ticket, fileName: cart.name }] })
    const id = ids[0] ?? ''
    await run.window.reached(id, 'ready')
    await restart()
    expect((await run.window.reached(id, 'ready')).chart?.provenance?.fileName).toBe(`${cart.name}.prov`)
    await run.client.publish.submit({ id, ...target('dated') })
    const { result } = await run.window.reached(id, 'published')
    const answer = await fetch(`${registry.url}/v2/dated/dated/manifests/${result?.digest ?? ''}`, {
      headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
    })
    const manifest = (await answer.json()) as { layers: object[]; annotations: Record<string, string> }
    expect(manifest.layers).toHaveLength(2)
    expect(Date.parse(manifest.annotations['org.opencontainers.image.created'] ?? '')).toBe(modified)
  })

  it('takes over what a process left that is gone, and nothing of one that runs', async () => {
    const [id = ''] = await run.add(await chart('left'))
    await run.close()
    const room = join(directory, 'queue')
    const own = join(room, String(process.pid))
    const gone = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
    await once(gone, 'exit')
    await cp(own, join(room, String(process.ppid)), { recursive: true })
    await rename(own, join(room, String(gone.pid)))
    run = await startRun(directory)
    await run.window.reached(id, 'ready')
    const rooms = (await readdir(room)).toSorted()
    expect(rooms).toEqual([String(process.pid), String(process.ppid)].toSorted())
    expect((await readdir(join(room, String(process.ppid)))).toSorted()).toEqual(
      [id, 'queue.json'].toSorted(),
    )
  })

  it('keeps files that the user alone can read, and removes those that no item names', async () => {
    const [id = '', other = ''] = await run.add(await chart('mine'), await chart('other'))
    const own = join(directory, 'queue', String(process.pid))
    expect((await stat(own)).mode & 0o077).toBe(0)
    expect((await stat(join(own, id, 'chart'))).mode & 0o077).toBe(0)
    expect((await stat(join(own, 'queue.json'))).mode & 0o077).toBe(0)
    await run.client.publish.remove({ id: other })
    await run.close()
    expect(await readdir(own)).toEqual(expect.arrayContaining([id, 'queue.json']))
    expect(await readFile(join(own, 'queue.json'), 'utf8')).not.toContain(other)
    run = await startRun(directory)
    await run.window.reached(id, 'ready')
    expect((await readdir(own)).toSorted()).toEqual([id, 'queue.json'].toSorted())
  })
})

async function* stream(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
