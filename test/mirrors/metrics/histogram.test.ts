import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  histogramBetween,
  percentilesOf,
  sumOfHistograms,
} from '../../../electron/mirrors/metrics/histogram.ts'
import type { Histogram } from '../../../electron/mirrors/metrics/sample.ts'

const histogram = (bounds: number[], counts: number[], count: number, sum = 0): Histogram => ({
  bounds,
  counts,
  sum,
  count,
})

describe('percentilesOf', () => {
  // expected: histogram_quantile of Prometheus over the same buckets
  it.each([
    ['inside a bucket, linearly', histogram([1, 2, 4], [0, 10, 20], 20), { p50: 2, p95: 3.8, p99: 3.96 }],
    ['from 0 in the first bucket', histogram([1, 2], [10, 10], 10), { p50: 0.5, p95: 0.95, p99: 0.99 }],
    ['over empty buckets', histogram([1, 2, 4, 8], [5, 5, 5, 10], 10), { p50: 1, p95: 7.6, p99: 7.92 }],
    ['below 0', histogram([-2, -1, 1], [4, 4, 4], 4), { p50: -2, p95: -2, p99: -2 }],
  ])('lie %s', (_, of, expected) => {
    const found = percentilesOf(of)
    expect(found).toMatchObject({ count: of.count, atLimit: false })
    for (const [name, value] of Object.entries(expected)) {
      expect(found?.[name as 'p50']).toBeCloseTo(value, 10)
    }
  })

  it('are the last bound where they lie above it, and say so', () => {
    expect(percentilesOf(histogram([1, 2], [50, 97], 100))).toEqual({
      count: 100,
      p50: 1,
      p95: expect.closeTo(1 + 45 / 47),
      p99: 2,
      atLimit: true,
    })
    expect(percentilesOf(histogram([1, 2], [0, 0], 5))).toMatchObject({ p50: 2, p99: 2, atLimit: true })
  })

  it('are nothing where nothing was observed, or no bound is there', () => {
    expect(percentilesOf(histogram([1, 2], [0, 0], 0))).toBeUndefined()
    expect(percentilesOf(histogram([], [], 7))).toBeUndefined()
  })

  it('rise, and stay within the bounds', () => {
    const steps = fc.array(fc.nat(50), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(steps, fc.nat(50), (inBuckets, above) => {
        let sum = 0
        const counts = inBuckets.map((each) => (sum += each))
        const bounds = counts.map((_, index) => 2 ** index)
        const found = percentilesOf(histogram(bounds, counts, sum + above))
        if (found === undefined) return
        expect(found.p50).toBeGreaterThanOrEqual(0)
        expect(found.p95).toBeGreaterThanOrEqual(found.p50)
        expect(found.p99).toBeGreaterThanOrEqual(found.p95)
        expect(found.p99).toBeLessThanOrEqual(bounds.at(-1) ?? 0)
      }),
    )
  })
})

describe('histograms added and taken from each other', () => {
  const before = histogram([1, 2], [3, 5], 6, 9)
  const after = histogram([1, 2], [4, 9], 12, 30)

  it('leave what was observed between', () => {
    expect(histogramBetween(before, after)).toEqual(histogram([1, 2], [1, 4], 6, 21))
  })

  it('leave nothing where the bounds are others', () => {
    expect(histogramBetween(before, histogram([1, 3], [4, 9], 12))).toBeUndefined()
    expect(histogramBetween(before, histogram([1], [4], 12))).toBeUndefined()
  })

  it('add up, and undo each other', () => {
    const between = histogramBetween(before, after)
    expect(between && sumOfHistograms([before, between])).toEqual(after)
    expect(sumOfHistograms([before])).toEqual(before)
    expect(sumOfHistograms([])).toBeUndefined()
  })

  it('add up at the bounds they share', () => {
    const other = histogram([0.5, 2, 4], [1, 2, 3], 4, 5)
    expect(sumOfHistograms([before, other])).toEqual(histogram([2], [7], 10, 14))
  })
})
