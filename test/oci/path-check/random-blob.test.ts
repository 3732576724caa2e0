import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { randomBlob } from '../../../electron/oci/path-check/random-blob.ts'
import { failureIn } from '../../fakes/failure-in.ts'

const seed = Buffer.from('0123456789abcdef')
const size = 3 * 64 * 1024 + 5

test('the digest is that of the bytes, from memory and as a stream, each time anew', async () => {
  const blob = await randomBlob({ size, seed })
  const bytes = Buffer.from(await blob.read())
  expect(bytes.length).toBe(size)
  expect(blob.digest).toBe(`sha256:${createHash('sha256').update(bytes).digest('hex')}`)
  for (const _ of [1, 2]) expect((await buffer(blob.stream())).equals(bytes)).toBe(true)
})

test.each([1, 15, 16, 17, 64 * 1024 - 1, 64 * 1024 + 3, size - 1, size])(
  'a stream from byte %i on is the rest of them',
  async (start) => {
    const blob = await randomBlob({ size, seed })
    const rest = Buffer.from(await blob.read()).subarray(start)
    expect((await buffer(blob.stream(start))).equals(rest)).toBe(true)
  },
)

test('no two are alike unless their seed is, and none can be made smaller', async () => {
  const [one, other] = [await randomBlob({ size: 64 }), await randomBlob({ size: 64 })]
  expect(one.digest).not.toBe(other.digest)
  expect((await randomBlob({ size: 64, seed })).digest).toBe((await randomBlob({ size: 64, seed })).digest)
  const seen = new Set(await (await randomBlob({ size, seed })).read())
  expect(seen.size).toBe(256)
})

test('a cancel stops the digest of a large one', async () => {
  const stop = new AbortController()
  stop.abort()
  const making = randomBlob({ size: 1024 ** 3, signal: stop.signal })
  expect(await failureIn(making)).toMatchObject({ kind: 'cancelled' })
})
