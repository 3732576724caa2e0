import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { day, hits, hour, minute, monday, sampleOf, second, toldHistory } from './samples.ts'

function countIn(directory: string, table: string): number {
  const database = new DatabaseSync(join(directory, 'mirrors.sqlite'))
  const row = database.prepare(`SELECT count(*) AS count FROM ${table}`).get()
  database.close()
  return Number(row?.['count'])
}

function stepsIn(directory: string): Record<number, number> {
  const database = new DatabaseSync(join(directory, 'mirrors.sqlite'))
  const rows = database.prepare('SELECT tier, count(*) AS count FROM step GROUP BY tier').all()
  database.close()
  return Object.fromEntries(rows.map(({ tier, count }) => [Number(tier), Number(count)]))
}

describe('retention', () => {
  it('keeps 15 seconds for an hour, 5 minutes for 2 days, hours for 30 days, and every count as long', () => {
    const { history, read, directory, at } = toldHistory()
    let count = 0
    const now = monday + 33 * day
    // a past that another program kept by hours, then rounds every 5 minutes, then every 15 seconds
    at(now - 3 * day)
    for (let time = monday; time < now - 5 * day; time += hour) {
      history.record([{ source: 's', agent: 'a', at: time, sample: hits((count += 1)) }])
    }
    for (let time = now - 5 * day; time < now - 2 * hour; time += 5 * minute) read(time, hits((count += 1)))
    for (let time = now - 2 * hour; time <= now; time += 15 * second) read(time, hits((count += 1)))

    const kept = stepsIn(directory)
    // whole steps of the next coarser tier go at once, so up to one of these more
    expect(kept[0]).toBeGreaterThanOrEqual(240)
    expect(kept[0]).toBeLessThanOrEqual(240 + 20)
    expect(kept[1]).toBeGreaterThanOrEqual(576)
    expect(kept[1]).toBeLessThanOrEqual(576 + 12)
    expect(kept[2]).toBeGreaterThanOrEqual(720)
    expect(kept[2]).toBeLessThanOrEqual(720 + 24)

    const hitsOf = (from: number, to: number) => history.growthOf('s', 'a', { from, to })?.counts[0]?.hits
    expect(hitsOf(now - minute, now)).toBe(4)
    expect(hitsOf(now - 30 * minute, now - 29 * minute)).toBe(4)
    expect(hitsOf(now - 2 * hour, now - 2 * hour + 5 * minute)).toBe(20)
    expect(hitsOf(now - day - 2 * hour, now - day)).toBe(24)
    expect(hitsOf(now - 20 * day, now - 10 * day)).toBe(240)
    expect(hitsOf(now - 20 * day, now)).toBe(15 * 24 + 5 * 288 - 24 + 480)
    expect(history.growthOf('s', 'a', { from: monday, to: monday + day })).toBeUndefined()

    read(now + 31 * day, hits(count))
    read(now + 31 * day + minute, hits(count + 2))
    expect(stepsIn(directory)).toEqual({ 0: 1, 1: 1, 2: 1 })
  })

  it('moves an edge inside a step that is not kept finer to its nearer end, and says what is covered', () => {
    const { history, read, at } = toldHistory()
    for (let time = monday; time <= monday + 3 * hour; time += minute)
      read(time, hits((time - monday) / minute))
    read(monday + 3 * day, hits(500))
    const now = at(monday + 3 * day + minute)
    read(now, hits(501))
    const growth = (from: number, to: number) => {
      const found = history.growthOf('s', 'a', { from: monday + from, to: monday + to })
      return [found?.counts[0]?.hits, found?.covered]
    }
    expect(growth(10 * minute, 70 * minute)).toEqual([60, 3600])
    expect(growth(31 * minute, 80 * minute)).toEqual([undefined, undefined])
    expect(growth(40 * minute, 100 * minute)).toEqual([60, 3600])
    // ranges that meet share nothing and lose nothing
    expect(growth(0, 100 * minute)).toEqual([120, 7200])
    expect(growth(100 * minute, 180 * minute)).toEqual([60, 3600])
  })

  it('puts a past that is read late into the steps that are kept of its time', () => {
    const { history, directory, at } = toldHistory()
    at(monday)
    for (let time = monday - 5 * day; time < monday; time += 5 * minute) {
      history.record([{ source: 's', agent: 'a', at: time, sample: hits((time - monday) / minute + 60_000) }])
    }
    const kept = stepsIn(directory)
    expect(kept[1]).toBeLessThanOrEqual(576 + 12)
    expect(kept[2]).toBe(5 * 24)
    const growth = history.growthOf('s', 'a', { from: monday - 30 * day, to: monday })
    expect(growth?.counts[0]?.hits).toBe(5 * 1440 - 5)
  })

  it('forgets agents that are gone for 30 days', () => {
    const { history, read } = toldHistory()
    read(monday, hits(1), 'gone')
    read(monday + 31 * day, hits(1))
    read(monday + 32 * day, hits(1))
    expect(history.last('s', 'gone')).toBeUndefined()
    expect(history.last('s', 'a')?.at).toBe(monday + 32 * day)
  })

  it('keeps a gap as long as there are steps that are too short for it', () => {
    const { read, at, history, directory } = toldHistory()
    const gapsAfter = (time: number, pause: number) => {
      history.forget('s')
      read(time - pause, hits(1))
      read(time, hits(2))
      return [1, 2.2 * day, 32 * day].map((later) => {
        at(time + later)
        history.record([])
        return countIn(directory, 'gap')
      })
    }
    expect(gapsAfter(monday, 4 * minute)).toEqual([0, 0, 0])
    expect(gapsAfter(monday + 100 * day + 5 * minute, 6 * minute)).toEqual([1, 0, 0])
    expect(gapsAfter(monday + 200 * day + 40 * minute, 30 * minute)).toEqual([1, 0, 0])
    expect(gapsAfter(monday + 300 * day + 5 * minute, 30 * minute)).toEqual([1, 1, 0])
  })

  it('has no gaps of a past whose steps hold it', () => {
    const { history, directory, at } = toldHistory()
    at(monday)
    for (let time = monday - 9 * day; time < monday - 3 * day; time += 20 * minute) {
      history.record([{ source: 's', agent: 'a', at: time, sample: hits(1) }])
    }
    expect(countIn(directory, 'gap')).toBe(0)
  })

  it.each([
    ['a year', 365 * day],
    ['an hour', hour],
  ])('goes on where the clock was %s ahead and was set back', (_, ahead) => {
    const { history, read } = toldHistory()
    read(monday, hits(1))
    read(monday + 15 * second, hits(3))
    for (let index = 0; index < 10; index++) read(monday + ahead + index * minute, hits(100 + index))
    for (let index = 0; index < 70; index++) read(monday + 37 * second + index * minute, hits(200 + index))
    const now = monday + 37 * second + 69 * minute
    expect(history.last('s', 'a')?.at).toBe(now)
    const hitsOf = (from: number, to: number) => history.growthOf('s', 'a', { from, to })?.counts[0]?.hits
    expect(hitsOf(monday + 5 * minute, monday + hour)).toBe(55)
    expect(hitsOf(monday + hour, now)).toBe(10)
    expect(hitsOf(monday + hour, monday + 400 * day)).toBe(10)
  })
})

describe('the bound of the size', () => {
  const maxBytes = 150_000
  const registries = 40
  const busy = (round: number) =>
    sampleOf({
      counts: Array.from({ length: registries }, (_, index) => ({
        registry: `registry-${index}.example.com`,
        hits: round * 1000 + index,
        misses: round,
      })),
    })

  it('lets the oldest fine steps go first, loses no count, and holds', () => {
    const { history, at, directory } = toldHistory({ maxBytes })
    const nodes = ['node-1', 'node-2', 'node-3', 'node-4']
    const rounds = 600
    for (let round = 0; round <= rounds; round++) {
      const time = at(monday + round * 30 * second)
      history.record(nodes.map((agent) => ({ source: 's', agent, at: time, sample: busy(round) })))
    }
    const growth = history.growth('s', { from: monday, to: monday + 5 * hour })
    expect(growth.size).toBe(4)
    for (const { counts, covered } of growth.values()) {
      expect(counts).toHaveLength(registries)
      expect(counts.every((each) => each.hits === rounds * 1000 && each.misses === rounds)).toBe(true)
      expect(covered).toBe(rounds * 30)
    }
    history.close()
    expect(statSync(join(directory, 'mirrors.sqlite')).size).toBeLessThan(1.2 * maxBytes)
    // an hour of rounds every 30 seconds would be 120, 5 hours 60
    const kept = stepsIn(directory)
    expect(kept[0]).toBeLessThan(100)
    expect(kept[1]).toBe(60)
    expect(kept[2]).toBe(5)
  })

  it('keeps the last readings even where there is room for nothing else', () => {
    const { history, read, directory } = toldHistory({ maxBytes: 1 })
    read(monday - 2 * day, busy(0))
    read(monday - day, busy(0))
    expect(countIn(directory, 'gap')).toBe(0)
    for (let round = 0; round < 5; round++) read(monday + round * 15 * second, busy(round))
    expect(history.last('s', 'a')?.at).toBe(monday + 60 * second)
    expect(history.growth('s', { from: monday, to: monday + hour })).toEqual(new Map())
    expect(countIn(directory, 'gap')).toBe(0)
  })
})

it('never counts a step twice or leaves one out, however a range lies', () => {
  const { history, read } = toldHistory()
  const end = monday + 60 * hour
  for (let time = monday; time <= end - 2 * hour; time += 4 * minute)
    read(time, hits((time - monday) / second))
  for (let time = end - 2 * hour; time <= end; time += 15 * second) read(time, hits((time - monday) / second))
  const hitsOf = (from: number, to: number) => history.growthOf('s', 'a', { from, to })?.counts[0]?.hits ?? 0
  const moment = fc.integer({ min: monday, max: end + hour })
  fc.assert(
    fc.property(moment, moment, moment, (...moments) => {
      const [first, second, third] = moments.toSorted((one, other) => one - other) as [number, number, number]
      expect(hitsOf(first, second) + hitsOf(second, third)).toBe(hitsOf(first, third))
    }),
  )
  expect(hitsOf(monday, end)).toBe(60 * 3600)
})
