import { os } from '@orpc/server'
import type { Log } from '../log.ts'
import { wireError } from './failing.ts'
import { assertSendable } from './sendable.ts'

/** What every handler is given beside its input. */
export interface CallContext {
  /** Aborts when the caller cancels or goes away, and when the app closes. */
  signal: AbortSignal
}

/**
 * Stands around every operation: gives it a signal, turns what it throws into the typed error, lets nothing
 * out that a carrier cannot send, and ends a stream at once when its caller cancels, whatever it waits for.
 */
export function createCalls(closing: AbortSignal, log: Log) {
  return os.middleware(async ({ next, path, signal: caller }) => {
    const signal = caller === undefined ? closing : AbortSignal.any([caller, closing])
    const operation = path.join('.')
    const failed = (error: unknown): Error => wireError(error, operation, signal, log)
    try {
      signal.throwIfAborted()
      const context: CallContext = { signal }
      const result = await next({ context })
      if (isStream(result.output)) {
        return { ...result, output: guardStream(result.output, signal, failed) }
      }
      assertSendable(result.output)
      return result
    } catch (error) {
      throw failed(error)
    }
  })
}

type Stream = AsyncIterator<unknown, unknown, undefined>

async function* guardStream(
  stream: Stream,
  signal: AbortSignal,
  failed: (error: unknown) => Error,
): AsyncGenerator<unknown, unknown, undefined> {
  let cut: (reason: unknown) => void = () => undefined
  const abort = (): void => cut(signal.reason)
  signal.addEventListener('abort', abort)
  try {
    for (;;) {
      // a promise of its own for each step: one that is raced against again and again would keep them all
      const { value, done } = await new Promise<IteratorResult<unknown, unknown>>((resolve, reject) => {
        cut = reject
        if (signal.aborted) abort()
        stream.next().then(resolve, reject)
      })
      assertSendable(value)
      if (done === true) return value
      yield value
    }
  } catch (error) {
    throw failed(error)
  } finally {
    signal.removeEventListener('abort', abort)
    // not awaited: a stream that is waiting ends when its signal reaches it, the caller has long gone
    void stream.return?.()?.catch(() => undefined)
  }
}

function isStream(value: unknown): value is Stream {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value && 'next' in value
}
