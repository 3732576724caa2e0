import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
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
  return { digest, size, read: () => readFile(path), stream: () => createReadStream(path) }
}
