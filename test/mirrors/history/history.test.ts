import { statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sampleOf, toldHistory, day, hits, hour, minute, monday, second } from './samples.ts'

const histogram = (counts: number[], count: number, bounds = [0.1, 1, 10]) => ({
  bounds,
  counts,
  sum: count / 4,
  count,
})

describe('growth', () => {
  it('is what counters grew by between readings, by agent', () => {
    const { history, read } = toldHistory()
    read(monday, hits(10, 4))
    read(monday, hits(7), 'b')
    read(monday + 15 * second, hits(12, 4))
    read(monday + 15 * second, hits(7), 'b')
    read(monday + 30 * second, hits(15, 5))

    expect(history.growth('s', { from: monday, to: monday + minute })).toEqual(
      new Map([
        ['a', { counts: [{ registry: 'docker.io', hits: 5, misses: 1 }], covered: 30, restarts: 0 }],
        ['b', { counts: [], covered: 15, restarts: 0 }],
      ]),
    )
  })

  it('leaves out an agent that was not measured: that is not zero', () => {
    const { history, read } = toldHistory()
    read(monday, hits(10))
    expect(history.growth('s', { from: monday - hour, to: monday + minute })).toEqual(new Map())
    expect(history.growthOf('s', 'a', { from: monday - hour, to: monday + minute })).toBeUndefined()
    expect(history.growthOf('s', 'b', { from: monday - hour, to: monday + minute })).toBeUndefined()
    expect(history.growth('unknown', { from: monday, to: monday + minute })).toEqual(new Map())
  })

  it('has everything that is counted, and the last reading everything that was read', () => {
    const { history, read } = toldHistory()
    const before = sampleOf({
      counts: [
        { registry: '', hits: 1, misses: 0 },
        { registry: 'ghcr.io', hits: 0, misses: 3 },
      ],
      answers: [{ code: '404', method: 'GET', count: 3 }],
      served: histogram([1, 1, 1], 2),
      readiness: { ready: 40, notReady: 2 },
    })
    const after = sampleOf({
      counts: [
        { registry: '', hits: 1, misses: 1 },
        { registry: 'ghcr.io', hits: 0, misses: 3 },
        { registry: 'quay.io', hits: 2.5, misses: 0 },
      ],
      answers: [
        { code: '200', method: 'HEAD', count: 6 },
        { code: '404', method: 'GET', count: 4 },
      ],
      served: histogram([1, 3, 4], 6),
      notFound: histogram([0, 0, 0], 0),
      bytes: 7_000_000_000_123,
      resolve: histogram([2], 2, [5]),
      readiness: { ready: 50, notReady: 2 },
      startedAt: monday - day + 0.5,
      lastSuccessAt: 0,
      peers: 12,
      resident: 80_000_000,
      advertised: [{ what: 'image_tags', registry: 'ghcr.io', count: 7 }],
      traits: ['libp2p_rcmgr_connections', 'http_requests_inflight{handler="/v2/*"}'],
    })
    read(monday, before)
    read(monday + 15 * second, after)

    const growth = {
      counts: [
        { registry: '', hits: 0, misses: 1 },
        { registry: 'quay.io', hits: 2.5, misses: 0 },
      ],
      answers: [
        { code: '200', method: 'HEAD', count: 6 },
        { code: '404', method: 'GET', count: 1 },
      ],
      served: histogram([0, 2, 3], 4),
      notFound: histogram([0, 0, 0], 0),
      bytes: 7_000_000_000_123,
      resolve: histogram([2], 2, [5]),
      readiness: { ready: 10, notReady: 0 },
      covered: 15,
      restarts: 0,
    }
    const range = { from: monday, to: monday + minute }
    expect(history.growthOf('s', 'a', range)).toEqual(growth)
    expect(history.growth('s', range).get('a')).toEqual(growth)
    expect(history.last('s', 'a')).toEqual({
      source: 's',
      agent: 'a',
      at: monday + 15 * second,
      sample: after,
    })
  })

  it.each([
    ['a counter fell', hits(3), undefined],
    ['a registry is gone', hits(3, 0, 'ghcr.io'), undefined],
    ['the start moved on', hits(30), monday + 5 * second],
  ])('counts from zero where %s', (_, after, startedAt) => {
    const { history, read } = toldHistory()
    read(monday, { ...hits(10), startedAt: monday - day })
    read(monday + 15 * second, { ...after, startedAt: startedAt ?? monday - day })
    const growth = history.growthOf('s', 'a', { from: monday, to: monday + minute })
    expect(growth).toMatchObject({ counts: after.counts, restarts: 1 })
    expect(growth?.covered).toBe(startedAt === undefined ? 15 : 10)
  })

  it('does not take a start time that wanders for a restart', () => {
    const { history, read } = toldHistory()
    read(monday, { ...hits(10), startedAt: monday - day })
    read(monday + 15 * second, { ...hits(11), startedAt: monday - day + 1900 })
    expect(history.growthOf('s', 'a', { from: monday, to: monday + minute })).toEqual({
      counts: [{ registry: 'docker.io', hits: 1, misses: 0 }],
      covered: 15,
      restarts: 0,
    })
  })

  it('counts the first reading of an agent since its start: a new node pulls before it is read', () => {
    const { history, read } = toldHistory()
    read(monday + 40 * second, { ...hits(25), startedAt: monday + 10 * second })
    expect(history.growthOf('s', 'a', { from: monday, to: monday + minute })).toEqual({
      counts: [{ registry: 'docker.io', hits: 25, misses: 0 }],
      covered: 30,
      restarts: 0,
    })
  })

  it('counts a first reading only where a range holds the whole time since the start', () => {
    const { history, read } = toldHistory()
    read(monday, { ...hits(25), startedAt: monday - 35 * day })
    expect(history.growthOf('s', 'a', { from: monday - 7 * day, to: monday })).toBeUndefined()
    expect(history.growthOf('s', 'a', { from: monday - 40 * day, to: monday })).toMatchObject({
      counts: [{ registry: 'docker.io', hits: 25, misses: 0 }],
      covered: 35 * 86_400,
    })
  })

  it('passes over readings that are not younger than the last, or from the future', () => {
    const { history, read, at } = toldHistory()
    read(monday, hits(10))
    read(monday + 15 * second, hits(12))
    for (const time of [monday + 15 * second, monday + 10 * second, monday - day, NaN]) {
      history.record([{ source: 's', agent: 'a', at: time, sample: hits(500) }])
    }
    at(monday + 30 * second)
    history.record([{ source: 's', agent: 'a', at: monday + 6 * minute, sample: hits(900) }])
    read(monday + 30 * second, hits(13))
    expect(history.growthOf('s', 'a', { from: monday, to: monday + hour })?.counts).toEqual([
      { registry: 'docker.io', hits: 3, misses: 0 },
    ])
  })

  it('sums what lies beyond the registries that are told apart, restarts or not', () => {
    const { history, read } = toldHistory()
    const named = (count: number, each: number) =>
      sampleOf({
        counts: Array.from({ length: count }, (_, index) => ({
          registry: `r${index}`,
          hits: each,
          misses: 0,
        })),
      })
    read(monday, named(1500, 1))
    read(monday + 15 * second, named(1500, 3))
    read(monday + 30 * second, named(1600, 3))
    const growth = history.growthOf('s', 'a', { from: monday, to: monday + minute })
    expect(growth?.restarts).toBe(0)
    expect(growth?.counts).toHaveLength(1001)
    expect(growth?.counts.find(({ registry }) => registry === 'r7')?.hits).toBe(2)
    expect(growth?.counts.find(({ registry }) => registry === '(others)')?.hits).toBe(500 * 2 + 100 * 3)
  })

  it('adds histograms whose bounds changed at the bounds they share', () => {
    const { history, read } = toldHistory()
    const start = { startedAt: monday - day }
    read(monday, sampleOf({ served: histogram([0, 0, 0], 0), ...start }))
    read(monday + 15 * second, sampleOf({ served: histogram([1, 2, 3], 4), ...start }))
    const updated = histogram([2, 5], 6, [1, 5])
    read(monday + 45 * second, sampleOf({ served: updated, startedAt: monday + 20 * second }))
    expect(history.growthOf('s', 'a', { from: monday, to: monday + minute })?.served).toEqual({
      bounds: [1],
      counts: [4],
      sum: 2.5,
      count: 10,
    })
  })
})

describe('gaps', () => {
  const reopened = () => {
    const { history, read, again, at } = toldHistory()
    read(monday - 15 * second, hits(8))
    read(monday, hits(10))
    history.close()
    const later = again()
    const record = (time: number, count: number) =>
      later.record([{ source: 's', agent: 'a', at: at(time), sample: hits(count) }])
    record(monday + 13 * hour, 110)
    record(monday + 13 * hour + 15 * second, 111)
    return later
  }
  const end = monday + 13 * hour + 30 * second

  it('are known over a restart of the app and count where a range holds all of them', () => {
    const growth = reopened().growthOf('s', 'a', { from: monday - day, to: end })
    expect(growth?.counts).toEqual([{ registry: 'docker.io', hits: 103, misses: 0 }])
    expect(growth?.covered).toBe(13 * 3600 + 30)
  })

  it('count in no range that holds a part: nobody knows when it grew', () => {
    const history = reopened()
    const lastMinutes = history.growthOf('s', 'a', { from: end - 5 * minute, to: end })
    expect(lastMinutes).toEqual({
      counts: [{ registry: 'docker.io', hits: 1, misses: 0 }],
      covered: 15,
      restarts: 0,
    })
    expect(history.growthOf('s', 'a', { from: monday, to: monday + hour })).toBeUndefined()
  })

  it('are no data in a series, unless a step holds all of them', () => {
    const history = reopened()
    const of = { sources: ['s'] }
    const hours = history.series(of, { from: monday - hour, to: monday + 14 * hour }, hour)
    expect(hours.map(({ hits: count }) => count)).toEqual([
      2,
      ...Array.from({ length: 13 }, () => undefined),
      1,
    ])
    const days = history.series(of, { from: monday, to: monday + 1 }, day)
    expect(days).toEqual([{ at: Date.UTC(2026, 0, 5), hits: 2, misses: 0, restarts: 0 }])
    const wide = history.series(of, { from: monday, to: monday + 1 }, 2 * day)
    expect(wide.map(({ hits: count }) => count)).toEqual([103])
  })

  it('end where the agent restarted in them: that is all that can be counted, and since when', () => {
    const { history, read } = toldHistory()
    read(monday, { ...hits(10), startedAt: monday - day })
    read(monday + 12 * hour, { ...hits(4), startedAt: monday + 12 * hour - 2 * minute })
    const now = monday + 12 * hour
    expect(history.growthOf('s', 'a', { from: now - 5 * minute, to: now })).toEqual({
      counts: [{ registry: 'docker.io', hits: 4, misses: 0 }],
      covered: 120,
      restarts: 1,
    })
  })

  it('count where at most 5 minutes of them lie before', () => {
    const { history, read } = toldHistory()
    read(monday + 4 * minute, hits(1))
    read(monday + 55 * minute, hits(8))
    const hitsFrom = (from: number) =>
      history.growthOf('s', 'a', { from: monday + from, to: monday + hour })?.counts[0]?.hits
    expect([0, 9, 10, 50].map((minutes) => hitsFrom(minutes * minute))).toEqual([7, 7, undefined, undefined])
    const range = { from: monday, to: monday + hour }
    expect(history.series({ sources: ['s'] }, range, hour).map((point) => point.hits)).toEqual([7])
    const fives = history.series({ sources: ['s'], agent: 'a' }, range, 5 * minute)
    expect(fives.every((point) => point.hits === undefined)).toBe(true)
  })

  it.each([
    ['5 minutes', 5 * minute, 5 * minute, 0],
    ['20 minutes', 20 * minute, hour, 3 * day],
    ['an hour', hour, hour, 10 * day],
    ['6 hours', 6 * hour, 6 * hour, day],
  ])('are none between samples that Prometheus kept every %s', (_, every, step, ago) => {
    const { history, at } = toldHistory()
    at(monday)
    const from = monday - ago - 4 * step
    for (let index = 0; from + index * every <= monday - ago; index++) {
      // the scrape behind a sample was made up to a scrape interval before
      const time = from + index * every - ((index * 23) % 60) * second
      history.record([{ source: 's', agent: 'a', at: time, sample: hits(7 * index) }])
    }
    const points = history.series({ sources: ['s'] }, { from, to: from + 4 * step }, step)
    expect(points.map((point) => point.hits)).toEqual(Array(4).fill((7 * step) / every))
    const growth = history.growthOf('s', 'a', { from, to: from + 4 * step })
    expect(growth?.counts[0]?.hits).toBe((4 * 7 * step) / every)
  })
})

describe('a series', () => {
  it('sums sources, or follows one agent; answers by class; no data is not zero', () => {
    const { history, read } = toldHistory()
    const answered = (count: number, ok: number, missing: number, broken: number, rest: number) =>
      sampleOf({
        counts: [{ registry: 'docker.io', hits: count, misses: count }],
        answers: [
          { code: '200', method: 'GET', count: ok },
          { code: '206', method: 'GET', count: ok },
          { code: '404', method: 'HEAD', count: missing },
          { code: '500', method: 'GET', count: broken },
          { code: '503', method: 'GET', count: broken },
          { code: '401', method: 'GET', count: rest },
        ],
      })
    read(monday, answered(0, 0, 0, 0, 0))
    read(monday, hits(4), 'b', 'other')
    read(monday + minute, answered(5, 1, 2, 3, 4))
    read(monday + minute, hits(6), 'b', 'other')
    read(monday + 6 * minute, answered(5, 1, 2, 3, 4))

    const range = { from: monday, to: monday + 15 * minute }
    const first = { at: monday, restarts: 0 }
    const answers = { ok: 2, notFound: 2, serverFaults: 6, other: 4 }
    const none = { ok: 0, notFound: 0, serverFaults: 0, other: 0 }
    const rest = [
      { at: monday + 5 * minute, restarts: 0, hits: 0, misses: 0, answers: none },
      { at: monday + 10 * minute, restarts: 0 },
    ]
    expect(history.series({ sources: ['s', 'other', 'unknown'] }, range, 5 * minute)).toEqual([
      { ...first, hits: 7, misses: 5, answers },
      ...rest,
    ])
    expect(history.series({ sources: ['s'], agent: 'a' }, range, 5 * minute)).toEqual([
      { ...first, hits: 5, misses: 5, answers },
      ...rest,
    ])
    expect(history.series({ sources: ['other'], agent: 'b' }, range, 5 * minute)[0]).toEqual({
      ...first,
      hits: 2,
      misses: 0,
    })
    expect(history.series({ sources: ['s'], agent: 'b' }, range, 5 * minute)[0]).toEqual(first)
  })

  it('has restarts where they were seen', () => {
    const { history, read } = toldHistory()
    read(monday, hits(10))
    read(monday + minute, hits(2))
    const [point] = history.series({ sources: ['s'] }, { from: monday, to: monday + hour }, hour)
    expect(point).toEqual({ at: monday, hits: 2, misses: 0, restarts: 1 })
  })

  it('refuses steps that are not kept', () => {
    const { history } = toldHistory()
    for (const step of [0, -15_000, 1000, 20_000, NaN]) {
      expect(() => history.series({ sources: [] }, { from: 0, to: day }, step)).toThrow(RangeError)
    }
  })
})

describe('forgetting a source', () => {
  it('leaves nothing of it, and everything of the others', () => {
    const { history, read, again } = toldHistory()
    for (const source of ['s', 'other']) {
      read(monday, hits(1), 'a', source)
      read(monday + 15 * second, hits(5), 'a', source)
    }
    const range = { from: monday, to: monday + 2 * minute }
    history.forget('s')
    history.forget('unknown')
    expect(history.growth('s', range)).toEqual(new Map())
    expect(history.last('s', 'a')).toBeUndefined()
    expect(history.growth('other', range).get('a')?.counts[0]?.hits).toBe(4)
    // it may come back, and then begins anew
    read(monday + 30 * second, hits(9))
    expect(history.growth('s', range)).toEqual(new Map())
    read(monday + 45 * second, hits(10))
    expect(again().growth('s', range).get('a')?.counts[0]?.hits).toBe(1)
  })

  it('gives its room back to the disk', () => {
    const { history, read, directory, again } = toldHistory()
    const counts = Array.from({ length: 900 }, (_, index) => ({
      registry: `r${index}`,
      hits: index,
      misses: 1,
    }))
    for (let round = 0; round < 20; round++) {
      const grown = counts.map((count) => ({ ...count, hits: count.hits + round }))
      read(monday + round * 15 * second, sampleOf({ counts: grown }))
    }
    const size = () => statSync(join(directory, 'mirrors.sqlite')).size
    history.close()
    const before = size()
    const later = again()
    later.forget('s')
    later.close()
    expect(size()).toBeLessThan(before / 3)
  })
})
