import { describe, expect, it } from 'vitest'
import { intervalBetween, type Scrape } from '../../electron/mirrors/history.ts'

const count = (registry: string, hits: number, misses: number) => ({ registry, hits, misses })
const scrape = (at: number, counts: Scrape['counts'], startedAt = 1_000_000): Scrape => ({
  at,
  counts,
  startedAt,
})

describe('intervalBetween', () => {
  const before = scrape(10_000, [count('docker.io', 10, 4)])

  it.each([
    ['growth', scrape(25_000, [count('docker.io', 12, 4)]), [count('docker.io', 2, 0)], false],
    [
      'a new registry from zero',
      scrape(25_000, [count('docker.io', 10, 4), count('ghcr.io', 1, 2)]),
      [count('docker.io', 0, 0), count('ghcr.io', 1, 2)],
      false,
    ],
    [
      'a start time that wanders',
      scrape(25_000, [count('docker.io', 11, 4)], 1_001_000),
      [count('docker.io', 1, 0)],
      false,
    ],
    ['lower hits as a restart', scrape(25_000, [count('docker.io', 3, 9)]), [count('docker.io', 3, 9)], true],
    [
      'lower misses as a restart',
      scrape(25_000, [count('docker.io', 30, 1)]),
      [count('docker.io', 30, 1)],
      true,
    ],
    [
      'a registry that is gone as a restart',
      scrape(25_000, [count('ghcr.io', 1, 0)]),
      [count('ghcr.io', 1, 0)],
      true,
    ],
    [
      'a new start time as a restart, though every counter grew',
      scrape(25_000, [count('docker.io', 50, 50)], 1_020_000),
      [count('docker.io', 50, 50)],
      true,
    ],
    ['an agent with no requests since its restart', scrape(25_000, []), [], true],
  ])('counts %s', (_, after, counts, reset) => {
    expect(intervalBetween(before, after)).toEqual({ seconds: 15, counts, reset })
  })

  it('tells a restart by the counters where the agent does not say when it started', () => {
    const { startedAt: _, ...old } = before
    const { startedAt: __, ...now } = scrape(25_000, [count('docker.io', 1, 0)])
    expect(intervalBetween(old, now)?.reset).toBe(true)
  })

  it('has no interval where the clock did not move on', () => {
    expect(intervalBetween(before, scrape(10_000, before.counts))).toBeUndefined()
    expect(intervalBetween(before, scrape(9_000, before.counts))).toBeUndefined()
  })
})
