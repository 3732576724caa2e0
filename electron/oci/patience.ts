/** Why a request was given up by us rather than by the other side. */
export type GivenUp = 'cancelled' | 'timeout'

export interface GivenUpError {
  givenUp: GivenUp
}

/** A watch over one request: it ends when the caller cancels or when nothing moves for too long. */
export interface Patience {
  readonly signal: AbortSignal
  /** Waits for the network from now on. Called again as bytes move, it begins anew. */
  start(): void
  /** The network is not what is being waited for. */
  stop(): void
  /** Nothing more to watch. */
  end(): void
  /** Set once the watch gave up. */
  reason(): GivenUpError | undefined
  /**
   * While this side is what is waited for (a reader, a source), how often the network was waited for before:
   * the same number twice says that nothing moved in between. Undefined while the network is waited for.
   */
  atRest(): number | undefined
}

/** `milliseconds` is how long nothing may move while the network is waited for. */
export function createPatience(milliseconds: number, caller: AbortSignal | undefined): Patience {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let reason: GivenUpError | undefined
  let waiting = false
  let ended = false
  let moves = 0
  const end = () => {
    ended = true
    waiting = false
    clearTimeout(timer)
    timer = undefined
    caller?.removeEventListener('abort', cancel)
  }
  const giveUp = (givenUp: GivenUp) => {
    reason ??= { givenUp }
    end()
    controller.abort()
  }
  const cancel = () => giveUp('cancelled')
  if (caller?.aborted === true) cancel()
  else caller?.addEventListener('abort', cancel, { once: true })
  return {
    signal: controller.signal,
    start: () => {
      // a body's source may come to its end after the answer did; a timer set then would keep the process alive
      if (ended) return
      waiting = true
      moves += 1
      // set again for every piece of a body, a timer costs more than the piece; a refreshed one does not
      if (timer !== undefined) timer.refresh()
      else
        timer = setTimeout(() => {
          timer = undefined
          if (waiting) giveUp('timeout')
        }, milliseconds)
    },
    stop: () => {
      waiting = false
    },
    end,
    reason: () => reason,
    atRest: () => (waiting ? undefined : moves),
  }
}
