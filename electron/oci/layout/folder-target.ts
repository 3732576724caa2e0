import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { failureError } from '../../../shared/model/local-failure.ts'
import { jsonOf } from '../refusal.ts'
import { blobOfBytes } from '../upload/blob-source.ts'
import { archiveInvalid } from './archive-failure.ts'
import { blobPath, layoutIndexSchema, layoutMarker, layoutPaths } from './layout-format.ts'
import type { LayoutIndex } from './layout-format.ts'
import {
  entryOf,
  type LayoutEntry,
  type LayoutTarget,
  mergeEntries,
  tagOf,
  unwritable,
} from './layout-target.ts'
import { writeGathered } from './write-gathered.ts'

/** Files that are written at the same time: a disk brings several to safety at the cost of one. */
const parallel = 6

/**
 * Writes an OCI image layout to the folder `directory`, made where it is not there; a layout that is there is added
 * to. Every file is written beside and moved into place, index.json last, so that a crash leaves the layout as it
 * was. Throws a FailureError: `input-invalid` where the folder has other things in it.
 */
export async function folderTarget(
  directory: string,
  options: { imageName?: string } = {},
): Promise<LayoutTarget> {
  const name = basename(directory)
  const incoming = join(directory, `.incoming-${randomUUID()}`)
  const added: LayoutEntry[] = []
  const guarded = async <T>(job: () => Promise<T>): Promise<T> => {
    try {
      return await job()
    } catch (error) {
      throw unwritable(error, name)
    }
  }
  const write = async (
    path: string,
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    size: number,
  ): Promise<void> => {
    const beside = join(incoming, randomUUID())
    const file = await open(beside, 'wx', 0o644)
    try {
      await writeGathered(file, chunks, size)
      await file.sync()
    } finally {
      await file.close()
    }
    await mkdir(dirname(join(directory, path)), { recursive: true })
    await rename(beside, join(directory, path))
  }
  const writeBytes = (path: string, bytes: Uint8Array) => write(path, [bytes], bytes.length)
  const has = async (digest: string, size?: number): Promise<boolean> => {
    const found = await stat(join(directory, blobPath(digest))).catch(() => undefined)
    return found?.isFile() === true && (size === undefined || found.size === size)
  }

  const made = await guarded(() => prepare(directory, name))
  const before = await guarded(() => readIndex(directory))
  await guarded(() => mkdir(incoming))

  return {
    name,
    parallel,
    hasManifest: async (digest, { role, reference }) => {
      if (!(await has(digest))) return false
      return (
        role === 'child' ||
        before.manifests.some(
          (entry) => entry.digest === digest && (reference === undefined || tagOf(entry) === reference),
        )
      )
    },
    putBlob: (blob, onSent) =>
      guarded(async () => {
        if (await has(blob.digest, blob.size)) return 'skipped'
        let sent = 0
        const counted = async function* (): AsyncGenerator<Uint8Array> {
          for await (const chunk of blob.stream() as AsyncIterable<Uint8Array>) {
            yield chunk
            sent += chunk.length
            onSent(sent)
          }
        }
        await write(blobPath(blob.digest), counted(), blob.size)
        return 'copied'
      }),
    putManifest: (manifest, as) =>
      guarded(async () => {
        const blob = blobOfBytes(manifest.bytes, manifest.digest)
        if (!(await has(blob.digest, blob.size))) await writeBytes(blobPath(blob.digest), manifest.bytes)
        const entry = entryOf(manifest, as, options.imageName)
        if (entry !== undefined) added.push(entry)
      }),
    finish: () =>
      guarded(async () => {
        if (added.length > 0) {
          // read again: another export may have finished meanwhile
          const now = await readIndex(directory)
          const index: LayoutIndex = { ...now, manifests: mergeEntries(now.manifests, added) }
          await writeBytes(layoutPaths.marker, Buffer.from(layoutMarker))
          await writeBytes(layoutPaths.index, Buffer.from(JSON.stringify(index)))
        }
        await rm(incoming, { recursive: true, force: true })
      }),
    abandon: async () => {
      await rm(incoming, { recursive: true, force: true })
      // it goes only where it is empty
      if (made) await rmdir(directory).catch(() => undefined)
    },
  }
}

/** Makes the folder, or says false where it is there; then it is empty or a layout. */
async function prepare(directory: string, name: string): Promise<boolean> {
  const made = (await mkdir(directory, { recursive: true })) !== undefined
  const there = await readdir(directory)
  const isOurs = there.every((file) => file.startsWith('.incoming-') || file === 'blobs')
  if (isOurs || there.includes(layoutPaths.marker)) return made
  throw failureError(
    'input-invalid',
    'input',
    `The folder ${name} has other things in it: a new or empty one, or an OCI image layout is needed.`,
    { next: ['choose-another-file'] },
  )
}

async function readIndex(directory: string): Promise<LayoutIndex> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(join(directory, layoutPaths.index))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return { schemaVersion: 2, manifests: [] }
  }
  const index = layoutIndexSchema.safeParse(jsonOf(bytes)).data
  if (index === undefined) throw archiveInvalid('it is no image index', layoutPaths.index)
  return index
}
