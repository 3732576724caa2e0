import type { Exchange } from '../../../shared/model/exchange.ts'
import { type QueueEvent, type QueueItem, queueLimits } from '../../../shared/model/queue.ts'
import type { PublishProgress } from '../../../shared/model/upload.ts'

/** The items of the queue, oldest first, and everybody who watches them. */
export interface QueueList {
  all(): QueueItem[]
  find(id: string): QueueItem | undefined
  /** Puts an item at the end, or in the place of the one with its id. */
  put(item: QueueItem): void
  /** Changes what `fields` names. An item that is gone stays gone. */
  change(id: string, fields: Partial<QueueItem>): void
  progress(id: string, progress: PublishProgress): void
  exchange(id: string, exchange: Exchange): void
  /** Forgets the exchanges of an item, as a new attempt does. */
  forgetExchanges(id: string): void
  remove(id: string): void
  /**
   * First all items and their exchanges, then what changes, until `signal` aborts. Of what a watcher has not heard
   * yet only the newest state is kept, so that a slow one costs no more than a fast one.
   */
  watch(signal: AbortSignal): AsyncGenerator<QueueEvent, void>
}

/** What a watcher has not heard of one item. */
interface News {
  item: boolean
  progress: boolean
  exchanges: Exchange[]
  anew: boolean
}

export function createQueueList(): QueueList {
  const items = new Map<string, QueueItem>()
  const exchanges = new Map<string, Exchange[]>()
  const watchers = new Set<{ tell: (id: string, tell: (news: News) => void) => void }>()

  const tellAll = (id: string, told: (news: News) => void): void => {
    for (const watcher of watchers) watcher.tell(id, told)
  }
  const put = (item: QueueItem): void => {
    items.set(item.id, item)
    tellAll(item.id, (news) => (news.item = true))
  }

  return {
    all: () => [...items.values()],
    find: (id) => items.get(id),
    put,
    change: (id, fields) => {
      const item = items.get(id)
      if (item !== undefined) put({ ...item, ...fields })
    },
    progress: (id, progress) => {
      const item = items.get(id)
      if (item === undefined) return
      items.set(id, { ...item, progress })
      tellAll(id, (news) => (news.progress = true))
    },
    exchange: (id, exchange) => {
      if (!items.has(id)) return
      exchanges.set(id, [...(exchanges.get(id) ?? []), exchange].slice(-queueLimits.exchanges))
      tellAll(id, (news) => (news.exchanges = [...news.exchanges, exchange].slice(-queueLimits.exchanges)))
    },
    forgetExchanges: (id) => {
      exchanges.delete(id)
      tellAll(id, (news) => {
        news.exchanges = []
        news.anew = true
      })
    },
    remove: (id) => {
      if (!items.delete(id)) return
      exchanges.delete(id)
      tellAll(id, (news) => (news.item = true))
    },
    watch: async function* (signal) {
      const waiting = new Map<string, News>()
      let wake = (): void => undefined
      const tell = (id: string, told: (news: News) => void): void => {
        const news = waiting.get(id) ?? { item: false, progress: false, exchanges: [], anew: false }
        told(news)
        waiting.set(id, news)
        wake()
      }
      const stop = (): void => wake()
      const watcher = { tell }
      watchers.add(watcher)
      signal.addEventListener('abort', stop)
      for (const [id, ended] of exchanges) {
        waiting.set(id, { item: false, progress: false, exchanges: ended, anew: true })
      }
      try {
        yield { type: 'all', items: [...items.values()] }
        while (!signal.aborted) {
          const [first] = waiting
          if (first === undefined) {
            await new Promise<void>((resolve) => (wake = resolve))
          } else {
            const [id, news] = first
            waiting.delete(id)
            yield* eventsOf(id, items.get(id), news)
          }
        }
      } finally {
        watchers.delete(watcher)
        signal.removeEventListener('abort', stop)
      }
    },
  }
}

function* eventsOf(id: string, item: QueueItem | undefined, news: News): Generator<QueueEvent> {
  if (item === undefined) {
    yield { type: 'removed', id }
    return
  }
  if (news.item) yield { type: 'item', item }
  else if (news.progress && item.progress !== undefined) {
    yield { type: 'progress', id, progress: item.progress }
  }
  if (news.anew || news.exchanges.length > 0) {
    yield { type: 'exchanges', id, exchanges: news.exchanges, anew: news.anew }
  }
}
