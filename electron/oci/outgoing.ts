import { Readable } from 'node:stream'
import type { Ask } from './ask.ts'
import type { Patience } from './patience.ts'

/**
 * Bytes of a body that are handed to the socket at a time, so that progress and Cancel are seen. Smaller ones cost
 * more (64 KiB a fifth more processor time); larger ones would take a slow line longer than the patience with it.
 */
const pieceBytes = 256 * 1024

/** The body of one request on its way out. */
export interface Outgoing {
  /** How the body is framed on the wire. */
  readonly headers: Record<string, string>
  readonly body: Readable | undefined
  /** Bytes the socket has taken so far. */
  sent(): number
  /** What went wrong while the body was read on our side. */
  error(): unknown
  /** Frees the source, whether it was read or not. */
  discard(): void
}

/**
 * Makes the body of `ask` anew. Bytes in memory and streams of known length go with Content-Length,
 * streams without one as chunks. Each piece counts as sent when the socket asks for the next.
 */
export function createOutgoing(ask: Ask, patience: Patience): Outgoing {
  const made = ask.body?.()
  let sent = 0
  let error: unknown
  const source: Readable | undefined =
    made === undefined || made instanceof Uint8Array ? undefined : made.stream
  // a source that fails before or after it is read must not end the process
  source?.on('error', (cause) => (error ??= cause))

  async function* pieces(from: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let handedOver = false
    // a source may be slow for reasons of its own: the network is not to blame for them
    patience.stop()
    try {
      for await (const chunk of from) {
        for (const piece of cut(chunk)) {
          handedOver = true
          patience.start()
          yield piece
          patience.stop()
          handedOver = false
          sent += piece.length
          ask.onSent?.(sent)
        }
      }
      patience.start()
    } catch (cause) {
      // what is thrown in while a piece is handed over is the connection's error, not the source's
      if (!handedOver) error ??= cause
      throw cause
    }
  }
  const length = made instanceof Uint8Array ? made.length : made?.length
  const body =
    made === undefined || length === 0
      ? undefined
      : Readable.from(
          pieces(made instanceof Uint8Array ? [made] : (made.stream as AsyncIterable<Uint8Array>)),
          // one piece at a time: what waits in a buffer of ours is not sent
          { objectMode: false, highWaterMark: 1 },
        )
  // the request tells the same
  body?.on('error', () => undefined)
  return {
    headers: length === undefined ? {} : { 'content-length': String(length) },
    body,
    sent: () => sent,
    error: () => error,
    discard: () => {
      body?.destroy()
      source?.destroy()
    },
  }
}

function* cut(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}
