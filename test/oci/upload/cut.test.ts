import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { beforeEach, expect, it } from 'vitest'
import { blobOfBytes } from '../../../electron/oci/upload/blob-source.ts'
import { createCutter, type Cutter } from '../../../electron/oci/upload/cut.ts'

const bytes = randomBytes(10_000)
let opened: Readable[]
let starts: number[]
let cutter: Cutter

beforeEach(() => {
  opened = []
  starts = []
  cutter = createCutter({
    ...blobOfBytes(bytes),
    // a source hands over pieces as it likes
    stream: (start = 0) => {
      const pieces = []
      for (let at = start; at < bytes.length; at += 700) pieces.push(bytes.subarray(at, at + 700))
      const stream = Readable.from(pieces)
      opened.push(stream)
      starts.push(start)
      return stream
    },
  })
})

it('cuts parts in sequence out of one reading of the source', async () => {
  const parts = []
  for (let at = 0; at < bytes.length; at += 3000) {
    parts.push(await buffer(cutter.part(at, Math.min(3000, bytes.length - at))))
  }
  expect(Buffer.concat(parts).equals(bytes)).toBe(true)
  expect(starts).toEqual([0])
})

it('reads the source anew from where the next part begins elsewhere, and lets go of the old one', async () => {
  await buffer(cutter.part(0, 3000))
  expect((await buffer(cutter.part(1234, 3000))).equals(bytes.subarray(1234, 4234))).toBe(true)
  expect(starts).toEqual([0, 1234])
  expect(opened[0]?.destroyed).toBe(true)
})

it('gives a part again that was broken off', async () => {
  for await (const _ of cutter.part(0, 3000)) break
  expect((await buffer(cutter.part(0, 3000))).equals(bytes.subarray(0, 3000))).toBe(true)
  expect(opened[0]?.destroyed).toBe(true)
})

it('lets go of the source when it is closed', async () => {
  await buffer(cutter.part(0, 3000))
  cutter.close()
  expect(opened[0]?.destroyed).toBe(true)
})

it('ends short where the source does', async () => {
  expect(await buffer(cutter.part(8000, 5000))).toHaveLength(2000)
})
