import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { FailureError } from '../../../shared/model/failure.ts'
import { localFailure } from '../../../shared/model/local-failure.ts'
import { digestOf } from '../digest.ts'

/** The bytes of a blob, to be had as often as an upload is tried. */
export interface BlobSource {
  /** sha256 of all of them. */
  readonly digest: string
  readonly size: number
  /** All of them in memory. */
  read(): Promise<Uint8Array>
  stream(): Readable
}

export function blobOfBytes(bytes: Uint8Array): BlobSource {
  return {
    digest: digestOf(bytes),
    size: bytes.length,
    read: () => Promise.resolve(bytes),
    stream: () => Readable.from([bytes]),
  }
}

/** A file that does not change while it is uploaded. */
export function blobOfFile(file: { path: string; size: number; digest: string }): BlobSource {
  const { path, size, digest } = file
  const gone = (cause: unknown): never => {
    const failure = localFailure('no-such-item', 'upload-body', 'The file is not held any more.', {
      next: ['choose-another-file'],
    })
    throw new FailureError(failure, { cause })
  }
  return { digest, size, read: () => readFile(path).catch(gone), stream: () => createReadStream(path) }
}
