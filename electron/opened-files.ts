/** Files the system handed to the app, on their way to the window as tickets. */
export interface OpenedFiles {
  add(tickets: string[]): void
  /** First what came before anybody listened, then each new lot, until `signal` aborts. */
  watch(signal: AbortSignal): AsyncGenerator<{ tickets: string[] }, void>
}

/** A file opened before the window is up waits here; each ticket is handed out once. */
export function createOpenedFiles(): OpenedFiles {
  let waiting: string[] = []
  const sleepers = new Set<() => void>()
  const wakeAll = (): void => {
    for (const wake of sleepers) wake()
  }
  return {
    add: (tickets) => {
      waiting.push(...tickets)
      wakeAll()
    },
    watch: async function* (signal) {
      signal.addEventListener('abort', wakeAll)
      try {
        while (!signal.aborted) {
          if (waiting.length > 0) {
            const tickets = waiting
            waiting = []
            yield { tickets }
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
