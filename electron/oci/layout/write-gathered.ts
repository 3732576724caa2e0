import type { FileHandle } from 'node:fs/promises'

/** Bytes that go to the disk at once. */
const slabBytes = 512 * 1024

/**
 * Writes `chunks` to `file` from where it stands, gathered in two buffers of half a MiB at most: one is filled while
 * the other is on its way to the disk, so that neither the network nor the disk waits for the other. A chunk is copied
 * before the next is asked for. `size` is what is expected in bytes: less than a buffer's worth takes no more than
 * that. Throws what the disk or the source throws.
 */
export async function writeGathered(
  file: FileHandle,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  size: number,
): Promise<void> {
  const bytes = Math.max(1, Math.min(size, slabBytes))
  let filling: Buffer | undefined
  let spare: Buffer | undefined
  let filled = 0
  let writing: Promise<void> = Promise.resolve()
  const flush = async (): Promise<void> => {
    await writing
    if (filling === undefined) return
    writing = file.writeFile(filling.subarray(0, filled))
    // it is told when the next is written, or at the end
    writing.catch(() => undefined)
    ;[filling, spare] = [spare, filling]
    filled = 0
  }
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      filling ??= Buffer.allocUnsafeSlow(bytes)
      const piece = chunk.subarray(at, at + bytes - filled)
      filling.set(piece, filled)
      filled += piece.length
      at += piece.length
      if (filled === bytes) await flush()
    }
  }
  if (filled > 0) await flush()
  await writing
}
