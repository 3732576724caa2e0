import type { QueueFile } from '../../shared/model/queue.ts'

/** A file on its way to the host, with the name to show for it. */
export interface Taken {
  fileName: string
  ticket: (signal: AbortSignal) => Promise<string>
}

/** Files that this window hands over to the queue: entries of its own until the queue has them. */
export interface LocalFiles {
  /** Adds entries, hands each over as soon as it has a ticket; resolves when all are, or have failed. */
  take(files: readonly Taken[]): Promise<void>
  has(id: string): boolean
  /** Gives an entry up. Resolves to whether it was one. */
  drop(id: string): boolean
}

export function takeInto(list: {
  enqueue: (files: QueueFile[]) => Promise<string[]>
  add: (entries: Array<{ id: string; fileName: string }>) => void
  fail: (id: string, error: unknown) => void
  /** The queue has the entry `id` as its item `as`. */
  queued: (id: string, as: string) => void
}): LocalFiles {
  const own = new Map<string, AbortController>()
  let counted = 0

  const hand = async (
    id: string,
    { fileName, ticket }: Taken,
    { signal }: AbortController,
  ): Promise<void> => {
    try {
      const taken = await ticket(signal)
      const [as] = signal.aborted
        ? []
        : await list.enqueue([{ ticket: taken, fileName: fileName.slice(0, 255) }])
      if (as === undefined || !own.delete(id)) return
      list.queued(id, as)
    } catch (error) {
      if (!signal.aborted) list.fail(id, error)
    }
  }
  return {
    take: async (files) => {
      const added = files.map((file) => ({ file, id: `local-${++counted}`, abort: new AbortController() }))
      for (const { id, abort } of added) own.set(id, abort)
      list.add(added.map(({ id, file: { fileName } }) => ({ id, fileName })))
      await Promise.all(added.map(({ id, file, abort }) => hand(id, file, abort)))
    },
    has: (id) => own.has(id),
    drop: (id) => {
      own.get(id)?.abort()
      return own.delete(id)
    },
  }
}
