import { expect, test } from 'vitest'
import { earliestOf, latestOf } from '../../../electron/mirrors/findings/version-range.ts'

test.each([
  ['0.0.20', '0.0.20', true],
  ['0.0.30', '0.0.20', false],
  ['0.3', '0.3', true],
  ['0.2 to 0.3', '0.3', true],
  ['0.3 to 0.4', '0.3', false],
  ['0.7', '0.7.4', false],
  ['0.7.4', '0.7.4', true],
  ['', '0.3', false],
  [undefined, '0.3', false],
])('%s is at most %s: %s', (range, limit, expected) => {
  expect(latestOf(range, limit)).toBe(expected)
})

test.each([
  ['0.4', '0.4', true],
  ['0.4 to 0.5', '0.4', true],
  ['0.3 to 0.4', '0.4', false],
  ['0.7.4', '0.4', true],
  [undefined, '0.4', false],
])('%s is at least %s: %s', (range, limit, expected) => {
  expect(earliestOf(range, limit)).toBe(expected)
})
