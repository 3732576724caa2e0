import { createORPCClient } from '@orpc/client'
import { describe, expect, it } from 'vitest'
import { createUploads, type Target, type UploadsState } from '../../renderer/state/uploads.ts'
import type { Client } from '../../renderer/state/wire.tsx'
import type { ChartFile } from '../../shared/model/chart.ts'
import { FailureError } from '../../shared/model/failure.ts'
import { failureError, localFailure } from '../../shared/model/local-failure.ts'
import type { PublishEvent, PublishResult } from '../../shared/model/upload.ts'
import { queueOver } from '../fakes/queue-over.ts'
import type { Operations } from '../fakes/window-over.tsx'

const target: Target = { registryId: 'r1', path: 'charts', mode: 'buffered' }

function chartOf(ticket: string): ChartFile {
  return {
    ticket,
    fileName: `${ticket}.tgz`,
    size: 100,
    digest: `sha256:${'a'.repeat(64)}`,
    entries: 3,
    source: 'archive',
    metadata: { apiVersion: 'v2', name: ticket, version: '1.0.0' },
  }
}

const result: PublishResult = {
  reference: 'host:5000/charts/cart:1.0.0',
  digest: `sha256:${'b'.repeat(64)}`,
  size: 120,
  mode: 'buffered',
  skipped: 0,
  version: '1.0.0',
  plainHttp: true,
}

async function* eventsOf(...events: PublishEvent[]): AsyncGenerator<PublishEvent, PublishResult> {
  yield* events
  return result
}

/** A main process with a queue, and a window's store that follows it. */
function mainProcess(operations: Operations = {}) {
  const dropped: unknown[] = []
  const all = queueOver({
    'publish.inspect': (input) => chartOf((input as { ticket: string }).ticket),
    'publish.start': () => eventsOf(),
    'publish.drop': (input) => {
      dropped.push((input as { ticket: string }).ticket)
      return { dropped: true }
    },
    ...operations,
  })
  const client: Client = createORPCClient({
    call: async (path: readonly string[], input: unknown, options: { signal?: AbortSignal | undefined }) =>
      all[path.join('.')]?.(input, options.signal),
  })
  return {
    dropped,
    openWindow: () => {
      const published: Target[] = []
      const store = createUploads({
        client,
        takeIn: async (file) => file.name.replace('.tgz', ''),
        onPublished: (where) => published.push(where),
      })
      const left = new AbortController()
      void store.getState().follow(left.signal)
      const until = (holds: (state: UploadsState) => boolean) =>
        new Promise<UploadsState>((found) => {
          const look = (state: UploadsState) => holds(state) && found(state)
          store.subscribe(look)
          look(store.getState())
        })
      return { store, published, until, leave: () => left.abort() }
    },
  }
}

const statuses = ({ uploads }: UploadsState) => uploads.map(({ status }) => status)
const allAre =
  (...wanted: string[]) =>
  (state: UploadsState) =>
    statuses(state).join() === wanted.join()

describe('a window’s view of the queue', () => {
  it('hands over what it takes in, and selects the first of it', async () => {
    const { store, until } = mainProcess().openWindow()
    await store.getState().takeFiles([new File(['x'], 'cart.tgz'), new File(['y'], 'ledger.tgz')])
    const { uploads, selected } = await until(allAre('ready', 'ready'))
    expect(uploads.map(({ chart }) => chart?.metadata.name)).toEqual(['cart', 'ledger'])
    expect(selected).toBe(uploads[0]?.id)
  })

  it('keeps a file that is no chart in the list by its name, beside those that are', async () => {
    const { store, until } = mainProcess({
      'publish.inspect': (input) => {
        const { ticket } = input as { ticket: string }
        if (ticket === 'notes') {
          throw new FailureError(localFailure('chart-invalid', 'input', 'There is no Chart.yaml.'))
        }
        return chartOf(ticket)
      },
    }).openWindow()
    await store.getState().takeFiles([new File(['x'], 'notes.tgz'), new File(['y'], 'cart.tgz')])
    const { uploads } = await until(allAre('failed', 'ready'))
    expect(uploads[0]).toMatchObject({ fileName: 'notes.tgz', failure: { kind: 'chart-invalid' } })
  })

  it('keeps what the host did not take in to itself, until it is taken off', async () => {
    const { store, until } = mainProcess().openWindow()
    const failure = localFailure('file-too-large', 'input', 'Too large.')
    await store.getState().takeTickets([], [{ fileName: 'huge.tgz', failure }])
    const { uploads } = await until(allAre('failed'))
    expect(uploads[0]).toMatchObject({ fileName: 'huge.tgz', failure: { kind: 'file-too-large' } })
    store.getState().remove(uploads[0]?.id ?? '')
    expect(store.getState().uploads).toEqual([])
  })

  it('follows an upload to its verified result, and so does every other window', async () => {
    const main = mainProcess({
      'publish.start': () =>
        eventsOf(
          { type: 'step', step: 'body', blob: 'chart', strategy: 'streamed-patch' },
          { type: 'progress', sent: 40, total: 120, rate: 1000 },
          { type: 'fallback', from: 'streamed-patch', to: 'buffered', because: 'the proxy refused it' },
          { type: 'progress', sent: 120, total: 120 },
        ),
    })
    const [one, other] = [main.openWindow(), main.openWindow()]
    await one.store.getState().takeTickets(['cart'])
    const { uploads } = await one.until(allAre('ready'))
    await one.store.getState().publish(uploads[0]?.id ?? '', target)
    const done = await one.until(allAre('done'))
    expect(done.uploads[0]).toMatchObject({
      target,
      progress: { sent: 120, total: 120 },
      fallbacks: [{ from: 'streamed-patch', to: 'buffered' }],
      result: { digest: result.digest },
    })
    expect(one.published).toEqual([target])
    expect((await other.until(allAre('done'))).uploads).toEqual(done.uploads)
    const later = main.openWindow()
    expect((await later.until(allAre('done'))).selected).toBe(done.uploads[0]?.id)
    expect(later.published).toEqual([])
  })

  it('keeps the chart after a failure, and a retry forgets the failure and what went before', async () => {
    let attempts = 0
    const { store, until } = mainProcess({
      'publish.start': () => {
        attempts += 1
        if (attempts > 1) return eventsOf()
        throw failureError('body-refused', 'upload-body', 'Refused.', { next: ['use-buffered'] })
      },
    }).openWindow()
    await store.getState().takeTickets(['cart'])
    const { uploads } = await until(allAre('ready'))
    const id = uploads[0]?.id ?? ''
    await store.getState().publish(id, { ...target, mode: 'streamed' })
    expect((await until(allAre('failed'))).uploads[0]).toMatchObject({
      failure: { kind: 'body-refused', next: ['use-buffered'] },
      chart: { ticket: 'cart' },
    })
    await store.getState().publish(id, target)
    const retried = (await until(allAre('done'))).uploads[0]
    expect(retried).toMatchObject({ target })
    expect(retried?.failure).toBeUndefined()
  })

  it('cancels at once: what is sent is aborted and what comes after changes nothing', async () => {
    const aborted = Promise.withResolvers<void>()
    const main = mainProcess({
      'publish.start': async function* (_input: unknown, signal: AbortSignal | undefined) {
        signal?.addEventListener('abort', () => aborted.resolve())
        yield { type: 'step', step: 'check' }
        await aborted.promise
        yield { type: 'progress', sent: 99, total: 120 }
        return result
      },
    })
    const { store, until, published } = main.openWindow()
    await store.getState().takeTickets(['cart'])
    const { uploads } = await until(allAre('ready'))
    const id = uploads[0]?.id ?? ''
    await store.getState().publish(id, target)
    await until(({ uploads: now }) => now[0]?.step !== undefined)
    store.getState().cancel(id)
    expect(statuses(store.getState())).toEqual(['cancelled'])
    await aborted.promise
    await main.openWindow().until(allAre('cancelled'))
    expect(store.getState().uploads[0]?.progress).toBeUndefined()
    expect(published).toEqual([])
  })

  it('says at the chart why it could not be queued', async () => {
    const { store, until } = mainProcess({
      'publish.submit': () => {
        throw failureError('host-gone', 'wire', 'The app is gone.')
      },
    }).openWindow()
    await store.getState().takeTickets(['cart'])
    const { uploads } = await until(allAre('ready'))
    await store.getState().publish(uploads[0]?.id ?? '', target)
    expect(store.getState().uploads[0]).toMatchObject({ status: 'failed', failure: { kind: 'host-gone' } })
  })

  it('drops the ticket of what is taken off the list and selects its neighbour', async () => {
    const { openWindow, dropped } = mainProcess()
    const { store, until } = openWindow()
    await store.getState().takeTickets(['cart', 'ledger', 'search'])
    const { uploads } = await until(allAre('ready', 'ready', 'ready'))
    const ids = uploads.map(({ id }) => id)
    store.getState().select(ids[1] ?? '')
    store.getState().remove(ids[1] ?? '')
    expect(store.getState().selected).toBe(ids[2])
    await openWindow().until(allAre('ready', 'ready'))
    expect(dropped).toEqual([uploads[1]?.chart?.ticket])
  })

  it('shows a .prov without its chart as waiting, and makes it part of the chart that comes', async () => {
    const held: string[] = []
    const prov = { fileName: 'cart.tgz.prov', chartFileName: 'cart.tgz' }
    const { store, until } = mainProcess({
      'publish.inspect': (input) => {
        const { ticket } = input as { ticket: string }
        held.push(ticket)
        if (ticket === 'prov') return { ticket, ...prov }
        return { ...chartOf(ticket), provenance: { fileName: prov.fileName, size: 1, digest: 'sha256:1' } }
      },
    }).openWindow()
    await store.getState().takeTickets(['prov'])
    expect((await until(allAre('waiting'))).uploads[0]).toMatchObject({ waitsFor: 'cart.tgz' })
    await store.getState().takeTickets(['cart'])
    const { uploads, selected } = await until(allAre('ready'))
    expect(uploads[0]).toMatchObject({ fileName: 'cart.tgz' })
    expect(selected).toBe(uploads[0]?.id)
  })
})
