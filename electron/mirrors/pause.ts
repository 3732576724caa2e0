/** A wait between two pieces of work that may be cut short, also before it begins. */
export interface Pause {
  /** Resolves after `milliseconds`, or sooner where it is cut short; at once where `signal` aborts. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>
  /** The wait, or the next one, takes no more than `milliseconds` from now. */
  shorten(milliseconds: number): void
}

export function createPause(): Pause {
  let cut = Infinity
  let hasten: (() => void) | undefined
  return {
    wait: (milliseconds, signal) =>
      new Promise((resolve) => {
        const begun = performance.now()
        let timer: NodeJS.Timeout | undefined
        const end = (): void => {
          clearTimeout(timer)
          signal.removeEventListener('abort', end)
          hasten = undefined
          cut = Infinity
          resolve()
        }
        hasten = () => {
          clearTimeout(timer)
          const left = Math.min(milliseconds - (performance.now() - begun), cut)
          if (left <= 0 || signal.aborted) end()
          else timer = setTimeout(end, left)
        }
        signal.addEventListener('abort', end)
        hasten()
      }),
    shorten: (milliseconds) => {
      // what comes again and again must not put the end off again and again
      if (milliseconds >= cut) return
      cut = milliseconds
      hasten?.()
    },
  }
}
