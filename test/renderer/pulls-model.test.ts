import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { axisOf } from '../../renderer/parts/axis.ts'
import { type Bar, placeBars } from '../../renderer/parts/waterfall-layout.ts'
import { lanesOf, tellingAttempt, wordsOf } from '../../renderer/pulls/attempts.ts'
import { localFailure } from '../../shared/model/local-failure.ts'
import type { PullAttempt, PullVerdict } from '../../shared/model/pull.ts'

function attempt(fields: Partial<PullAttempt>): PullAttempt {
  return {
    host: 'mirror:30020',
    role: 'mirror',
    step: 'resolve',
    method: 'HEAD',
    url: 'http://mirror:30020/v2/',
    start: 0,
    duration: 10,
    status: 404,
    answeredBy: 'mirror',
    outcome: 'not-here',
    ...fields,
  }
}

const attempts = [
  attempt({}),
  attempt({ host: 'upstream', role: 'upstream', outcome: 'served', status: 200 }),
  attempt({ step: 'blob', method: 'GET' }),
  attempt({ host: 'upstream', role: 'upstream', step: 'blob', outcome: 'fault', status: 403 }),
]

describe('the attempts of a walk', () => {
  it('gives each host one lane, in the order they were asked', () => {
    const words = { role: ({ role }: PullAttempt) => role, caption: () => '', noStatus: '-' }
    expect(lanesOf(attempts, words).map(({ id, note }) => [id, note])).toEqual([
      ['mirror:30020', 'mirror'],
      ['upstream', 'upstream'],
    ])
  })

  it('finds the attempt a verdict is about', () => {
    const verdict = (fields: Partial<PullVerdict>): PullVerdict => ({
      kind: 'upstream-refuses',
      message: '',
      next: [],
      ...fields,
    })
    expect(tellingAttempt(attempts, verdict({ host: 'upstream', step: 'blob' }))).toBe(3)
    expect(tellingAttempt(attempts, verdict({ host: 'mirror:30020', step: 'resolve' }))).toBe(0)
    expect(tellingAttempt(attempts.slice(0, 2), verdict({ kind: 'pull-works' }))).toBe(1)
    expect(tellingAttempt([], undefined)).toBe(-1)
  })

  it('quotes what the other side said', () => {
    const failure = {
      ...localFailure('denied', 'pull', 'Denied.'),
      ociErrors: [{ code: 'DENIED', message: 'no pull.' }],
    }
    expect(wordsOf(attempt({ failure }))).toBe('DENIED: no pull')
    expect(wordsOf(attempt({}))).toBeUndefined()
  })
})

describe('the waterfall', () => {
  const lane = { id: 'a', title: 'a', note: '' }
  const bars = fc.array(
    fc.record({
      start: fc.integer({ min: 0, max: 5000 }),
      duration: fc.integer({ min: 0, max: 3000 }),
      caption: fc.string({ maxLength: 30 }),
    }),
    { maxLength: 40 },
  )

  it('never draws one bar over another and keeps all of them inside the track', () => {
    fc.assert(
      fc.property(bars, fc.integer({ min: 200, max: 2000 }), (drawn, width) => {
        const given = drawn.map((bar, index): Bar => ({
          ...bar,
          id: String(index),
          lane: 'a',
          tone: 'good',
          text: '200',
        }))
        const end = Math.max(1, ...given.map(({ start, duration }) => start + duration))
        const [placed] = placeBars([lane], given, end, width)
        expect(placed?.bars).toHaveLength(given.length)
        for (const bar of placed?.bars ?? []) {
          expect(bar.x).toBeGreaterThanOrEqual(0)
          expect(bar.x + bar.width).toBeLessThanOrEqual(width + 0.001)
          expect(bar.row).toBeLessThan(placed?.rows ?? 0)
          for (const other of placed?.bars ?? []) {
            const apart = other.x >= bar.x + bar.width || bar.x >= other.x + other.width
            expect(other.id === bar.id || other.row !== bar.row || apart).toBe(true)
          }
        }
      }),
    )
  })

  it('marks its axis at round values, few of them, the last at or before the end', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e7, noNaN: true }), (extent) => {
        const { end, ticks } = axisOf(extent)
        expect(ticks[0]).toBe(0)
        expect(ticks.length).toBeLessThanOrEqual(8)
        expect(ticks.at(-1)).toBeLessThanOrEqual(end)
      }),
    )
    expect(axisOf(500).ticks).toEqual([0, 100, 200, 300, 400, 500])
  })
})
