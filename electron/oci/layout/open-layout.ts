import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, open, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { FailureError } from '../../../shared/model/failure.ts'
import { failureError } from '../../../shared/model/local-failure.ts'
import type { ContentSource } from '../copy/content.ts'
import { archiveInvalid, archiveTooLarge } from './archive-failure.ts'
import { dockerArchiveSource } from './docker-archive.ts'
import { layoutPaths } from './layout-format.ts'
import { layoutSource } from './layout-source.ts'
import { openFolder, openTar, type StoredFiles } from './stored-files.ts'

const GiB = 1024 ** 3
/** Bytes a gzipped archive, or a gzipped layer of one, may unpack to where nothing else is said. */
export const defaultMaxUnpacked = 32 * GiB

export interface OpenedLayout {
  source: ContentSource
  /** Lets go of the file and of what was unpacked. */
  close(): Promise<void>
}

/**
 * Opens what lies at `path`: an OCI image layout as a folder, a tar or a tar.gz, or what `docker save` wrote. Where
 * an archive is both, as docker 25 and newer write it, the layout counts. A tar is read in place; a gzipped one is
 * unpacked to a file in `temporary` first. Throws a FailureError: `no-such-item`, `archive-invalid` or
 * `file-too-large`.
 */
export async function openLayout(
  path: string,
  options: { temporary: string; maxUnpacked?: number; signal?: AbortSignal | undefined },
): Promise<OpenedLayout> {
  const name = basename(path)
  const { signal, temporary, maxUnpacked = defaultMaxUnpacked } = options
  const closing: Array<() => Promise<void>> = []
  const close = async (): Promise<void> => {
    for (const step of closing.toReversed()) await step()
  }
  try {
    let files: StoredFiles
    if ((await stat(path)).isDirectory()) files = await openFolder(path)
    else if (await isGzip(path)) {
      await mkdir(temporary, { recursive: true })
      const directory = await mkdtemp(join(temporary, 'unpacked-'))
      const remove = () => rm(directory, { recursive: true, force: true })
      closing.push(remove)
      const tar = join(directory, 'archive.tar')
      await unpack(path, tar, maxUnpacked, signal)
      files = await openTar(tar)
      // an open file needs no name, and a crash then leaves nothing; Windows keeps it until it is closed
      await remove().catch(() => undefined)
    } else files = await openTar(path)
    closing.push(() => files.close())
    if ((await files.size(layoutPaths.marker)) !== undefined) {
      return { source: await layoutSource(files, name), close }
    }
    if ((await files.size(layoutPaths.dockerManifest)) !== undefined) {
      return { source: await dockerArchiveSource(files, { name, maxUnpacked, signal }), close }
    }
    throw archiveInvalid(`${name} is neither an OCI image layout nor what docker save writes.`)
  } catch (error) {
    await close()
    throw explained(error, name)
  }
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path, 'r')
  try {
    // a pipe or a device is nothing to be read in place
    if (!(await file.stat()).isFile()) throw archiveInvalid('It is neither a file nor a folder.')
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0)
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b
  } finally {
    await file.close()
  }
}

async function unpack(from: string, to: string, maxBytes: number, signal?: AbortSignal): Promise<void> {
  const bounded = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let bytes = 0
    for await (const chunk of chunks) {
      bytes += chunk.length
      if (bytes > maxBytes) throw archiveTooLarge('It unpacks to too much', maxBytes)
      yield chunk
    }
  }
  const file = createWriteStream(to, { mode: 0o600 })
  await pipeline(
    createReadStream(from),
    createGunzip(),
    bounded,
    file,
    signal === undefined ? {} : { signal },
  )
}

/** What the disk and zlib say, as a Failure. */
function explained(error: unknown, name: string): unknown {
  if (error instanceof FailureError) return error
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') {
    return failureError('no-such-item', 'input', `There is no file or folder ${name}.`, {
      next: ['choose-another-file'],
    })
  }
  if (code?.startsWith('Z_') === true) return archiveInvalid('The gzip data is invalid or ends too early.')
  if (code === 'ABORT_ERR' || code === undefined) return error
  return archiveInvalid(`${name} cannot be read.`, undefined, [{ fact: 'error-code', value: code }])
}
