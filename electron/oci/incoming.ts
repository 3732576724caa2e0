import type { Dispatcher } from 'undici'
import type { Exchange } from '../../shared/model/exchange.ts'
import { type Failure, FailureError } from '../../shared/model/failure.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import type { Ask } from './ask.ts'
import { errorText } from './error-text.ts'
import { type ExchangeRecord, type Head, verdictOf } from './exchange-record.ts'
import type { Outgoing } from './outgoing.ts'
import type { Patience } from './patience.ts'

/** An answer whose head came. */
export interface Incoming {
  head: Head
  chunks: AsyncGenerator<Uint8Array>
  /** The exchange while it runs. */
  present(): Exchange
  /** Frees the socket where the body was not read to its end, and records the exchange; once. */
  finish(): Exchange
}

/** What an answer is read with. `failureOf` says in this app's words why reading failed. */
export interface Reading {
  record: ExchangeRecord
  patience: Patience
  outgoing: Outgoing
  failureOf: (error: unknown) => Failure
  /** Gives the ask's place back. */
  leave: () => void
  limits: { errorBytes: number; headers: number }
}

/**
 * The answer's bytes, bounded and watched. A body that is longer than `ask.maxBytes` is a Failure; of an error's body
 * the first `errorBytes` are kept to explain it, whatever follows. Throws a FailureError for too many headers.
 */
export function readAnswer(ask: Ask, answer: Dispatcher.ResponseData, reading: Reading): Incoming {
  const { record, patience, outgoing, limits } = reading
  const headers = flatten(answer.headers)
  const head: Head = {
    status: answer.statusCode,
    headers,
    bytesSent: outgoing.sent(),
    connectionClosed: /\bclose\b/i.test(headers['connection'] ?? ''),
  }
  const refused = head.status >= 400
  const kept: Uint8Array[] = []
  let received = 0
  let failure: Failure | undefined
  let finished: Exchange | undefined
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      if (!refused && ask.method !== 'HEAD' && Number(headers['content-length'] ?? 0) > ask.maxBytes) {
        throw tooMuch(ask, ask.maxBytes, 'bytes')
      }
      patience.start()
      for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
        patience.stop()
        const piece = refused ? chunk.subarray(0, limits.errorBytes - received) : chunk
        received += piece.length
        if (refused) kept.push(piece)
        else if (received > ask.maxBytes) throw tooMuch(ask, ask.maxBytes, 'bytes')
        yield piece
        if (refused && received === limits.errorBytes) return
        patience.start()
      }
    } catch (error) {
      failure = error instanceof FailureError ? error.failure : reading.failureOf(error)
      throw error instanceof FailureError ? error : new FailureError(failure, { cause: error })
    } finally {
      patience.stop()
    }
  }
  const finish = (): Exchange => {
    if (finished !== undefined) return finished
    patience.end()
    outgoing.discard()
    // whoever stopped reading has no use for the error of this destroy
    answer.body.on('error', () => undefined)
    answer.body.destroy()
    reading.leave()
    const body = errorText(Buffer.concat(kept), head.headers)
    const failed = failure ?? verdictOf(ask, head, body)
    finished = record.end({
      ...head,
      bytesReceived: received,
      body,
      ...(failed !== undefined ? { failure: failed } : {}),
    })
    return finished
  }
  if (Object.keys(headers).length > limits.headers) {
    failure = tooMuch(ask, limits.headers, 'headers').failure
    finish()
    throw new FailureError(failure)
  }
  return { head, chunks: chunks(), present: () => record.present(head), finish }
}

function tooMuch(ask: Ask, limit: number, what: 'bytes' | 'headers'): FailureError {
  const { host } = new URL(ask.url)
  return failureError('answer-invalid', ask.phase, `${host} sent more than ${limit} ${what}.`, {
    host,
    evidence: [{ fact: 'limit', value: String(limit) }],
    next: ['check-address'],
  })
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat = Object.create(null) as Record<string, string>
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value
  }
  return flat
}
