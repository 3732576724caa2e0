import type { Socket } from 'node:net'

/** Bytes from which on nothing is held back: more than the head of any usual request, its token included. */
const enough = 16 * 1024

/**
 * Writes to `socket` with small pieces put together: a piece waits at most `milliseconds` for company, or until
 * `enough` bytes are together. So a request's head and the beginning of its body leave in one segment even where
 * the client flushed the head alone, as Go's net/http does before a stream (go-containerregistry issue 2005).
 * Returns what `socket.write` returns. What is held when the socket ends goes with its end.
 */
export function coalescing(socket: Socket, milliseconds: number): (piece: Uint8Array) => boolean {
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    socket.uncork()
  }
  socket.once('close', flush)
  return (piece) => {
    if (timer === undefined && piece.length < enough) {
      timer = setTimeout(flush, milliseconds)
      socket.cork()
    }
    const takesMore = socket.write(piece)
    if (timer !== undefined && socket.writableLength >= enough) flush()
    return takesMore
  }
}
