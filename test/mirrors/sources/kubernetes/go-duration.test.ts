import fc from 'fast-check'
import { expect, test } from 'vitest'
import { goMilliseconds } from '../../../../electron/mirrors/sources/kubernetes/go-duration.ts'

test.each([
  ['20ms', 20],
  ['1s', 1000],
  ['1m30s', 90_000],
  ['2h45m', 9_900_000],
  ['1.5s', 1500],
  ['.5s', 500],
  ['100us', 0.1],
  ['100µs', 0.1],
  ['1000000ns', 1],
])('%s is %d ms', (text, milliseconds) => {
  expect(goMilliseconds(text)).toBeCloseTo(milliseconds)
})

test.each(['', '20', 'ms', '20 ms', '-1s', '1d', '1s2', 's1'])('"%s" is no duration', (text) => {
  expect(goMilliseconds(text)).toBeUndefined()
})

test('whole hours, minutes and seconds add up', () => {
  fc.assert(
    fc.property(fc.nat(99), fc.nat(59), fc.nat(59), (h, m, s) => {
      expect(goMilliseconds(`${h}h${m}m${s}s`)).toBe(((h * 60 + m) * 60 + s) * 1000)
    }),
  )
})
