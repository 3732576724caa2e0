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

/** Makes a failed write of `socket` wait for what its reading side tells. */
export function readToTheEnd(socket: Socket): void {
  const write = socket._write.bind(socket)
  const writev = socket._writev?.bind(socket)
  socket._write = (chunk: unknown, encoding, done) => write(chunk, encoding, unlessReset(done))
  if (writev !== undefined) socket._writev = (chunks, done) => writev(chunks, unlessReset(done))
}

/** The kernel tells the reading side of a reset too, behind the bytes that came before it. */
function unlessReset(done: Done): Done {
  return (error) => {
    const { code } = (error ?? {}) as { code?: unknown }
    if (code !== 'EPIPE' && code !== 'ECONNRESET') done(error)
  }
}
