import { randomUUID } from 'node:crypto'
import { FailureError } from '../../../shared/model/failure.ts'
import { failureError, localFailure } from '../../../shared/model/local-failure.ts'
import {
  type QueueEvent,
  type QueueFile,
  type QueueItem,
  queueLimits,
  type QueueTarget,
} from '../../../shared/model/queue.ts'
import type { PublishEvent } from '../../../shared/model/upload.ts'
import type { SavedUpload } from '../../oci/upload/saved-upload.ts'
import type { Clock } from '../../ports.ts'
import type { Intake } from '../intake.ts'
import type { Publisher } from '../publisher.ts'
import type { KeptItem, KeptQueue } from './kept.ts'
import { createLine } from './line.ts'
import { createQueueList } from './list.ts'
import { createQueueReader } from './reader.ts'

/** Charts that are sent at a time: on a long way they just fill the eight requests a registry is asked at once. */
const places = 6

/** Charts on their way into registries: one list for every window, and for the next run of the app. */
export interface PublishQueue {
  /** First all items, then every change, until `signal` aborts. */
  watch(signal: AbortSignal): AsyncGenerator<QueueEvent, void>
  /**
   * Puts files that were taken in at the end and begins to read them. Returns their ids in the same order. Throws
   * `input-invalid` where the queue is full.
   */
  enqueue(files: readonly QueueFile[]): Promise<{ ids: string[] }>
  /**
   * Sends a chart when its turn comes; one that is in line already stays there. With `resume` it goes on where an
   * attempt in chunks at the same place broke off. Throws `no-such-item`.
   */
  submit(id: string, target: QueueTarget, resume: boolean): Promise<{ submitted: boolean }>
  /** Stops at once, or takes it out of the line; what the registry holds of it is given up. */
  cancel(id: string): Promise<{ cancelled: boolean }>
  /** Takes an item off the list, with its file. */
  remove(id: string): Promise<{ removed: boolean }>
  /** How many are sent, and how many wait for their turn; the publisher counts only the former. */
  sending(): number
  waiting(): number
  /** Stops all; what is unfinished is there in the next run. */
  close(): Promise<void>
}

interface Ports {
  intake: Pick<Intake, 'accept' | 'inspect' | 'open' | 'drop'>
  publisher: Pick<Publisher, 'start'>
  kept: KeptQueue
  clock: Clock
}

/** The queue, with what `kept` holds of earlier runs; that is not read before the queue is first asked. */
export function createPublishQueue({ intake, publisher, kept, clock }: Ports): PublishQueue {
  const list = createQueueList()
  const line = createLine(places)
  const saved = new Map<string, SavedUpload>()
  const save = (): void => kept.save(() => list.all().flatMap((item) => keptOf(item) ?? []))
  const reader = createQueueReader({ intake, kept, list, onChange: save, failureIn })
  let opened: Promise<void> | undefined
  let closing = false

  const open = (): Promise<void> => {
    opened ??= kept.open().then((items) => {
      for (const item of items) {
        if (item.saved !== undefined) saved.set(item.id, item.saved)
        reader.restore(item)
      }
    })
    return opened
  }

  /** How an item is found again; undefined where there is nothing left to do, or nothing to do it with. */
  const keptOf = (item: QueueItem): KeptItem | undefined => {
    const { id, fileName, addedAt, chart, target, failure } = item
    const unread = reader.unread(id)
    if (unread !== undefined) return unread
    const status = keptStatus[item.status]
    if (status === undefined || chart === undefined) return undefined
    const provenance = chart.provenance?.fileName
    const modified = reader.modified(id)
    const session = saved.get(id)
    return {
      id,
      fileName,
      addedAt,
      status,
      ...(provenance !== undefined ? { provenance } : {}),
      ...(modified !== undefined ? { modified } : {}),
      ...(target !== undefined ? { target } : {}),
      ...(failure !== undefined ? { failure } : {}),
      ...(session !== undefined ? { saved: session } : {}),
    }
  }

  const remember = (id: string, session: SavedUpload | undefined): void => {
    if (session === undefined) saved.delete(id)
    else saved.set(id, session)
    const resumable = session !== undefined
    if (list.find(id)?.resumable !== resumable) list.change(id, { resumable })
    save()
  }

  const leave = async (id: string): Promise<void> => {
    const ticket = list.find(id)?.ticket
    list.remove(id)
    saved.delete(id)
    reader.forget(id)
    save()
    await line.leave(id)
    if (ticket !== undefined) await dropFile(ticket)
    await kept.release(id)
  }
  /** A file that cannot be removed now goes with the next start. */
  const dropFile = (ticket: string): Promise<unknown> => intake.drop(ticket).catch(() => undefined)

  /** A place for one more: the oldest that is published gives its own. */
  const makeRoom = async (): Promise<void> => {
    const items = list.all()
    if (items.length < queueLimits.items) return
    const oldest = items.find(({ status }) => status === 'published')
    if (oldest !== undefined) return leave(oldest.id)
    throw failureError('input-invalid', 'input', `More than ${queueLimits.items} charts are in the queue.`, {
      evidence: [{ fact: 'limit', value: String(queueLimits.items) }],
    })
  }

  /** What is published is not for the next run; only the newest of it keep their file and exchanges for this one. */
  const settle = async (published: string): Promise<void> => {
    await kept.release(published)
    const held = list.all().filter(({ status, ticket }) => status === 'published' && ticket !== undefined)
    for (const { ticket, ...item } of held.slice(0, -queueLimits.held)) {
      list.put(item)
      list.forgetExchanges(item.id)
      reader.forget(item.id)
      if (ticket !== undefined) await dropFile(ticket)
    }
  }

  /** One attempt; whatever becomes of it is said in the list. */
  const send = async (id: string, signal: AbortSignal, resume: boolean): Promise<void> => {
    const { ticket, target } = list.find(id) ?? {}
    if (ticket === undefined || target === undefined) return
    list.change(id, { status: 'uploading' })
    const session = resume ? saved.get(id) : undefined
    const events = publisher.start({ ticket, ...target }, signal, {
      ...(session !== undefined ? { saved: session } : {}),
      onSaved: (next) => {
        // a cancelled attempt may end after the next one began
        if (!signal.aborted) remember(id, next)
      },
      outlivesCancel: () => closing,
    })
    try {
      for (;;) {
        const step = await events.next()
        if (step.done === true) {
          saved.delete(id)
          list.change(id, { status: 'published', result: step.value, resumable: false })
          break
        }
        if (!signal.aborted) hear(id, step.value)
      }
      await settle(id)
    } catch (error) {
      // who cancelled has said so already
      if (!signal.aborted) list.change(id, { status: 'failed', failure: failureIn(error) })
    }
    save()
  }

  const hear = (id: string, event: PublishEvent): void => {
    switch (event.type) {
      case 'step': {
        const { type: _, ...step } = event
        // config and provenance travel beside the chart, and it is the chart one waits for
        if (step.blob !== undefined && step.blob !== 'chart') return undefined
        return list.change(id, { step })
      }
      case 'progress': {
        const { type: _, ...progress } = event
        return list.progress(id, progress)
      }
      case 'fallback': {
        const { type: _, ...fallback } = event
        const before = list.find(id)?.fallbacks ?? []
        return list.change(id, { fallbacks: [...before, fallback].slice(-queueLimits.fallbacks) })
      }
      case 'exchange':
        return list.exchange(id, event.exchange)
      case 'resumed':
        return list.change(id, { resumedAt: event.bytes })
      case 'anew':
        return list.change(id, { anew: event.because })
    }
  }

  return {
    watch: async function* (signal) {
      await open()
      yield* list.watch(signal)
    },
    enqueue: async (files) => {
      await open()
      const ids: string[] = []
      for (const { ticket, fileName } of files) {
        await makeRoom()
        const id = randomUUID()
        list.put({ id, fileName, addedAt: clock.now(), status: 'reading', fallbacks: [], resumable: false })
        ids.push(id)
        reader.read(id, ticket)
      }
      return { ids }
    },
    submit: async (id, target, resume) => {
      await open()
      const { ticket, chart, fileName, addedAt } = list.find(id) ?? {}
      if (ticket === undefined || chart === undefined || fileName === undefined || addedAt === undefined) {
        throw failureError('no-such-item', 'input', 'The file is not held any more: choose it again.', {
          next: ['choose-another-file'],
        })
      }
      if (line.has(id) || closing) return { submitted: false }
      if (!resume) saved.delete(id)
      list.forgetExchanges(id)
      list.put({
        id,
        ticket,
        chart,
        fileName,
        addedAt,
        target,
        status: 'waiting',
        fallbacks: [],
        resumable: saved.has(id),
      })
      save()
      line.enter(id, (signal) => send(id, signal, resume))
      return { submitted: true }
    },
    cancel: async (id) => {
      await open()
      if (!line.has(id)) return { cancelled: false }
      list.change(id, { status: 'cancelled' })
      remember(id, undefined)
      await line.leave(id)
      return { cancelled: true }
    },
    remove: async (id) => {
      await open()
      const removed = list.find(id) !== undefined
      if (removed) await leave(id)
      return { removed }
    },
    sending: () => line.running(),
    waiting: () => line.waiting(),
    close: async () => {
      closing = true
      if (opened === undefined) return
      await opened
      for (const { id, status } of list.all()) {
        if (status === 'waiting' || status === 'uploading') list.change(id, { status: 'interrupted' })
      }
      await Promise.all([line.close(), reader.close()])
      save()
      await kept.close()
    },
  }
}

const keptStatus: Partial<Record<QueueItem['status'], KeptItem['status']>> = {
  ready: 'ready',
  waiting: 'interrupted',
  uploading: 'interrupted',
  interrupted: 'interrupted',
  failed: 'failed',
  cancelled: 'cancelled',
}

function failureIn(error: unknown): FailureError['failure'] {
  if (error instanceof FailureError) return error.failure
  return localFailure('internal', 'input', 'Chartroom itself failed to publish the chart.', {
    retryable: true,
    next: ['retry', 'report-bug'],
  })
}
