import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BrokenBytesError, ByteReader, ByteWriter } from '../../../electron/mirrors/history/bytes.ts'

const numbers = fc.array(
  fc.oneof(
    fc.nat(300),
    fc.maxSafeNat(),
    fc.double(),
    fc.constantFrom(0, -0, 1, 127, 128, 2 ** 52 - 1, 2 ** 52, 2 ** 52 + 1, 2 ** 53 - 1, -1, NaN, Infinity),
  ),
  { maxLength: 3000 },
)

describe('numbers as bytes', () => {
  it('are the same again', () => {
    fc.assert(
      fc.property(numbers, (list) => {
        const writer = new ByteWriter()
        for (const each of list) writer.number(each)
        const reader = new ByteReader(writer.written().slice())
        expect(list.map(() => reader.number())).toEqual(list)
        expect(reader.ended).toBe(true)
      }),
    )
  })

  it('take one byte when they are small and at most nine', () => {
    const length = (value: number) => {
      const writer = new ByteWriter()
      writer.number(value)
      return writer.written().length
    }
    expect([0, 126, 127, 16_382, 16_383, 2 ** 52, 0.5].map(length)).toEqual([1, 1, 2, 2, 3, 8, 9])
  })

  it('can be skipped as a part', () => {
    const part = new ByteWriter()
    for (let index = 0; index < 5000; index++) part.number(index)
    const writer = new ByteWriter()
    writer.part(part)
    writer.number(7)
    part.clear()
    part.number(1)
    const reader = new ByteReader(writer.written())
    reader.skip(reader.number())
    expect(reader.number()).toBe(7)
    expect(part.written()).toHaveLength(1)
  })

  it('are refused where they end too early', () => {
    const writer = new ByteWriter()
    for (const each of [1_000_000, 0.5]) writer.number(each)
    const bytes = writer.written()
    for (let length = 0; length < bytes.length; length++) {
      const reader = new ByteReader(bytes.subarray(0, length))
      expect(() => [reader.number(), reader.number()]).toThrow(BrokenBytesError)
    }
    const many = new ByteWriter()
    many.number(5)
    many.number(1)
    expect(() => new ByteReader(many.written()).count()).toThrow(BrokenBytesError)
  })
})
