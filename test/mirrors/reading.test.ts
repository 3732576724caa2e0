import { describe, expect, it } from 'vitest'
import type { Collected } from '../../electron/mirrors/collected.ts'
import type { Growth } from '../../electron/mirrors/history/history.ts'
import { rangeOf, readingOf } from '../../electron/mirrors/reading.ts'
import { localFailure } from '../../shared/model/local-failure.ts'
import type { MirrorWindow } from '../../shared/model/mirror.ts'

const now = 1_784_200_000_000
const start: MirrorWindow = { kind: 'start' }
const lastHour: MirrorWindow = { kind: 'last', seconds: 3600 }
const yesterday: MirrorWindow = { kind: 'between', from: now - 86_400_000, to: now - 80_000_000 }
const agent = { source: 's', id: 'a', name: 'node-1', address: '10.0.0.5:9090', demo: false }
const failure = localFailure('refused', 'scrape', 'nobody listens')
const sample = {
  counts: [
    { registry: 'docker.io', hits: 10, misses: 4 },
    { registry: 'quay.io', hits: 0, misses: 0 },
  ],
  answers: [
    { code: '200', method: 'GET', count: 7 },
    { code: '206', method: 'GET', count: 1 },
    { code: '404', method: 'HEAD', count: 4 },
    { code: '500', method: 'GET', count: 2 },
    { code: '502', method: 'GET', count: 1 },
    { code: '401', method: 'GET', count: 3 },
  ],
  startedAt: now - 7_200_000,
  lastSuccessAt: now - 5000,
  advertised: [],
  traits: [],
}
const answering: Collected = { agent, ok: true, sample, sampledAt: now }
const silent: Collected = { agent, ok: false, failure }
const growth: Growth = {
  counts: [{ registry: 'docker.io', hits: 2, misses: 1 }],
  covered: 900,
  restarts: 1,
}

describe('the range of a window', () => {
  it.each([
    [start, undefined],
    [lastHour, { from: now - 3_600_000, to: now }],
    [yesterday, { from: now - 86_400_000, to: now - 80_000_000 }],
    [{ kind: 'between', from: now - 1000, to: now + 5000 } as const, { from: now - 1000, to: now }],
  ])('%j', (window, expected) => {
    expect(rangeOf(window, now)).toEqual(expected)
  })
})

describe('the reading of an agent', () => {
  it('since its start is what it counts itself, over the time since then', () => {
    expect(readingOf(answering, start, growth)).toEqual({
      ...agent,
      ok: true,
      scrapedAt: now,
      startedAt: now - 7_200_000,
      lastSuccessAt: now - 5000,
      counts: [{ registry: 'docker.io', hits: 10, misses: 4 }],
      covered: 7200,
      restarts: 0,
      answers: { ok: 8, notFound: 4, serverFaults: 3, other: 3 },
    })
  })

  it('over a range is what it grew by, and how much of the range was measured', () => {
    const reading = readingOf(answering, lastHour, growth)
    expect(reading).toMatchObject({ ok: true, counts: growth.counts, covered: 900, restarts: 1 })
    expect(reading).not.toHaveProperty('answers')
  })

  it('has no counts where nothing was measured, which is not zero', () => {
    for (const reading of [readingOf(answering, lastHour, undefined), readingOf(silent, start, undefined)]) {
      expect(reading).toMatchObject({ covered: 0, restarts: 0 })
      expect(reading).not.toHaveProperty('counts')
    }
  })

  it('keeps the counts of who fails, with why', () => {
    const failing = { ...answering, ok: false, failure }
    expect(readingOf(failing, start, undefined)).toMatchObject({
      ok: false,
      failure,
      scrapedAt: now,
      counts: [{ hits: 10 }],
    })
  })

  it('of the past is not about who answers now', () => {
    const past = readingOf({ ...answering, ok: false, failure }, yesterday, growth)
    expect(past).toMatchObject({ ok: true, counts: growth.counts })
    expect(past).not.toHaveProperty('failure')
    expect(readingOf(silent, yesterday, undefined)).toMatchObject({ ok: false, failure })
  })
})
