import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countedRange, seriesStep, spansOf, stepOf, tiers } from '../../../electron/mirrors/history/tiers.ts'
import { day, hour, minute, monday, second } from './samples.ts'

describe('steps', () => {
  it('end with the moment they are named for', () => {
    expect(stepOf(monday, hour)).toBe(monday - hour)
    expect(stepOf(monday + 1, hour)).toBe(monday)
    expect(stepOf(monday + hour, hour)).toBe(monday)
  })

  it('are whole multiples of the finer ones', () => {
    for (const [index, { step, coarser }] of tiers.entries()) {
      expect(coarser % step).toBe(0)
      expect(tiers[index + 1]?.step ?? coarser).toBe(coarser)
    }
  })
})

describe('spans of a range', () => {
  const since = [monday - hour, monday - 2 * day, 0]

  it('take whole hours, then 5 minutes, then 15 seconds', () => {
    const range = { from: monday - 58 * minute, to: monday + 2 * hour + 5 * minute + 30 * second }
    expect(spansOf(range, Infinity)).toEqual([
      { tier: 0, from: monday - 58 * minute, to: monday - 55 * minute },
      { tier: 1, from: monday - 55 * minute, to: monday },
      { tier: 2, from: monday, to: monday + 2 * hour },
      { tier: 1, from: monday + 2 * hour, to: monday + 2 * hour + 5 * minute },
      { tier: 0, from: monday + 2 * hour + 5 * minute, to: range.to },
    ])
  })

  it('take the step that is not over yet where nothing is younger', () => {
    const newest = monday + 7 * minute
    const counted = countedRange({ from: monday - day, to: newest + second }, since, newest)
    expect(counted).toEqual({ from: monday - day, to: newest + second })
    expect(spansOf(counted, newest)).toEqual([{ tier: 2, from: monday - day, to: monday + hour }])
  })

  it('follow each other without a hole', () => {
    const time = fc.integer({ min: monday - 10 * day, max: monday })
    fc.assert(
      fc.property(time, time, (one, other) => {
        const counted = countedRange(
          { from: Math.min(one, other), to: Math.max(one, other) },
          since,
          monday + day,
        )
        const spans = spansOf(counted, monday + day)
        let at = counted.from
        for (const { tier, from, to } of spans) {
          expect(from).toBe(at)
          expect(to).toBeGreaterThan(from)
          expect([from % (tiers[tier]?.step ?? 0), to % (tiers[tier]?.step ?? 0)]).toEqual([0, 0])
          expect(from).toBeGreaterThanOrEqual(since[tier] ?? 0)
          at = to
        }
        expect(at).toBe(counted.to)
      }),
    )
  })
})

describe('the step of a series', () => {
  it.each([
    [5 * minute, 300, 15 * second],
    [hour, 300, 15 * second],
    [hour, 60, minute],
    [day, 300, 5 * minute],
    [2 * hour, 2000, 5 * minute],
    [7 * day, 300, hour],
    [7 * day, 2000, hour],
    [30 * day, 300, 3 * hour],
    [30 * day, 10, 3 * day],
  ])('of %d ms in at most %d points is %d ms', (length, points, step) => {
    expect(seriesStep({ from: monday - length, to: monday }, points, monday)).toBe(step)
  })

  it('is the same for a range that took its time to get here', () => {
    expect(seriesStep({ from: monday - hour, to: monday }, 300, monday + 10 * second)).toBe(15 * second)
    expect(seriesStep({ from: monday - hour, to: monday }, 300, monday + minute)).toBe(5 * minute)
  })

  it('is not shorter than the pause between two rounds', () => {
    expect(seriesStep({ from: monday - 5 * minute, to: monday }, 300, monday, 40_000)).toBe(minute)
  })
})
