import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { FailureError } from '../../../shared/model/failure.ts'
import { localFailure } from '../../../shared/model/local-failure.ts'
import { digestOf } from '../digest.ts'

/** Bytes that are read from a file at a time: a third less work than the 64 KiB Node reads by itself. */
const readBytes = 512 * 1024

/** The bytes of a blob, to be had as often as an upload is tried. */
export interface BlobSource {
  /** sha256 or sha512 of all of them. */
  readonly digest: string
  readonly size: number
  /** All of them in memory. */
  read(): Promise<Uint8Array>
  /** Those from `start` (0 unless told) to the end. */
  stream(start?: number): Readable
}

/** A blob that is in memory, named by the digest in the algorithm of `like`, else sha256. */
export function blobOfBytes(bytes: Uint8Array, like?: string): BlobSource {
  return {
    digest: digestOf(bytes, like),
    size: bytes.length,
    read: () => Promise.resolve(bytes),
    stream: (start = 0) => Readable.from([bytes.subarray(start)]),
  }
}

/** A file that does not change while it is uploaded. One that is gone throws a FailureError, also out of the stream. */
export function blobOfFile(file: { path: string; size: number; digest: string }): BlobSource {
  const { path, size, digest } = file
  return {
    digest,
    size,
    read: () => readFile(path).catch(gone),
    stream: (start = 0) => Readable.from(piecesOf(path, start), { objectMode: false, highWaterMark: 1 }),
  }
}

async function* piecesOf(path: string, start: number): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { start, highWaterMark: readBytes }) as AsyncIterable<Uint8Array>
  } catch (error) {
    gone(error)
  }
}

function gone(cause: unknown): never {
  const failure = localFailure('no-such-item', 'upload-body', 'The file is not held any more.', {
    next: ['choose-another-file'],
  })
  throw new FailureError(failure, { cause })
}
