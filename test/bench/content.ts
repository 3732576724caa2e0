import { createCipheriv, createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { imageOf, layoutOfFile, sha256, tarLayer, writeLayout } from '../lab/samples.ts'

const mebibyte = 1024 * 1024

export const tag = 'bench'

/** Bytes that cannot be compressed, the same for the same `seed`, as quickly as a disk takes them. */
function keystream(seed: number): (bytes: number) => Uint8Array {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16))
  return (bytes) => cipher.update(Buffer.alloc(bytes))
}

/** An image of one layer of `size` mebibytes. */
export async function writeLarge(directory: string, size: number): Promise<void> {
  const path = `${directory}.layer`
  const next = keystream(1)
  const hash = createHash('sha256')
  const file = await open(path, 'w')
  for (let written = 0; written < size; written += 1) {
    const bytes = next(mebibyte)
    hash.update(bytes)
    await file.writeFile(bytes)
  }
  await file.close()
  const digest = `sha256:${hash.digest('hex')}`
  const layer = { path, size: size * mebibyte, digest, mediaType: tarLayer, diffId: digest }
  await layoutOfFile(directory, layer, tag)
}

/** An image of `count` layers of 16 KiB. */
export async function writeMany(directory: string, count: number): Promise<void> {
  const next = keystream(2)
  const layers = Array.from({ length: count }, () => {
    const bytes = next(16 * 1024)
    return { mediaType: tarLayer, bytes, diffId: sha256(bytes) }
  })
  await writeLayout(directory, imageOf(layers), tag)
}
