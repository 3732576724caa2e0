import { ByteReader } from './bytes.ts'
import type { Range } from './history.ts'
import type { KnownSource } from './known-sources.ts'
import { addTallies, tallyIn } from './step-bytes.ts'
import type { Sql } from './store.ts'
import { addSums, addToSums, emptySums, type Sums, sumNames } from './sums.ts'
import { addTally } from './tally-bytes.ts'
import { emptyTally, type Tally } from './tally.ts'
import { outsideAtMost, spansOf, stepOf, tiers } from './tiers.ts'

/** What grew in a counted range (`countedRange`), by agent; `only` one of them. Those not measured are left out. */
export function tallyRange(sql: Sql, source: KnownSource, counted: Range, only?: number): Map<number, Tally> {
  const { id, names, newest } = source
  const tallies = new Map<number, Tally>()
  for (const { tier, from, to } of spansOf(counted, newest)) {
    const rows = sql('SELECT agents FROM step WHERE source = ? AND tier = ? AND at >= ? AND at < ?')
    for (const row of rows.iterate(id, tier, from, to)) {
      addTallies(row['agents'] as Uint8Array, tallies, names, only)
    }
    for (const { agent, since, growth } of gapsIn(sql, source, tier, { from, to }, only)) {
      if (since < counted.from - outsideAtMost) continue
      addTally(new ByteReader(growth), tallyIn(tallies, agent), names)
    }
  }
  return tallies
}

/** Sums of the points that begin at whole multiples of `step` in [from, to), by their begin; `only` of one agent. */
export function sumSteps(
  sql: Sql,
  source: KnownSource,
  range: Range,
  step: number,
  only?: number,
): Map<number, Sums> {
  const { id, names } = source
  const points = new Map<number, Sums>()
  const pointAt = (at: number): Sums => {
    const sums = points.get(at) ?? emptySums()
    points.set(at, sums)
    return sums
  }
  const tier = tiers.findLastIndex((each) => step % each.step === 0)
  const columns = only === undefined ? sumNames.join() : 'agents'
  const rows = sql(`SELECT at, ${columns} FROM step WHERE source = ? AND tier = ? AND at >= ? AND at < ?`)
  for (const row of rows.iterate(id, tier, range.from, range.to)) {
    const at = Math.floor(Number(row['at']) / step) * step
    if (only === undefined) addSums(pointAt(at), row as unknown as Sums)
    else {
      const tallies = new Map<number, Tally>()
      addTallies(row['agents'] as Uint8Array, tallies, names, only)
      for (const tally of tallies.values()) addToSums(pointAt(at), tally, names)
    }
  }
  for (const { since, until, growth } of gapsIn(sql, source, tier, range, only)) {
    const at = stepOf(until, step)
    if (since < at - outsideAtMost) continue
    const tally = emptyTally()
    addTally(new ByteReader(growth), tally, names)
    addToSums(pointAt(at), tally, names)
  }
  return points
}

interface Gap {
  agent: number
  since: number
  until: number
  growth: Uint8Array
}

/** What ends in a range and is in no step of a tier: too much of it lies before the step. */
function gapsIn(sql: Sql, source: KnownSource, tier: number, { from, to }: Range, only?: number): Gap[] {
  const gaps = sql(
    `SELECT agent, since, until, growth FROM gap
      WHERE source = ?1 AND until > ?2 AND until <= ?3 AND finest > ?4 AND (?5 IS NULL OR agent = ?5)`,
  )
  return gaps.all(source.id, from, to, tier, only ?? null) as unknown as Gap[]
}
