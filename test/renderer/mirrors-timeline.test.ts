import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { brushedByKey, brushOf, brushOver, stepAt } from '../../renderer/mirrors/timeline/brush.ts'
import { dayLong, rangeOf, spanOf, ticksOf, timelineOf } from '../../renderer/mirrors/timeline/span.ts'

const minute = 60_000

describe('the timeline', () => {
  it('reaches back as far as the window asks for, in whole steps, the newest not over yet', () => {
    const now = Date.UTC(2026, 10, 22, 11, 7, 30)
    expect(rangeOf(spanOf('1h'), now)).toEqual({
      from: Date.UTC(2026, 10, 22, 10, 8),
      to: Date.UTC(2026, 10, 22, 11, 8),
    })
    expect(spanOf('5m')).toEqual(spanOf('1h'))
    expect(rangeOf(dayLong, now).to).toBe(Date.UTC(2026, 10, 22, 11, 15))
    expect(spanOf('7d').length / spanOf('7d').step).toBe(84)
  })

  it('has a bar a step, and no data where no point is: that is not zero', () => {
    const range = { from: 0, to: 4 * minute }
    const { bars } = timelineOf(
      {
        ...range,
        step: minute,
        points: [
          {
            at: 0,
            hits: 30,
            misses: 10,
            restarts: 0,
            answers: { ok: 30, notFound: 10, serverFaults: 2, other: 0 },
          },
          { at: minute, hits: 0, misses: 20, restarts: 0 },
          { at: 2 * minute, restarts: 1 },
        ],
      },
      range,
      minute,
    )
    expect(
      bars.map(({ hits, hitHeight, missHeight, serverFaults }) => [
        hits,
        hitHeight,
        missHeight,
        serverFaults,
      ]),
    ).toEqual([
      [30, 0.75, 0.25, 2],
      [0, 0, 0.5, 0],
      [undefined, 0, 0, 0],
      [undefined, 0, 0, 0],
    ])
    expect(timelineOf(undefined, range, minute).bars).toHaveLength(4)
  })

  it('takes the step of the series where that is longer than asked for', () => {
    const range = { from: 62 * minute, to: 122 * minute }
    const points = [{ at: 60 * minute, hits: 5, misses: 5, restarts: 0 }]
    const timeline = timelineOf({ ...range, step: 5 * minute, points }, range, minute)
    expect(timeline).toMatchObject({ from: 60 * minute, to: 125 * minute, step: 5 * minute })
    expect(timeline.bars).toHaveLength(13)
    expect(timeline.bars[0]).toMatchObject({ hits: 5, hitHeight: 0.5 })
  })

  it('writes moments on its axis that are round where the reader lives', () => {
    const from = new Date(2026, 10, 21, 11, 15).getTime()
    const ticks = ticksOf({ from, to: from + dayLong.length }, dayLong.tick)
    expect(ticks).toHaveLength(8)
    expect(ticks.every((at) => new Date(at).getMinutes() === 0 && new Date(at).getHours() % 3 === 0)).toBe(
      true,
    )
  })
})

describe('the brush', () => {
  it('knows the step under a pointer, and takes both ends of a drag either way', () => {
    expect([stepAt(-5, 100, 10), stepAt(0, 100, 10), stepAt(55, 100, 10), stepAt(100, 100, 10)]).toEqual([
      0, 0, 5, 9,
    ])
    expect(stepAt(5, 0, 10)).toBe(0)
    expect(brushOver(3, 3)).toEqual({ from: 3, to: 4 })
    expect(brushOver(7, 3)).toEqual(brushOver(3, 7))
  })

  it('moves by arrows, its end with Shift, and begins with the newest step', () => {
    const press = (key: string, shiftKey = false) => brushedByKey({ from: 4, to: 6 }, { key, shiftKey }, 10)
    expect(brushedByKey(undefined, { key: 'ArrowLeft', shiftKey: false }, 10)).toEqual({ from: 9, to: 10 })
    expect(press('ArrowLeft')).toEqual({ from: 3, to: 5 })
    expect(press('ArrowRight', true)).toEqual({ from: 4, to: 7 })
    expect(press('ArrowLeft', true)).toEqual({ from: 4, to: 5 })
    expect(press('Home')).toEqual({ from: 0, to: 2 })
    expect(press('End')).toEqual({ from: 8, to: 10 })
    expect(press('End', true)).toEqual({ from: 4, to: 10 })
    expect(press('x')).toBeUndefined()
  })

  it('always chooses at least one step of those that are there', () => {
    const key = fc.record({
      key: fc.constantFrom('ArrowLeft', 'ArrowRight', 'Home', 'End'),
      shiftKey: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(key), fc.integer({ min: 1, max: 200 }), (keys, count) => {
        let brush: { from: number; to: number } | undefined
        for (const one of keys) {
          brush = brushedByKey(brush, one, count)
          expect(brush?.from).toBeGreaterThanOrEqual(0)
          expect(brush?.to).toBeLessThanOrEqual(count)
          expect((brush?.to ?? 0) - (brush?.from ?? 0)).toBeGreaterThanOrEqual(1)
        }
      }),
    )
  })

  it('shows of a range of time what is on the timeline', () => {
    const timeline = { from: 0, to: 10 * minute }
    expect(brushOf({ from: 2 * minute, to: 4 * minute }, timeline, minute)).toEqual({ from: 2, to: 4 })
    expect(brushOf({ from: -9 * minute, to: 90 * minute }, timeline, minute)).toEqual({ from: 0, to: 10 })
    expect(brushOf({ from: 2.4 * minute, to: 2.6 * minute }, timeline, minute)).toEqual({ from: 2, to: 3 })
    expect(brushOf({ from: 20 * minute, to: 30 * minute }, timeline, minute)).toBeUndefined()
  })
})
