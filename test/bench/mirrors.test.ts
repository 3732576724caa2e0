import { expect, test } from 'vitest'
import { parseMetrics } from '../../electron/mirrors/metrics/parse.ts'
import { readSpegel } from '../../electron/mirrors/metrics/spegel.ts'
import { agentText } from './agent-text.ts'
import { later } from './later.ts'
import { tableOfFrames } from './pan.ts'
import { roundsOf } from './round.ts'
import { peakIn, secondsIn } from './usage.ts'

test('an agent a few rounds later has counted more of what it counted, and nothing else has changed', () => {
  const text = agentText(60_000)
  const [now, then] = [text, later(text, 4)].map((each) => readSpegel(Buffer.from(each)))
  expect(
    then?.counts.map(({ registry, hits, misses }) => ({ registry, hits: hits - 12, misses: misses - 12 })),
  ).toEqual(now?.counts)
  expect(then?.served?.count).toBeGreaterThan(now?.served?.count ?? Infinity)
  expect(then?.served?.sum).toBeGreaterThan(now?.served?.sum ?? Infinity)
  expect(then?.startedAt).toBe(now?.startedAt)
  expect(readSpegel(Buffer.from(later(text, 0)))).toEqual(now)
  const series = (each: string) =>
    [...parseMetrics(Buffer.from(each), () => true).values()].map((of) => of.series.length)
  expect(series(later(text, 4))).toEqual(series(text))
})

test('a round ends with the last painting soon after its view came, and not with one long after', () => {
  const marks = {
    rounds: [
      { came: 2500, at: 1000, took: 1200, letters: 10 },
      { came: 20_000, at: 16_000, took: 1000, letters: 12 },
    ],
    painted: [2400, 2510, 2600, 9000, 20_100],
  }
  expect(roundsOf(marks)).toEqual([
    { read: 1.2, sent: 0.3, painted: 0.1, letters: 10 },
    { read: 1, sent: 3, painted: 0.1, letters: 12 },
  ])
})

test('frames are told by their longest, and by how many are over 50 ms', () => {
  const apart = [...Array.from({ length: 95 }, () => 16), 20, 30, 50, 51, 80]
  expect(
    tableOfFrames([{ name: 'a map', apart }])
      .split('\n')
      .at(-1),
  ).toBe('| a map | 100 | 16.0 | 16.0 | 80.0 | 2 |')
})

test('CPU time and peak are read out of proc, whatever the process calls itself', () => {
  expect(secondsIn('7 (a b) c) S 1 7 7 0 -1 4194304 100 0 0 0 150 50 0 0 20 0 1 0 5 1000')).toBe(2)
  expect(peakIn('Name:\tnode\nVmHWM:\t    2048 kB\nVmRSS:\t 100 kB\n')).toBe(2 * 1024 * 1024)
  expect(peakIn('')).toBe(0)
})
