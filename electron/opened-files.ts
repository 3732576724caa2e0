import type { Failure } from '../shared/model/failure.ts'

/** Files and folders the system handed over: tickets of what was taken in, and what was not, by name. */
export interface OpenedLot {
  tickets: string[]
  refused: Array<{ fileName: string; failure: Failure }>
}

/** What the system handed to the app, on its way to the window. */
export interface OpenedFiles {
  add(lot: OpenedLot): void
  /** First what came before anybody listened, then each new lot, until `signal` aborts. */
  watch(signal: AbortSignal): AsyncGenerator<OpenedLot, void>
}

/** A file opened before the window is up waits here; each is handed out once. */
export function createOpenedFiles(): OpenedFiles {
  let waiting: OpenedLot[] = []
  const sleepers = new Set<() => void>()
  const wakeAll = (): void => {
    for (const wake of sleepers) wake()
  }
  return {
    add: (lot) => {
      waiting.push(lot)
      wakeAll()
    },
    watch: async function* (signal) {
      signal.addEventListener('abort', wakeAll)
      try {
        while (!signal.aborted) {
          if (waiting.length > 0) {
            const lots = waiting
            waiting = []
            yield {
              tickets: lots.flatMap(({ tickets }) => tickets),
              refused: lots.flatMap(({ refused }) => refused),
            }
          } else {
            await new Promise<void>((resolve) => {
              const wake = (): void => {
                sleepers.delete(wake)
                resolve()
              }
              sleepers.add(wake)
            })
          }
        }
      } finally {
        signal.removeEventListener('abort', wakeAll)
      }
    },
  }
}
