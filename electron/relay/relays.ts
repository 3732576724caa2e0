import { setTimeout as delay } from 'node:timers/promises'
import { failureError } from '../../shared/model/local-failure.ts'
import type { RelayState } from '../../shared/model/path-check.ts'
import type { Clock } from '../ports.ts'
import { type Relay, startRelay, targetOf } from './relay.ts'

/** Milliseconds between two looks at the counts. */
const defaultInterval = 1_000

/** The relays that run, one a registry at most. */
export interface Relays {
  /** Starts the registry's relay; one that runs already stays, unless the registry's address is another now. */
  start(registryId: string): Promise<RelayState>
  stop(registryId: string): Promise<{ stopped: boolean }>
  /** All that run, at once and whenever that or their counts change, until `signal` aborts. */
  watch(signal: AbortSignal): AsyncGenerator<RelayState[], void>
  /**
   * The loopback port of the relay to `url`, the registry's address as it is now: what runs towards an address of
   * before leads elsewhere, and credentials do not go there.
   */
  portOf(registryId: string, url: string): number | undefined
  close(): Promise<void>
}

interface Running {
  relay: Relay
  url: string
  startedAt: number
}

/** `urlOf` says a registry's address (`https://host[:port]`) and throws a FailureError for an unknown id. */
export function createRelays(ports: {
  urlOf: (registryId: string) => Promise<string>
  clock: Clock
  /** Milliseconds between two looks at the counts. */
  interval?: number
}): Relays {
  const { urlOf, clock, interval = defaultInterval } = ports
  const running = new Map<string, Running>()
  const wakers = new Set<() => void>()
  // one change at a time: two starts of one registry make one relay
  let last: Promise<unknown> = Promise.resolve()
  let closed = false

  const inTurn = <T>(change: () => Promise<T>): Promise<T> => {
    const result = last.then(change)
    last = result.catch(() => undefined)
    return result
  }
  const changed = () => {
    for (const wake of wakers) wake()
  }
  const stop = async (registryId: string): Promise<boolean> => {
    const found = running.get(registryId)
    running.delete(registryId)
    await found?.relay.stop()
    if (found !== undefined) changed()
    return found !== undefined
  }
  const start = async (registryId: string): Promise<RelayState> => {
    if (closed) throw failureError('cancelled', 'connect', 'Chartroom is closing.')
    const url = await urlOf(registryId)
    const known = running.get(registryId)
    if (known?.url === url) return stateOf(registryId, known)
    await stop(registryId)
    const made = { relay: await startRelay(targetOf(url)), url, startedAt: clock.now() }
    running.set(registryId, made)
    changed()
    return stateOf(registryId, made)
  }
  const states = () => [...running].map(([registryId, each]) => stateOf(registryId, each))

  return {
    start: (registryId) => inTurn(() => start(registryId)),
    stop: async (registryId) => ({ stopped: await inTurn(() => stop(registryId)) }),
    async *watch(signal) {
      let told: string | undefined
      while (!signal.aborted) {
        const pause = new AbortController()
        const wake = () => pause.abort()
        // from before the look on, so that nothing that changes while it is told is missed
        wakers.add(wake)
        try {
          const now = states()
          const text = JSON.stringify(now)
          if (text !== told) yield now
          told = text
          await delay(interval, undefined, { signal: AbortSignal.any([signal, pause.signal]) })
        } catch (error) {
          if (!signal.aborted && !pause.signal.aborted) throw error
        } finally {
          wakers.delete(wake)
        }
      }
    },
    portOf: (registryId, url) => {
      const found = running.get(registryId)
      return found?.url === url ? found.relay.port : undefined
    },
    close: () => {
      closed = true
      return inTurn(async () => {
        for (const registryId of running.keys()) await stop(registryId)
      })
    },
  }
}

function stateOf(registryId: string, { relay, url, startedAt }: Running): RelayState {
  const { host, port } = targetOf(url)
  return {
    registryId,
    address: relay.address,
    target: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
    startedAt,
    ...relay.counts(),
  }
}
