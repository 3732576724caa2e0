import type { Socket } from 'node:net'

type Done = (error?: Error | null) => void

/**
 * Lets `socket` read on after a write that failed by a reset. Whoever refuses a body answers, closes and resets
 * while the body is still on its way; Node ends a socket at the first write that fails and with it the answer that
 * lies unread (moby/buildkit issue 4320 is what that looks like). `lost` says what becomes of such a write: unless
 * told it waits, and reading goes on until the answer was read or the read side itself ends.
 */
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
