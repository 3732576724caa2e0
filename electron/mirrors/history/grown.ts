import { ByteWriter } from './bytes.ts'
import type { Interval } from './interval.ts'
import type { KnownSource } from './known-sources.ts'
import type { Sql } from './store.ts'
import { addTallies, tallyIn, writeTallies } from './step-bytes.ts'
import { addToSums, emptySums, sumNames } from './sums.ts'
import { writeTally } from './tally-bytes.ts'
import { addInterval, emptyTally, type Tally } from './tally.ts'
import { outsideAtMost, stepOf, tiers } from './tiers.ts'

/** Growth of one agent, by its number. */
export interface Grown {
  agent: number
  interval: Interval
}

/**
 * Counts what grew in the steps in which it ends, from the finest tier on whose step holds enough of it. Where finer
 * steps are kept it is a gap. `since` as in `countedRange`.
 */
export function addGrown(
  sql: Sql,
  source: KnownSource,
  grown: readonly Grown[],
  since: readonly number[],
): void {
  const byFinest = Map.groupBy(grown, ({ interval }) => finestFor(interval))
  for (const [finest, those] of byFinest) {
    const finer = since[finest - 1]
    for (const each of those) {
      if (finer !== undefined && each.interval.until > finer) addGap(sql, source, each, finest)
    }
  }
  for (const [tier, { step }] of tiers.entries()) {
    const counted = [...byFinest].flatMap(([finest, those]) => (finest <= tier ? those : []))
    for (const [at, those] of Map.groupBy(counted, ({ interval }) => stepOf(interval.until, step))) {
      if (at >= (since[tier] ?? 0)) addToStep(sql, source, tier, at, those)
    }
  }
}

/** Index of a tier, or how many there are where even the longest step holds too little. */
function finestFor({ since, until }: Interval): number {
  const index = tiers.findIndex(({ step }) => since >= stepOf(until, step) - outsideAtMost)
  return index === -1 ? tiers.length : index
}

function addToStep(
  sql: Sql,
  { id, names }: KnownSource,
  tier: number,
  at: number,
  grown: readonly Grown[],
): void {
  const row = sql('SELECT agents FROM step WHERE source = ? AND tier = ? AND at = ?').get(id, tier, at)
  const tallies = new Map<number, Tally>()
  if (row !== undefined) addTallies(row['agents'] as Uint8Array, tallies, names)
  for (const { agent, interval } of grown) addInterval(tallyIn(tallies, agent), interval, names)
  const sums = emptySums()
  for (const tally of tallies.values()) addToSums(sums, tally, names)
  sql(
    `INSERT OR REPLACE INTO step (source, tier, at, ${sumNames.join()}, agents)
      VALUES (?, ?, ?, ${sumNames.map(() => '?').join()}, ?)`,
  ).run(id, tier, at, ...sumNames.map((name) => sums[name]), writeTallies(tallies, names))
}

function addGap(sql: Sql, { id, names }: KnownSource, { agent, interval }: Grown, finest: number): void {
  const tally = emptyTally()
  addInterval(tally, interval, names)
  const growth = new ByteWriter()
  writeTally(growth, tally, names)
  const insert = sql(
    'INSERT OR REPLACE INTO gap (source, until, agent, since, finest, growth) VALUES (?, ?, ?, ?, ?, ?)',
  )
  insert.run(id, interval.until, agent, interval.since, finest, growth.written())
}
