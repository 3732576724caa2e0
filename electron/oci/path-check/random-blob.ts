import { createCipheriv, createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { failureError } from '../../../shared/model/local-failure.ts'
import type { BlobSource } from '../upload/blob-source.ts'

/** Bytes that are made at a time, and after how many of them others get a turn. */
const pieceBytes = 64 * 1024
const turnBytes = 1024 * 1024
/** AES's own. */
const blockBytes = 16
const zeros = Buffer.alloc(pieceBytes)

/**
 * `size` bytes that no registry has, no compression makes smaller and nobody holds: the key stream of AES in
 * counter mode under `seed` (16 bytes, random unless told), made anew each time it is read and from any place on.
 * Throws a FailureError of kind `cancelled` where `signal` aborts while the digest is computed.
 */
export async function randomBlob(options: {
  size: number
  seed?: Uint8Array
  signal?: AbortSignal
}): Promise<BlobSource> {
  const { size, seed = randomBytes(blockBytes), signal } = options
  const hash = createHash('sha256')
  let hashed = 0
  for (const piece of piecesOf(seed, 0, size)) {
    hash.update(piece)
    hashed += piece.length
    if (hashed % turnBytes !== 0) continue
    await turn()
    if (signal?.aborted === true) {
      throw failureError('cancelled', 'input', 'Cancelled.', { next: ['none-needed'] })
    }
  }
  return {
    digest: `sha256:${hash.digest('hex')}`,
    size,
    read: () => Promise.resolve(whole(seed, size)),
    stream: (start = 0) => Readable.from(piecesOf(seed, start, size), { objectMode: false }),
  }
}

function whole(seed: Uint8Array, size: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(size)
  let at = 0
  for (const piece of piecesOf(seed, 0, size)) at += piece.copy(bytes, at)
  return bytes
}

function* piecesOf(seed: Uint8Array, start: number, end: number): Generator<Buffer> {
  const counter = Buffer.alloc(blockBytes)
  counter.writeBigUInt64BE(BigInt(Math.floor(start / blockBytes)), blockBytes - 8)
  const cipher = createCipheriv('aes-128-ctr', seed, counter)
  cipher.update(zeros.subarray(0, start % blockBytes))
  for (let at = start; at < end; at += pieceBytes) {
    yield cipher.update(zeros.subarray(0, Math.min(pieceBytes, end - at)))
  }
}
