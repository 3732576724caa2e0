import { expect, test } from 'vitest'
import { median } from './measure.ts'
import { tableOf } from './report.ts'

const mebibyte = 1024 * 1024

test('the median of an even count is between the two in the middle', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2])]).toEqual([2, 2.5])
})

test('ratios are to the fastest peer, with and without what starting a program costs', () => {
  const table = tableOf([
    { name: 'ours', isOurs: true, seconds: 3, start: 1, peak: 100 * mebibyte, growth: 30 * mebibyte },
    { name: 'slow peer', isOurs: false, seconds: 5, start: 0, peak: 20 * mebibyte },
    { name: 'fast peer', isOurs: false, seconds: 2.5, start: 0, peak: 10 * mebibyte },
  ])
  expect(table.split('\n').slice(2)).toEqual([
    '| ours | 3.00 | 1.20 | 0.80 | 100 | 30 |',
    '| slow peer | 5.00 | 2.00 | 2.00 | 20 |  |',
    '| fast peer | 2.50 | 1.00 | 1.00 | 10 |  |',
  ])
})
