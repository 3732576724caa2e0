import { failureError } from '../../shared/model/local-failure.ts'

/**
 * Work that several may wait for at once, done once for each key. Who cancels leaves alone; when nobody waits any
 * more, the work is aborted. Rejects with a FailureError of kind `cancelled` for whoever left.
 */
export function createSharedWork<T>(): {
  join(key: string, work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal | undefined): Promise<T>
} {
  const running = new Map<string, { result: Promise<T>; waiting: number; stop: AbortController }>()
  return {
    join: (key, work, signal) =>
      new Promise<T>((resolve, reject) => {
        if (signal?.aborted === true) {
          reject(cancelled())
          return
        }
        let shared = running.get(key)
        if (shared === undefined) {
          const stop = new AbortController()
          shared = { result: work(stop.signal), waiting: 0, stop }
          running.set(key, shared)
        }
        const joined = shared
        joined.waiting += 1
        const forget = () => {
          signal?.removeEventListener('abort', leave)
          if (running.get(key) === joined) running.delete(key)
        }
        function leave(): void {
          joined.waiting -= 1
          if (joined.waiting === 0) {
            forget()
            joined.stop.abort()
          }
          reject(cancelled())
        }
        signal?.addEventListener('abort', leave, { once: true })
        joined.result.then(
          (value) => {
            forget()
            resolve(value)
          },
          (error: unknown) => {
            forget()
            reject(error)
          },
        )
      }),
  }
}

function cancelled() {
  return failureError('cancelled', 'token', 'Cancelled.', { next: ['none-needed'] })
}
