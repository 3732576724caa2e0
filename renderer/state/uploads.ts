import type { ContractRouterClient } from '@orpc/contract'
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Contract } from '../../shared/contract/contract.ts'
import type { Exchange } from '../../shared/model/exchange.ts'
import { type Failure, FailureError } from '../../shared/model/failure.ts'
import { type QueueEvent, type QueueItem, queueLimits, type QueueTarget } from '../../shared/model/queue.ts'
import type { PublishFallback } from '../../shared/model/upload.ts'
import type { Chosen } from './chosen.ts'
import { failureOf } from './failure-of.ts'
import { takeInto } from './take-into.ts'

/** Where a chart goes and how its bytes travel. */
export type Target = QueueTarget

/** One chart on its way: an item of the main process's queue, or a file that this window hands over to it. */
export interface Upload extends Omit<QueueItem, 'status' | 'addedAt' | 'fallbacks' | 'resumable'> {
  /** taking-in: it is handed over or read. waiting: for its chart. queued: for its turn. */
  readonly status:
    | 'taking-in'
    | 'waiting'
    | 'ready'
    | 'queued'
    | 'uploading'
    | 'done'
    | 'failed'
    | 'cancelled'
    | 'interrupted'
  /** Finished exchanges of the last attempt, in the order they ended. */
  readonly exchanges: readonly Exchange[]
  readonly fallbacks?: readonly PublishFallback[]
  readonly resumable?: boolean
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
  /** Takes files and folders in and queues them; the first becomes the selected one. */
  takeFiles(chosen: readonly Chosen[]): Promise<void>
  /** The same for files the host took in by itself, and those it refused. */
  takeTickets(tickets: readonly string[], refused?: readonly RefusedFile[]): Promise<void>
  /**
   * Has a chart that was read sent when its turn comes; `resume` goes on where an attempt in chunks broke off.
   * Never rejects.
   */
  publish(id: string, target: Target, resume?: boolean): Promise<void>
  /** Stops at once: what it sends is aborted. */
  cancel(id: string): void
  /** Takes an upload off the list, cancelling it where it runs. */
  remove(id: string): void
  select(id: string): void
  setDraft(change: TargetDraft): void
  /** Mirrors the main process's queue until `signal` aborts. Rejects when the connection is lost. */
  follow(signal: AbortSignal): Promise<void>
}

export interface UploadsNeeds {
  client: {
    publish: Pick<
      ContractRouterClient<Contract>['publish'],
      'queue' | 'enqueue' | 'submit' | 'cancel' | 'remove'
    >
  }
  /** File or folder in, ticket out: see `intake.ts`. */
  takeIn: (chosen: Chosen, signal?: AbortSignal) => Promise<string>
  /** Called after a chart is in a registry, so that lists can be asked for anew. */
  onPublished?: (target: Target) => void
}

export type UploadsStore = StoreApi<UploadsState>

/** A window's view of the queue: the main process's items, and before them nothing but what it hands over. */
export function createUploads({ client, takeIn, onPublished }: UploadsNeeds): UploadsStore {
  /** Items that left the queue before this window saw them. */
  const gone = new Set<string>()

  return createStore<UploadsState>()((set, get) => {
    const change = (id: string, fields: Partial<Upload>) =>
      set(({ uploads }) => ({
        uploads: uploads.map((upload) => (upload.id === id ? { ...upload, ...fields } : upload)),
      }))

    /** Takes an entry off the list; `next`, or else its neighbour, is selected in its place. */
    const leave = (id: string, next?: string) =>
      set(({ uploads, selected }) => {
        const at = uploads.findIndex((upload) => upload.id === id)
        const left = uploads.filter((upload) => upload.id !== id)
        const neighbour = left[Math.min(Math.max(at, 0), left.length - 1)]?.id
        return { uploads: left, selected: selected === id ? (next ?? neighbour) : selected }
      })

    const local = takeInto({
      enqueue: async (files) => (await client.publish.enqueue({ files })).ids,
      add: (entries) => {
        const added = entries.map((entry) => ({ ...entry, status: 'taking-in', exchanges: [] }) as const)
        set(({ uploads, selected }) => ({
          uploads: [...uploads, ...added],
          selected: added[0]?.id ?? selected,
        }))
      },
      fail: (id, error) => change(id, { status: 'failed', failure: failureOf(error) }),
      // the event that shows it may come later than the answer that names it
      queued: (id, as) => leave(id, gone.delete(as) ? undefined : as),
    })

    const isHandingOver = () =>
      get().uploads.some(({ id, status }) => status === 'taking-in' && local.has(id))

    const apply = (event: QueueEvent) => {
      switch (event.type) {
        case 'all': {
          const items = event.items.map((item) => mirrored(item, []))
          const own = get().uploads.filter(({ id }) => local.has(id))
          const uploads = [...items, ...own]
          const isThere = uploads.some(({ id }) => id === get().selected)
          return set({ uploads, ...(isThere ? {} : { selected: uploads[0]?.id }) })
        }
        case 'item':
          return put(event.item)
        case 'progress':
          return change(event.id, { progress: event.progress })
        case 'exchanges': {
          const before = get().uploads.find(({ id }) => id === event.id)?.exchanges ?? []
          const exchanges = [...(event.anew ? [] : before), ...event.exchanges].slice(-queueLimits.exchanges)
          return change(event.id, { exchanges })
        }
        case 'removed':
          // a .prov may have become part of its chart before this window heard of it
          if (isHandingOver() && !get().uploads.some(({ id }) => id === event.id)) gone.add(event.id)
          return leave(event.id)
      }
    }

    /** Items stand in the order of the queue, before the files that are not in it yet. */
    const put = (item: QueueItem) => {
      const { uploads } = get()
      const before = uploads.find(({ id }) => id === item.id)
      const next = mirrored(item, before?.exchanges ?? [])
      if (before !== undefined) {
        set({ uploads: uploads.map((upload) => (upload === before ? next : upload)) })
      } else {
        const at = uploads.findIndex(({ id }) => local.has(id))
        set({ uploads: uploads.toSpliced(at === -1 ? uploads.length : at, 0, next) })
      }
      const isNew = before !== undefined && before.status !== 'done' && next.status === 'done'
      if (isNew && item.target !== undefined) onPublished?.(item.target)
    }

    return {
      uploads: [],
      selected: undefined,
      draft: {},

      takeFiles: (chosen) =>
        local.take(chosen.map((one) => ({ fileName: one.name, ticket: (signal) => takeIn(one, signal) }))),

      takeTickets: (tickets, refused = []) =>
        local.take([
          ...tickets.map((ticket) => ({ fileName: '', ticket: () => Promise.resolve(ticket) })),
          ...refused.map(({ fileName, failure }) => ({
            fileName,
            ticket: () => Promise.reject(new FailureError(failure)),
          })),
        ]),

      async publish(id, target, resume = false) {
        try {
          await client.publish.submit({ id, ...target, resume })
        } catch (error) {
          change(id, { status: 'failed', failure: failureOf(error) })
        }
      },

      cancel(id) {
        change(id, { status: 'cancelled' })
        // where the call is lost the queue says what became of it
        client.publish.cancel({ id }).catch(() => undefined)
      },

      remove(id) {
        const isLocal = local.drop(id)
        leave(id)
        if (!isLocal) client.publish.remove({ id }).catch(() => undefined)
      },

      select: (id) => set({ selected: id }),
      setDraft: (fields) => set(({ draft }) => ({ draft: { ...draft, ...fields } })),

      async follow(signal) {
        for await (const event of await client.publish.queue(undefined, { signal })) apply(event)
      },
    }
  })
}

const statusOf: Partial<Record<QueueItem['status'], Upload['status']>> = {
  reading: 'taking-in',
  unpaired: 'waiting',
  waiting: 'queued',
  published: 'done',
}

function mirrored({ status, ...item }: QueueItem, exchanges: readonly Exchange[]): Upload {
  return { ...item, status: statusOf[status] ?? (status as Upload['status']), exchanges }
}
