import type { Socket } from 'node:net'
import { buildConnector } from 'undici'

/** Milliseconds after which an attempt to connect is dropped, also when its request gave up long before. */
const connectTimeout = 30_000

type Done = (error?: Error | null) => void

/**
 * Opens connections that read to their end. A proxy that refuses a body answers, closes and resets while the body
 * is still on its way; Node ends a socket at the first write that fails and with it the answer that lies unread
 * (moby/buildkit issue 4320 is what that looks like). Here such a write just waits: reading goes on until the
 * answer was read or the read side itself ends.
 */
export function createConnector(): buildConnector.connector {
  const connect = buildConnector({ timeout: connectTimeout, allowH2: false })
  return (options, callback) =>
    connect(options, (...[error, socket]) => {
      if (error !== null) {
        callback(error, null)
        return
      }
      readToTheEnd(socket)
      callback(null, socket)
    })
}

/** Lets `socket` read on after a write that failed by a reset; `lost` says what becomes of that write: it waits. */
export function readToTheEnd(socket: Socket, lost: (done: Done) => void = () => undefined): void {
  const write = socket._write.bind(socket)
  const writev = socket._writev?.bind(socket)
  socket._write = (chunk: unknown, encoding, done) => write(chunk, encoding, unlessReset(done, lost))
  if (writev !== undefined) socket._writev = (chunks, done) => writev(chunks, unlessReset(done, lost))
}

/** The kernel tells the reading side of a reset too, behind the bytes that came before it. */
function unlessReset(done: Done, lost: (done: Done) => void): Done {
  return (error) => {
    const { code } = (error ?? {}) as { code?: unknown }
    if (code === 'EPIPE' || code === 'ECONNRESET') lost(done)
    else done(error)
  }
}
