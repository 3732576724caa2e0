import { describe, expect, it } from 'vitest'
import { growthBetween } from '../../../electron/mirrors/metrics/growth.ts'
import type { AgentSample, Histogram } from '../../../electron/mirrors/metrics/sample.ts'

const times = (count: number, fast = count): Histogram => ({
  bounds: [0.1, 1],
  counts: [fast, count],
  sum: count,
  count,
})

const before: AgentSample = {
  startedAt: 1_784_099_921_250,
  lastSuccessAt: 1_784_099_999_000,
  counts: [
    { registry: 'docker.io', hits: 3, misses: 5 },
    { registry: 'ghcr.io', hits: 1, misses: 0 },
  ],
  answers: [
    { code: '200', method: 'GET', count: 4 },
    { code: '404', method: 'GET', count: 5 },
  ],
  served: times(4),
  notFound: times(5, 2),
  bytes: 1000,
  resolve: times(1),
  readiness: { ready: 7, notReady: 1 },
  peers: 2,
  advertised: [{ what: 'keys', registry: 'docker.io', count: 9 }],
  traits: [],
}

const {
  startedAt: _start,
  lastSuccessAt: _success,
  peers: _peers,
  advertised: _gauges,
  traits: _traits,
  ...totals
} = before

describe('growthBetween', () => {
  it('is what was counted in between', () => {
    const after: AgentSample = {
      ...before,
      counts: [
        { registry: 'docker.io', hits: 4, misses: 7 },
        { registry: 'ghcr.io', hits: 1, misses: 0 },
        { registry: 'quay.io', hits: 0, misses: 1 },
      ],
      answers: [
        { code: '200', method: 'GET', count: 4 },
        { code: '404', method: 'GET', count: 8 },
        { code: '500', method: 'GET', count: 1 },
      ],
      notFound: times(8, 4),
      bytes: 1500,
      readiness: { ready: 9, notReady: 1 },
      // gauges move as they like
      peers: 0,
      advertised: [],
    }
    expect(growthBetween(before, after)).toEqual({
      restarted: false,
      growth: {
        counts: [
          { registry: 'docker.io', hits: 1, misses: 2 },
          { registry: 'quay.io', hits: 0, misses: 1 },
        ],
        answers: [
          { code: '404', method: 'GET', count: 3 },
          { code: '500', method: 'GET', count: 1 },
        ],
        served: times(0),
        notFound: times(3, 2),
        bytes: 500,
        resolve: times(0),
        readiness: { ready: 2, notReady: 0 },
      },
    })
  })

  it('counts what appears from zero', () => {
    const fresh: AgentSample = { startedAt: before.startedAt ?? 0, counts: [], advertised: [], traits: [] }
    expect(growthBetween(fresh, before)).toEqual({ restarted: false, growth: totals })
  })

  it('leaves absent what was not measured', () => {
    const fresh: AgentSample = { counts: [], advertised: [], traits: [] }
    expect(growthBetween(fresh, fresh)).toEqual({ restarted: false, growth: { counts: [] } })
  })

  it('takes a start that moved with the correction of a clock for the same', () => {
    for (const drift of [-2000, 2000]) {
      expect(growthBetween(before, { ...before, startedAt: (before.startedAt ?? 0) + drift }).restarted).toBe(
        false,
      )
    }
  })

  const { served: _served, ...withoutServed } = before
  it.each<[string, AgentSample]>([
    ['a start that moved on', { ...before, startedAt: (before.startedAt ?? 0) + 2001 }],
    ['a start that moved back', { ...before, startedAt: (before.startedAt ?? 0) - 2001 }],
    ['fewer hits', { ...before, counts: before.counts.map((one) => ({ ...one, hits: 0 })) }],
    ['fewer misses', { ...before, counts: before.counts.map((one) => ({ ...one, misses: 0, hits: 100 })) }],
    ['a registry that is gone', { ...before, counts: before.counts.slice(1) }],
    ['an answer that is gone', { ...before, answers: [] }],
    ['fewer answers', { ...before, answers: (before.answers ?? []).map((one) => ({ ...one, count: 1 })) }],
    ['fewer observations', { ...before, notFound: times(4) }],
    ['a bucket that fell', { ...before, notFound: times(6, 1) }],
    ['other buckets', { ...before, resolve: { bounds: [5], counts: [1], sum: 1, count: 1 } }],
    ['fewer bytes', { ...before, bytes: 999 }],
    ['fewer probes', { ...before, readiness: { ready: 6, notReady: 2 } }],
    ['a histogram that is gone', withoutServed],
  ])('takes %s for a restart, and counts from zero', (_, after) => {
    const { growth, restarted } = growthBetween(before, after)
    expect(restarted).toBe(true)
    expect(growth.counts).toEqual(after.counts.filter(({ hits, misses }) => hits + misses > 0))
    expect(growth.bytes).toBe(after.bytes)
    expect(growth.notFound).toEqual(after.notFound)
  })

  it('sees no restart where only one reading says when it began', () => {
    const { startedAt: _, ...unknown } = before
    expect(growthBetween(unknown, before).restarted).toBe(false)
    expect(growthBetween(before, unknown).restarted).toBe(false)
  })
})
