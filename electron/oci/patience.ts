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
}

/** `milliseconds` is how long nothing may move while the network is waited for. */
export function createPatience(milliseconds: number, caller: AbortSignal | undefined): Patience {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let reason: GivenUpError | undefined
  const stop = () => {
    clearTimeout(timer)
    timer = undefined
  }
  const giveUp = (givenUp: GivenUp) => {
    reason ??= { givenUp }
    stop()
    controller.abort()
  }
  const cancel = () => giveUp('cancelled')
  if (caller?.aborted === true) cancel()
  else caller?.addEventListener('abort', cancel, { once: true })
  return {
    signal: controller.signal,
    start: () => {
      stop()
      if (reason === undefined) timer = setTimeout(() => giveUp('timeout'), milliseconds)
    },
    stop,
    end: () => {
      stop()
      caller?.removeEventListener('abort', cancel)
    },
    reason: () => reason,
  }
}
