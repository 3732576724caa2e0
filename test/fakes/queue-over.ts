import { createPublishQueue } from '../../electron/charts/queue/queue.ts'
import { type PublishEvent, type PublishInput, type PublishResult } from '../../shared/model/upload.ts'
import type { QueueFile, QueueTarget } from '../../shared/model/queue.ts'
import type { TakenIn } from '../../shared/model/chart.ts'
import type { Operations } from './window-over.tsx'

/**
 * The queue's operations over a main process whose `publish.inspect` and `publish.start` do what a test says: the
 * real queue, but for the disk and the network.
 */
export function queueOver(operations: Operations): Operations {
  const call = async (name: string, input: unknown, signal?: AbortSignal): Promise<unknown> => {
    const operation = operations[name]
    if (operation === undefined) throw new Error(`no ${name} in this test`)
    return operation(input, signal)
  }
  const inspect = async (ticket: string) => (await call('publish.inspect', { ticket })) as TakenIn
  const queue = createPublishQueue({
    intake: {
      accept: () => Promise.reject(new Error('nothing is taken in here')),
      inspect,
      open: async (ticket) => {
        const file = await inspect(ticket)
        if (!('metadata' in file)) throw new Error('it is no chart')
        return { file, path: '', newest: 0 }
      },
      drop: async (ticket) => (await call('publish.drop', { ticket }).catch(() => undefined)) !== undefined,
    },
    publisher: {
      start: async function* (input: PublishInput, signal?: AbortSignal) {
        const events = (await call('publish.start', input, signal)) as AsyncGenerator<
          PublishEvent,
          PublishResult
        >
        return yield* events
      },
    },
    kept: {
      open: async () => [],
      hold: async () => undefined,
      read: async function* () {},
      release: async () => undefined,
      save: () => undefined,
      close: async () => undefined,
    },
    clock: { now: () => 0 },
  })
  return {
    'publish.queue': (_input, signal) => queue.watch(signal ?? new AbortController().signal),
    'publish.enqueue': (input) => queue.enqueue((input as { files: QueueFile[] }).files),
    'publish.submit': (input) => {
      const { id, resume, ...target } = input as QueueTarget & { id: string; resume?: boolean }
      return queue.submit(id, target, resume === true)
    },
    'publish.cancel': (input) => queue.cancel((input as { id: string }).id),
    'publish.remove': (input) => queue.remove((input as { id: string }).id),
    ...operations,
  }
}
