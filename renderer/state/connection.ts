import type { ClientLink } from '@orpc/client'
import { FailureError } from '../../shared/model/failure.ts'
import { localFailure } from '../../shared/model/local-failure.ts'

type Link = ClientLink<Record<never, never>>

/** One open way to the main process; `closed` settles when it ends, for whatever reason. */
export interface Carrier {
  link: Link
  closed: Promise<void>
}

/** `refused`: the other side is there or not, but will not have this page: its link was used up. */
export type ConnectionState = 'connecting' | 'open' | 'lost' | 'refused'

export interface Connection {
  /** A link that stays the same over reconnects; a call made while connecting waits, one made while lost fails. */
  readonly link: Link
  /** The state, and how often the connection was opened: subscriptions start anew when the number moves. */
  readonly snapshot: () => { state: ConnectionState; generation: number }
  readonly subscribe: (onChange: () => void) => () => void
}

const longestDelay = 5000

/**
 * Keeps a carrier open: opens one, opens another whenever it closes, waiting 0.25 s and then twice as long
 * each time up to 5 s. `open` rejects when no carrier can be had.
 */
export function keepConnected(open: () => Promise<Carrier>): Connection {
  let snapshot: { state: ConnectionState; generation: number } = { state: 'connecting', generation: 0 }
  let carrier: Carrier | undefined
  const firstAttempt = Promise.withResolvers<void>()
  const listeners = new Set<() => void>()

  const become = (state: ConnectionState, next: Carrier | undefined): void => {
    carrier = next
    snapshot = { state, generation: snapshot.generation + (next === undefined ? 0 : 1) }
    firstAttempt.resolve()
    for (const listener of listeners) listener()
  }

  const run = async (): Promise<void> => {
    let delay = 250
    for (;;) {
      try {
        const opened = await open()
        delay = 250
        become('open', opened)
        await opened.closed
        become('lost', undefined)
      } catch {
        become(snapshot.generation === 0 ? 'refused' : 'lost', undefined)
      }
      await new Promise((resolve) => setTimeout(resolve, delay))
      delay = Math.min(delay * 2, longestDelay)
    }
  }
  void run()

  return {
    link: {
      async call(path, input, options) {
        await firstAttempt.promise
        const mine = carrier
        if (mine === undefined) throw hostGone()
        const explain = (error: unknown): unknown => (carrier === mine ? error : hostGone())
        try {
          const output = await mine.link.call(path, input, options)
          return isAsyncIterator(output) ? explained(output, explain) : output
        } catch (error) {
          throw explain(error)
        }
      },
    },
    snapshot: () => snapshot,
    subscribe: (onChange) => {
      listeners.add(onChange)
      return () => listeners.delete(onChange)
    },
  }
}

function hostGone(): FailureError {
  return new FailureError(
    localFailure('host-gone', 'wire', 'The connection to the main process is closed.', {
      retryable: true,
      next: ['retry', 'restart-app'],
    }),
  )
}

function isAsyncIterator(value: unknown): value is AsyncIteratorObject<unknown, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'next' in value &&
    typeof value.next === 'function' &&
    Symbol.asyncIterator in value
  )
}

async function* explained(
  events: AsyncIteratorObject<unknown, unknown>,
  explain: (error: unknown) => unknown,
): AsyncGenerator<unknown, unknown> {
  try {
    return yield* { [Symbol.asyncIterator]: () => events }
  } catch (error) {
    throw explain(error)
  }
}
