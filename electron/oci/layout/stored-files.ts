import { constants } from 'node:fs'
import { type FileHandle, open, realpath } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'
import { Readable } from 'node:stream'
import { archiveInvalid, archiveTooLarge } from './archive-failure.ts'
import { indexTar } from './tar-index.ts'

/** Bytes that are read at once. */
const chunkBytes = 256 * 1024

/** Files of a folder or an archive by their path with "/", to be read as often as needed. */
export interface StoredFiles {
  /** Bytes of the file; undefined where there is none. */
  size(path: string): Promise<number | undefined>
  /** From byte `start` on. A file that is not there or cannot be read fails the stream. */
  stream(path: string, start?: number): Readable
  close(): Promise<void>
}

/** All bytes of a file of at most `maxBytes`; undefined where there is none. */
export async function readStored(
  files: StoredFiles,
  path: string,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  const size = await files.size(path)
  if (size === undefined) return undefined
  if (size > maxBytes) throw archiveTooLarge(`${path} is too large`, maxBytes, path)
  const chunks: Uint8Array[] = []
  for await (const chunk of files.stream(path) as AsyncIterable<Uint8Array>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** The files of `directory`. Links that leave it, devices and pipes are refused. */
export async function openFolder(directory: string): Promise<StoredFiles> {
  const root = await realpath(directory)
  const find = async (path: string): Promise<{ file: FileHandle; size: number } | undefined> => {
    let real: string
    try {
      real = await realpath(join(root, path))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw unreadable(path, error)
    }
    const inside = relative(root, real)
    if (inside.split(sep)[0] === '..' || isAbsolute(inside))
      throw archiveInvalid('it leads out of the folder', path)
    // a pipe would be waited for until somebody writes
    const file = await open(real, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
      throw unreadable(path, error)
    })
    const found = await file.stat()
    if (found.isFile()) return { file, size: found.size }
    await file.close()
    throw archiveInvalid('it is no file', path)
  }
  return {
    size: async (path) => {
      const found = await find(path)
      await found?.file.close()
      return found?.size
    },
    stream: (path, start = 0) =>
      Readable.from(
        (async function* () {
          const found = await find(path)
          if (found === undefined) throw archiveInvalid('it is not there', path)
          try {
            yield* chunksOf(found.file, path, { start, end: found.size })
          } finally {
            await found.file.close()
          }
        })(),
        { highWaterMark: 1 },
      ),
    close: async () => undefined,
  }
}

/** The files of a tar, read in place: its headers are indexed once, content is read where it lies. */
export async function openTar(path: string): Promise<StoredFiles> {
  const file = await open(path, 'r')
  try {
    const entries = await indexTar(file, (await file.stat()).size)
    return {
      size: async (name) => entries.get(name)?.size,
      stream: (name, start = 0) => {
        const entry = entries.get(name)
        const from = (entry?.offset ?? 0) + start
        const end = (entry?.offset ?? 0) + (entry?.size ?? 0)
        return Readable.from(
          (async function* () {
            if (entry === undefined) throw archiveInvalid('it is not in the archive', name)
            yield* chunksOf(file, name, { start: from, end })
          })(),
          { highWaterMark: 1 },
        )
      },
      close: () => file.close(),
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

/** Read by position, so that streams over one file do not disturb each other. */
async function* chunksOf(
  file: FileHandle,
  path: string,
  { start, end }: { start: number; end: number },
): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end;) {
    const length = Math.min(end - at, chunkBytes)
    const { buffer, bytesRead } = await file
      .read(Buffer.allocUnsafe(length), 0, length, at)
      .catch((error: unknown) => {
        throw unreadable(path, error)
      })
    if (bytesRead === 0) throw archiveInvalid('it ends too early', path)
    yield buffer.subarray(0, bytesRead)
    at += bytesRead
  }
}

function unreadable(path: string, error: unknown) {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
  return archiveInvalid('it cannot be read', path, [{ fact: 'error-code', value: code }])
}
