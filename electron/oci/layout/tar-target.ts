import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { createTarPacker } from 'modern-tar'
import { blobPath, layoutMarker, layoutPaths } from './layout-format.ts'
import { entryOf, type LayoutEntry, type LayoutTarget, mergeEntries, unwritable } from './layout-target.ts'

/** Not now: the same content always makes the same archive. */
const epoch = new Date(0)

/**
 * Writes an OCI image layout as a tar at `path`, as a stream: blobs one after the other with the sizes their
 * descriptors have, index.json last. It is written beside and moved over what was there, so that a crash or a
 * cancel leaves no half of it.
 */
export function tarTarget(path: string, options: { imageName?: string } = {}): LayoutTarget {
  const name = basename(path)
  const beside = `${path}.${randomUUID()}.part`
  const written = new Set<string>()
  const entries: LayoutEntry[] = []
  const { readable, controller } = createTarPacker()
  const file = createWriteStream(beside, { flags: 'wx', mode: 0o644, flush: true })
  const done = pipeline(Readable.fromWeb(readable as ReadableStream<Uint8Array>), file)
  // told to whoever writes or finishes
  done.catch(() => undefined)

  const add = async (
    entry: { name: string; size: number },
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    onSent: (bytes: number) => void = () => undefined,
  ): Promise<void> => {
    try {
      const writer = controller.add({ ...entry, type: 'file', mode: 0o644, mtime: epoch }).getWriter()
      let sent = 0
      for await (const chunk of chunks) {
        await writer.write(chunk)
        sent += chunk.length
        onSent(sent)
      }
      await writer.close()
    } catch (error) {
      controller.error(error)
      throw unwritable(error, name)
    }
  }
  const addBytes = (name: string, bytes: Uint8Array) => add({ name, size: bytes.length }, [bytes])

  return {
    name,
    parallel: 1,
    hasManifest: async () => false,
    putBlob: async (blob, onSent) => {
      if (written.has(blob.digest)) return 'skipped'
      await add(
        { name: blobPath(blob.digest), size: blob.size },
        blob.stream() as AsyncIterable<Uint8Array>,
        onSent,
      )
      written.add(blob.digest)
      return 'copied'
    },
    putManifest: async (manifest, as) => {
      const { digest, bytes } = manifest
      if (!written.has(digest)) await addBytes(blobPath(digest), bytes)
      written.add(digest)
      const entry = entryOf(manifest, as, options.imageName)
      if (entry !== undefined) entries.push(entry)
    },
    finish: async () => {
      const index = { schemaVersion: 2, manifests: mergeEntries([], entries) }
      await addBytes(layoutPaths.marker, Buffer.from(layoutMarker))
      await addBytes(layoutPaths.index, Buffer.from(JSON.stringify(index)))
      try {
        controller.finalize()
        await done
        await rename(beside, path)
      } catch (error) {
        throw unwritable(error, name)
      }
    },
    abandon: async () => {
      controller.error(new DOMException('The export was given up.', 'AbortError'))
      await done.catch(() => undefined)
      await rm(beside, { force: true })
    },
  }
}
