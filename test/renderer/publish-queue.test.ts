import { AsyncIteratorClass, ORPCError } from '@orpc/client'
import { describe, expect, it } from 'vitest'
import { createUploads, type Target, type UploadsNeeds } from '../../renderer/state/uploads.ts'
import type { ChartFile } from '../../shared/model/chart.ts'
import { FailureError } from '../../shared/model/failure.ts'
import { localFailure } from '../../shared/model/local-failure.ts'
import type { PublishEvent, PublishResult } from '../../shared/model/upload.ts'

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

type Start = UploadsNeeds['client']['publish']['start']

/** A queue over a main process that does what the test says. */
function queueOver(publish: Partial<UploadsNeeds['client']['publish']>) {
  const dropped: string[] = []
  const published: Target[] = []
  const client: UploadsNeeds['client'] = {
    publish: {
      inspect: async ({ ticket }) => chartOf(ticket),
      start: async () => eventsOf([]),
      drop: async ({ ticket }) => {
        dropped.push(ticket)
        return { dropped: true }
      },
      ...publish,
    },
  }
  const store = createUploads({
    client,
    takeIn: async (file) => file.name.replace('.tgz', ''),
    onPublished: (where) => published.push(where),
  })
  return { store, dropped, published }
}

/** What the wire hands over: the events one by one, then the result. */
function eventsOf(events: readonly PublishEvent[]): AsyncIteratorClass<PublishEvent, PublishResult, void> {
  const left = [...events]
  return new AsyncIteratorClass<PublishEvent, PublishResult, void>(
    async () => {
      const value = left.shift()
      return value === undefined ? { done: true, value: result } : { done: false, value }
    },
    async () => {},
  )
}

const failed = new ORPCError('FAILED', {
  data: localFailure('body-refused', 'upload-body', 'Something on the way refused the body.', {
    next: ['use-buffered'],
  }),
})

describe('the queue of uploads', () => {
  it('reads what it takes in and selects the first of it', async () => {
    const { store } = queueOver({})
    await store.getState().takeFiles([new File(['x'], 'cart.tgz'), new File(['y'], 'ledger.tgz')])
    const { uploads, selected } = store.getState()
    expect(uploads.map(({ status, chart }) => [status, chart?.metadata.name])).toEqual([
      ['ready', 'cart'],
      ['ready', 'ledger'],
    ])
    expect(selected).toBe(uploads[0]?.id)
  })

  it('keeps a file that is no chart in the list, with its Failure, beside those that are', async () => {
    const { store } = queueOver({
      inspect: async ({ ticket }) => {
        if (ticket === 'notes') {
          throw new FailureError(localFailure('chart-invalid', 'input', 'There is no Chart.yaml.'))
        }
        return chartOf(ticket)
      },
    })
    await store.getState().takeFiles([new File(['x'], 'notes.tgz'), new File(['y'], 'cart.tgz')])
    expect(store.getState().uploads.map(({ status, failure }) => [status, failure?.kind])).toEqual([
      ['failed', 'chart-invalid'],
      ['ready', undefined],
    ])
  })

  it('gives a provenance to its chart, whichever was read first, and lets one without wait', async () => {
    const provenance = { fileName: 'cart.tgz.prov', size: 6, digest: `sha256:${'c'.repeat(64)}` }
    let isTaken = false
    const { store, dropped } = queueOver({
      inspect: async ({ ticket }) => {
        if (ticket === 'cart') return { ...chartOf('cart'), ...(isTaken ? { provenance } : {}) }
        const { fileName } = provenance
        const chartTicket = isTaken ? { chartTicket: 'cart' } : {}
        return { ticket, fileName, chartFileName: 'cart.tgz', ...chartTicket }
      },
    })
    const { takeTickets } = store.getState()
    await takeTickets(['early'])
    expect(store.getState().uploads).toMatchObject([{ status: 'waiting', fileName: 'cart.tgz.prov' }])
    isTaken = true
    await takeTickets(['cart'])
    expect(store.getState().uploads).toMatchObject([{ status: 'ready', chart: { provenance } }])
    await takeTickets(['late'])
    expect(store.getState().uploads).toMatchObject([{ status: 'ready', chart: { provenance } }])
    expect(store.getState().selected).toBe(store.getState().uploads[0]?.id)
    isTaken = false
    await takeTickets(['alone'])
    store.getState().remove(store.getState().selected ?? '')
    expect(dropped).toEqual(['alone'])
  })

  it('collects progress, exchanges and the fallback, and ends with the verified result', async () => {
    const { store, published } = queueOver({
      start: async () =>
        eventsOf([
          { type: 'step', step: 'body', blob: 'chart', strategy: 'streamed-patch' },
          { type: 'progress', sent: 40, total: 120, rate: 1000 },
          { type: 'fallback', from: 'streamed-patch', to: 'buffered', because: 'the proxy refused it' },
          { type: 'progress', sent: 120, total: 120 },
        ]),
    })
    await store.getState().takeTickets(['cart'])
    const id = store.getState().selected ?? ''
    await store.getState().publish(id, target)
    expect(store.getState().uploads[0]).toMatchObject({
      status: 'done',
      target,
      progress: { sent: 120, total: 120 },
      fallback: { from: 'streamed-patch', to: 'buffered' },
      result: { digest: result.digest },
    })
    expect(published).toEqual([target])
  })

  it('keeps the chart after a failure, and a retry forgets the failure and what went before', async () => {
    let attempts = 0
    const start: Start = async () => {
      attempts += 1
      if (attempts === 1) throw failed
      return eventsOf([])
    }
    const { store } = queueOver({ start })
    await store.getState().takeTickets(['cart'])
    const id = store.getState().selected ?? ''
    await store.getState().publish(id, { ...target, mode: 'streamed' })
    expect(store.getState().uploads[0]).toMatchObject({
      status: 'failed',
      failure: { kind: 'body-refused', next: ['use-buffered'] },
      chart: { ticket: 'cart' },
    })
    await store.getState().publish(id, target)
    const retried = store.getState().uploads[0]
    expect(retried).toMatchObject({ status: 'done', target })
    expect(retried?.failure).toBeUndefined()
  })

  it('cancels at once: the call is aborted and what comes after changes nothing', async () => {
    const gate = Promise.withResolvers<void>()
    let signal: AbortSignal | undefined
    const { store, published } = queueOver({
      start: async (_input, options) => {
        signal = options?.signal
        await gate.promise
        return eventsOf([{ type: 'progress', sent: 99, total: 120 }])
      },
    })
    await store.getState().takeTickets(['cart'])
    const id = store.getState().selected ?? ''
    const upload = store.getState().publish(id, target)
    expect(store.getState().uploads[0]?.status).toBe('uploading')
    store.getState().cancel(id)
    expect(store.getState().uploads[0]?.status).toBe('cancelled')
    expect(signal?.aborted).toBe(true)
    gate.resolve()
    await upload
    expect(store.getState().uploads[0]).toMatchObject({ status: 'cancelled' })
    expect(store.getState().uploads[0]?.progress).toBeUndefined()
    expect(published).toEqual([])
  })

  it('starts an upload once, however often it is asked to', async () => {
    const gate = Promise.withResolvers<void>()
    let starts = 0
    const { store } = queueOver({
      start: async () => {
        starts += 1
        await gate.promise
        return eventsOf([])
      },
    })
    await store.getState().takeTickets(['cart'])
    const id = store.getState().selected ?? ''
    const both = [store.getState().publish(id, target), store.getState().publish(id, target)]
    gate.resolve()
    await Promise.all(both)
    expect(starts).toBe(1)
  })

  it('drops the ticket of what is taken off the list and selects its neighbour', async () => {
    const { store, dropped } = queueOver({})
    await store.getState().takeTickets(['cart', 'ledger', 'search'])
    const ids = store.getState().uploads.map(({ id }) => id)
    store.getState().select(ids[1] ?? '')
    store.getState().remove(ids[1] ?? '')
    expect(dropped).toEqual(['ledger'])
    expect(store.getState().selected).toBe(ids[2])
  })
})
