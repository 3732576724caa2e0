import type { Exchange } from '../../shared/model/exchange.ts'
import type { RecordExchange } from '../ports.ts'
import { version } from '../version.ts'
import { harLog } from './har.ts'
import { createNews } from './news.ts'

/** Exchanges that are kept; the oldest goes first. */
export const maxExchanges = 2000

export interface Activity {
  record: RecordExchange
  /** All that are kept, oldest first, then batches of new ones, until `signal` aborts. */
  watch(signal: AbortSignal): AsyncGenerator<Exchange[], void>
  clear(): { cleared: number }
  /** HAR 1.2 as JSON text. */
  har(): { fileName: string; text: string }
}

/** Keeps the newest exchanges in memory, of recurring scrapes what is new; they never touch the disk. */
export function createActivity(): Activity {
  let kept: Exchange[] = []
  const news = createNews()
  const watchers = new Set<(exchange: Exchange) => void>()
  return {
    record: (exchange) => {
      if (!news.has(exchange)) return
      kept.push(exchange)
      // cut in lumps: shifting at every exchange would move two thousand items each time
      if (kept.length >= maxExchanges * 2) kept = kept.slice(-maxExchanges)
      for (const tell of watchers) tell(exchange)
    },
    watch: async function* (signal) {
      let fresh = kept.slice(-maxExchanges)
      let wake: () => void = () => undefined
      const tell = (exchange: Exchange): void => {
        fresh.push(exchange)
        // a watcher that lags is given what is still kept, not a queue without end
        if (fresh.length >= maxExchanges * 2) fresh = fresh.slice(-maxExchanges)
        wake()
      }
      const stop = (): void => wake()
      watchers.add(tell)
      signal.addEventListener('abort', stop)
      try {
        yield take()
        while (!signal.aborted) {
          if (fresh.length > 0) yield take()
          else await new Promise<void>((resolve) => (wake = resolve))
        }
      } finally {
        watchers.delete(tell)
        signal.removeEventListener('abort', stop)
      }
      function take(): Exchange[] {
        const batch = fresh.slice(-maxExchanges)
        fresh = []
        return batch
      }
    },
    clear: () => {
      const cleared = Math.min(kept.length, maxExchanges)
      kept = []
      news.forget()
      return { cleared }
    },
    har: () => ({
      fileName: 'chartroom-activity.har',
      text: JSON.stringify(harLog(kept.slice(-maxExchanges), version), null, 2),
    }),
  }
}
