import { randomBytes } from 'node:crypto'
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { writeGathered } from '../../../electron/oci/layout/write-gathered.ts'

let directory: string
let path: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chartroom-gathered-'))
  path = join(directory, 'file')
})
afterEach(() => rm(directory, { recursive: true, force: true }))

async function write(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, size: number): Promise<void> {
  const file = await open(path, 'wx')
  try {
    await writeGathered(file, chunks, size)
  } finally {
    await file.close()
  }
}

function cut(bytes: Uint8Array, length: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / length) }, (_, index) =>
    bytes.subarray(index * length, (index + 1) * length),
  )
}

describe('writing a file from chunks', () => {
  test.each([
    { size: 0, chunk: 1 },
    { size: 1, chunk: 1 },
    { size: 1000, chunk: 7 },
    { size: 512 * 1024, chunk: 64 * 1024 },
    { size: 3_000_001, chunk: 65_521 },
    { size: 3_000_001, chunk: 2_000_000 },
  ])('$size bytes in chunks of $chunk are in the file, in their order', async ({ size, chunk }) => {
    const bytes = randomBytes(size)
    await write(cut(bytes, chunk), size)
    expect((await readFile(path)).equals(bytes)).toBe(true)
  })

  test('more bytes than were expected are written all the same', async () => {
    const bytes = randomBytes(100_000)
    await write(cut(bytes, 3000), 10_000)
    expect((await readFile(path)).equals(bytes)).toBe(true)
  })

  test('a source may use the memory of a chunk again when it is asked for the next', async () => {
    const bytes = randomBytes(2_000_000)
    const same = Buffer.alloc(100_000)
    await write(
      (function* () {
        for (const piece of cut(bytes, same.length)) {
          same.set(piece)
          yield same
        }
      })(),
      bytes.length,
    )
    expect((await readFile(path)).equals(bytes)).toBe(true)
  })

  test('what the disk refuses is thrown, and the source is ended', async () => {
    await writeFile(path, '')
    let ended = false
    const endless = (function* () {
      try {
        for (;;) yield new Uint8Array(300_000)
      } finally {
        ended = true
      }
    })()
    const file = await open(path, 'r')
    await expect(writeGathered(file, endless, Number.MAX_SAFE_INTEGER)).rejects.toMatchObject({
      code: 'EBADF',
    })
    await file.close()
    expect(ended).toBe(true)
  })

  test('what fails the source is thrown', async () => {
    const broken = (function* () {
      yield new Uint8Array(600_000)
      throw new Error('the source broke off')
    })()
    await expect(write(broken, 1_000_000)).rejects.toThrow('the source broke off')
  })
})
