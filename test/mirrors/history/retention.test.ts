import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { day, hits, hour, minute, monday, sampleOf, second, toldHistory } from './samples.ts'

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

  it('goes on where the clock was a year ahead and was set back', () => {
    const { history, read, at } = toldHistory()
    read(monday, hits(1))
    read(monday + 15 * second, hits(3))
    for (let index = 0; index < 10; index++) read(monday + 365 * day + index * minute, hits(4 + index))
    read(monday + 30 * second, hits(20))
    read(monday + 45 * second, hits(22))
    for (let index = 1; index < 10; index++) read(monday + 2 * hour + index * minute, hits(22 + index))
    expect(history.last('s', 'a')?.at).toBe(monday + 2 * hour + 9 * minute)
    const now = at(monday + 2 * hour + 9 * minute)
    expect(history.growthOf('s', 'a', { from: now - 5 * minute, to: now })?.counts[0]?.hits).toBe(5)
    expect(history.growthOf('s', 'a', { from: monday + day, to: monday + 400 * day })).toBeUndefined()
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
    const { history, read, directory } = toldHistory({ maxBytes })
    const rounds = 600
    for (let round = 0; round <= rounds; round++) {
      for (let agent = 0; agent < 4; agent++) read(monday + round * 30 * second, busy(round), `node-${agent}`)
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
    const { history, read } = toldHistory({ maxBytes: 1 })
    for (let round = 0; round < 5; round++) read(monday + round * 15 * second, busy(round))
    expect(history.last('s', 'a')?.at).toBe(monday + 60 * second)
    expect(history.growth('s', { from: monday, to: monday + hour })).toEqual(new Map())
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
