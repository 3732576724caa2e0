import { Readable } from 'node:stream'
import type { BlobSource } from './blob-source.ts'

/** A source that is open: `rest` are bytes that were read from it and not given out yet. */
interface Open {
  stream: Readable
  iterator: AsyncIterator<Uint8Array>
  rest: Uint8Array
  /** Where `rest` begins. */
  at: number
}

/** Gives out a blob in parts without holding more of it than its source hands over at a time. */
export interface Cutter {
  /** The bytes from `start` on, `length` of them. Parts in sequence share one reading of the source. */
  part(start: number, length: number): Readable
  close(): void
}

export function createCutter(blob: BlobSource): Cutter {
  let idle: Open | undefined

  const openAt = (at: number): Open => {
    const stream = blob.stream(at)
    // whoever reads it hears of it; one that is only held must not end the process
    stream.on('error', () => undefined)
    const iterator = stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
    return { stream, iterator, rest: new Uint8Array(), at }
  }
  async function* read(start: number, length: number): AsyncGenerator<Uint8Array> {
    if (idle?.at !== start) idle?.stream.destroy()
    const open = idle?.at === start ? idle : openAt(start)
    idle = undefined
    const end = start + length
    try {
      while (open.at < end) {
        if (open.rest.length === 0) {
          const next = await open.iterator.next()
          // the request knows its length and tells that bytes are missing
          if (next.done === true) return
          open.rest = next.value
        }
        const piece = open.rest.subarray(0, end - open.at)
        open.rest = open.rest.subarray(piece.length)
        open.at += piece.length
        yield piece
      }
    } finally {
      if (open.at === end) idle = open
      else open.stream.destroy()
    }
  }
  return {
    part: (start, length) => Readable.from(read(start, length), { objectMode: false }),
    close: () => idle?.stream.destroy(),
  }
}
