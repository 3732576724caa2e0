import type { ContractRouterClient } from '@orpc/contract'
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Contract } from '../../shared/contract/contract.ts'
import { type ChartFile, isChartFile, type ProvenanceFile } from '../../shared/model/chart.ts'
import type { Exchange } from '../../shared/model/exchange.ts'
import { type Failure, FailureError } from '../../shared/model/failure.ts'
import type { PublishEvent, PublishInput, PublishResult } from '../../shared/model/upload.ts'
import type { Chosen } from './chosen.ts'
import { failureOf } from './failure-of.ts'

type Step = Extract<PublishEvent, { type: 'step' }>
type Progress = Omit<Extract<PublishEvent, { type: 'progress' }>, 'type'>
type Fallback = Omit<Extract<PublishEvent, { type: 'fallback' }>, 'type'>

/** Where a chart goes and how its bytes travel. */
export type Target = Omit<PublishInput, 'ticket'>

/** One chart on its way: taken in, read, and perhaps sent. */
export interface Upload {
  readonly id: string
  readonly fileName: string
  readonly status: 'taking-in' | 'waiting' | 'ready' | 'uploading' | 'done' | 'failed' | 'cancelled'
  /** Known once the file was read; without it there is nothing to publish. */
  readonly chart?: ChartFile
  /** A .prov whose chart has not been taken in. */
  readonly waiting?: ProvenanceFile
  /** The target of the last attempt. */
  readonly target?: Target
  readonly step?: Step
  readonly progress?: Progress
  /** Finished exchanges of the last attempt, in the order they ended. */
  readonly exchanges: readonly Exchange[]
  readonly fallback?: Fallback
  readonly failure?: Failure
  readonly result?: PublishResult
}

/** A file the host did not take in. */
export interface RefusedFile {
  readonly fileName: string
  readonly failure: Failure
}

/** What the form is set to; it outlives a visit to another screen. `mode` absent: as the settings say. */
export type TargetDraft = Partial<Target>

export interface UploadsState {
  readonly uploads: readonly Upload[]
  readonly selected: string | undefined
  readonly draft: TargetDraft
  /** Takes files and folders in and reads them; the first becomes the selected one. */
  takeFiles(chosen: readonly Chosen[]): Promise<void>
  /** The same for files the host took in by itself, and those it refused. */
  takeTickets(tickets: readonly string[], refused?: readonly RefusedFile[]): Promise<void>
  /** Uploads a chart that was read. Resolves when it is done, failed or cancelled; never rejects. */
  publish(id: string, target: Target): Promise<void>
  /** Stops at once: the iterator is closed and with it the socket. */
  cancel(id: string): void
  /** Takes an upload off the list, cancelling it where it runs. */
  remove(id: string): void
  select(id: string): void
  setDraft(change: TargetDraft): void
}

export interface UploadsNeeds {
  client: { publish: Pick<ContractRouterClient<Contract>['publish'], 'inspect' | 'start' | 'drop'> }
  /** File or folder in, ticket out: see `intake.ts`. */
  takeIn: (chosen: Chosen, signal?: AbortSignal) => Promise<string>
  /** Called after a chart is in a registry, so that lists can be asked for anew. */
  onPublished?: (target: Target) => void
}

export type UploadsStore = StoreApi<UploadsState>

/** The queue of charts on their way into registries. */
export function createUploads({ client, takeIn, onPublished }: UploadsNeeds): UploadsStore {
  const running = new Map<string, AbortController>()
  let counted = 0

  return createStore<UploadsState>()((set, get) => {
    const change = (id: string, fields: Partial<Upload>) =>
      set(({ uploads }) => ({
        uploads: uploads.map((upload) => (upload.id === id ? { ...upload, ...fields } : upload)),
      }))

    /** A chart that was read; a .prov that waited for it has nothing left to say. */
    const addChart = (id: string, chart: ChartFile) => {
      change(id, { status: 'ready', chart, fileName: chart.fileName })
      const waited = get().uploads.filter(
        ({ status, fileName }) => status === 'waiting' && fileName === chart.provenance?.fileName,
      )
      for (const upload of waited) leave(upload.id, id)
    }

    /** A .prov becomes part of its chart's entry, or waits in one of its own. */
    const addProvenance = async (id: string, provenance: ProvenanceFile, signal: AbortSignal) => {
      const { fileName, chartTicket } = provenance
      const owner = get().uploads.find(({ chart }) => chart !== undefined && chart.ticket === chartTicket)
      if (chartTicket === undefined) {
        change(id, { status: 'waiting', fileName, waiting: provenance })
        return
      }
      if (owner !== undefined) {
        const chart = await client.publish.inspect({ ticket: chartTicket }, { signal })
        if (isChartFile(chart)) change(owner.id, { chart })
      }
      leave(id, owner?.id)
    }

    /** Takes an entry off the list; `next` is selected in its place. */
    const leave = (id: string, next: string | undefined) =>
      set(({ uploads, selected }) => {
        const at = uploads.findIndex((upload) => upload.id === id)
        const left = uploads.filter((upload) => upload.id !== id)
        return {
          uploads: left,
          selected: selected === id ? (next ?? left[Math.min(at, left.length - 1)]?.id) : selected,
        }
      })

    /** Adds items, selects the first, and reads each as soon as it has a ticket. */
    const take = async (
      items: readonly { fileName: string; ticket: (signal: AbortSignal) => Promise<string> }[],
    ) => {
      const added = items.map((item) => ({ ...item, id: `upload-${++counted}` }))
      const first = added[0]
      if (first === undefined) return
      set(({ uploads }) => ({
        uploads: [
          ...uploads,
          ...added.map(({ id, fileName }) => ({ id, fileName, status: 'taking-in', exchanges: [] }) as const),
        ],
        selected: first.id,
      }))
      await Promise.all(
        added.map(async ({ id, ticket }) => {
          const controller = new AbortController()
          running.set(id, controller)
          try {
            const taken = await client.publish.inspect(
              { ticket: await ticket(controller.signal) },
              { signal: controller.signal },
            )
            if (isChartFile(taken)) addChart(id, taken)
            else await addProvenance(id, taken, controller.signal)
          } catch (error) {
            if (!controller.signal.aborted) change(id, { status: 'failed', failure: failureOf(error) })
          } finally {
            running.delete(id)
          }
        }),
      )
    }

    return {
      uploads: [],
      selected: undefined,
      draft: {},

      takeFiles: (chosen) =>
        take(chosen.map((one) => ({ fileName: one.name, ticket: (signal) => takeIn(one, signal) }))),

      takeTickets: (tickets, refused = []) =>
        take([
          ...tickets.map((ticket) => ({ fileName: '', ticket: () => Promise.resolve(ticket) })),
          ...refused.map(({ fileName, failure }) => ({
            fileName,
            ticket: () => Promise.reject(new FailureError(failure)),
          })),
        ]),

      async publish(id, target) {
        const chart = get().uploads.find((upload) => upload.id === id)?.chart
        if (chart === undefined || running.has(id)) return
        const controller = new AbortController()
        running.set(id, controller)
        set(({ uploads }) => ({
          uploads: uploads.map((upload) =>
            upload.id === id
              ? { id, fileName: upload.fileName, chart, target, status: 'uploading', exchanges: [] }
              : upload,
          ),
        }))
        try {
          const events = await client.publish.start(
            { ticket: chart.ticket, ...target },
            { signal: controller.signal },
          )
          for (;;) {
            const { done, value } = await events.next()
            if (controller.signal.aborted) return
            if (done === true) {
              change(id, { status: 'done', result: value })
              onPublished?.(target)
              return
            }
            set(({ uploads }) => ({
              uploads: uploads.map((upload) => (upload.id === id ? advance(upload, value) : upload)),
            }))
          }
        } catch (error) {
          if (!controller.signal.aborted) change(id, { status: 'failed', failure: failureOf(error) })
        } finally {
          // a cancelled attempt may end after the next one began
          if (running.get(id) === controller) running.delete(id)
        }
      },

      cancel(id) {
        running.get(id)?.abort()
        running.delete(id)
        change(id, { status: 'cancelled' })
      },

      remove(id) {
        running.get(id)?.abort()
        running.delete(id)
        const { chart, waiting } = get().uploads.find((upload) => upload.id === id) ?? {}
        const ticket = chart?.ticket ?? waiting?.ticket
        // a ticket that is gone already is dropped as well as can be
        if (ticket !== undefined) client.publish.drop({ ticket }).catch(() => undefined)
        leave(id, undefined)
      },

      select: (id) => set({ selected: id }),
      setDraft: (fields) => set(({ draft }) => ({ draft: { ...draft, ...fields } })),
    }
  })
}

/** An upload after one more event of its iterator. */
function advance(upload: Upload, event: PublishEvent): Upload {
  switch (event.type) {
    case 'step':
      return { ...upload, step: event }
    case 'progress': {
      const { type: _, ...progress } = event
      return { ...upload, progress }
    }
    case 'exchange':
      return { ...upload, exchanges: [...upload.exchanges, event.exchange] }
    case 'fallback': {
      const { type: _, ...fallback } = event
      return { ...upload, fallback }
    }
    case 'resumed':
    case 'anew':
      return upload
  }
}
