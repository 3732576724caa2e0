import { ByteReader, ByteWriter } from './bytes.ts'
import type { Range } from './history.ts'
import type { Interval } from './interval.ts'
import type { Names } from './names.ts'
import type { Sql } from './store.ts'
import { addSums, addToSums, emptySums, type Sums, sumNames } from './sums.ts'
import { addTally, writeTally } from './tally-bytes.ts'
import { addInterval, emptyTally, type Tally } from './tally.ts'
import { spansOf, stepOf, tiers } from './tiers.ts'

/** A source in the database. */
export interface KnownSource {
  id: number
  /** Its youngest reading, ms since 1970. */
  newest: number
  names: Names
}

/** Growth of one agent, by its number. */
export interface Grown {
  agent: number
  interval: Interval
}

/** Readings at most this far apart are one measurement, ms: the shortest window of the screen. */
const longestPause = 5 * 60_000

/** Counts what grew in the steps of every tier, or as a gap. `since` as in `spansOf`. */
export function addGrown(
  sql: Sql,
  source: KnownSource,
  grown: readonly Grown[],
  since: readonly number[],
): void {
  const measured = grown.filter(({ agent, interval }) => {
    const finest = tiers.find((_, index) => interval.until > (since[index] ?? 0))
    const isGap = interval.until - interval.since > Math.max(longestPause, finest?.step ?? 0)
    if (isGap) addGap(sql, source, agent, interval)
    return !isGap
  })
  for (const [tier, { step }] of tiers.entries()) {
    const bySteps = Map.groupBy(measured, ({ interval }) => stepOf(interval.until, step))
    for (const [at, those] of bySteps) {
      if (at >= (since[tier] ?? 0)) addToStep(sql, source, tier, at, those)
    }
  }
}

function addToStep(sql: Sql, source: KnownSource, tier: number, at: number, grown: readonly Grown[]): void {
  const { id, names } = source
  const row = sql('SELECT agents FROM step WHERE source = ? AND tier = ? AND at = ?').get(id, tier, at)
  const tallies = new Map<number, Tally>()
  if (row !== undefined) addAgents(row['agents'], tallies, names)
  for (const { agent, interval } of grown) addInterval(tallyIn(tallies, agent), interval, names)
  const sums = emptySums()
  for (const tally of tallies.values()) addToSums(sums, tally, names)
  sql(
    `INSERT OR REPLACE INTO step (source, tier, at, ${sumNames.join()}, agents)
      VALUES (?, ?, ?, ${sumNames.map(() => '?').join()}, ?)`,
  ).run(id, tier, at, ...sumNames.map((name) => sums[name]), bytesOf(tallies, names))
}

function addGap(sql: Sql, { id, names }: KnownSource, agent: number, interval: Interval): void {
  const tally = emptyTally()
  addInterval(tally, interval, names)
  const growth = new ByteWriter()
  writeTally(growth, tally, names)
  sql('INSERT OR REPLACE INTO gap (source, until, agent, since, growth) VALUES (?, ?, ?, ?, ?)').run(
    id,
    interval.until,
    agent,
    interval.since,
    growth.written(),
  )
}

/** What grew in a counted range (`countedRange`), by agent; `only` one of them. Those not measured are left out. */
export function tallyRange(sql: Sql, source: KnownSource, counted: Range, only?: number): Map<number, Tally> {
  const { id, names, newest } = source
  const tallies = new Map<number, Tally>()
  for (const { tier, from, to } of spansOf(counted, newest)) {
    const rows = sql('SELECT agents FROM step WHERE source = ? AND tier = ? AND at >= ? AND at < ?')
    for (const row of rows.iterate(id, tier, from, to)) addAgents(row['agents'], tallies, names, only)
  }
  const { from, to } = counted
  const gaps = sql(
    'SELECT agent, growth FROM gap WHERE source = ? AND until > ? AND until <= ? AND since >= ?',
  )
  for (const row of gaps.iterate(id, from, to, from)) {
    const agent = Number(row['agent'])
    if (only === undefined || only === agent) {
      addTally(new ByteReader(row['growth'] as Uint8Array), tallyIn(tallies, agent), names)
    }
  }
  return tallies
}

/** Sums of the points that begin at whole multiples of `step` in [from, to), by their begin; `only` of one agent. */
export function sumSteps(
  sql: Sql,
  source: KnownSource,
  { from, to }: Range,
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
  for (const row of rows.iterate(id, tier, from, to)) {
    const sums = pointAt(Math.floor(Number(row['at']) / step) * step)
    if (only === undefined) addSums(sums, row as unknown as Sums)
    else {
      const tallies = new Map<number, Tally>()
      addAgents(row['agents'], tallies, names, only)
      for (const tally of tallies.values()) addToSums(sums, tally, names)
    }
  }
  const gaps = sql(
    'SELECT agent, since, until, growth FROM gap WHERE source = ? AND until > ? AND until <= ?',
  )
  for (const row of gaps.iterate(id, from, to)) {
    const at = stepOf(Number(row['until']), step)
    if (Number(row['since']) < at || (only !== undefined && only !== row['agent'])) continue
    const tally = emptyTally()
    addTally(new ByteReader(row['growth'] as Uint8Array), tally, names)
    addToSums(pointAt(at), tally, names)
  }
  return points
}

function tallyIn(tallies: Map<number, Tally>, agent: number): Tally {
  const known = tallies.get(agent)
  if (known !== undefined) return known
  const tally = emptyTally()
  tallies.set(agent, tally)
  return tally
}

/** The agents of a step: the number of each, the length of its tally, its tally. */
function bytesOf(tallies: ReadonlyMap<number, Tally>, names: Names): Uint8Array {
  const all = new ByteWriter()
  const one = new ByteWriter()
  for (const [agent, tally] of tallies) {
    one.clear()
    writeTally(one, tally, names)
    all.number(agent)
    all.part(one)
  }
  return all.written()
}

function addAgents(bytes: unknown, tallies: Map<number, Tally>, names: Names, only?: number): void {
  const from = new ByteReader(bytes as Uint8Array)
  while (!from.ended) {
    const agent = from.number()
    const length = from.number()
    if (only === undefined || only === agent) addTally(from, tallyIn(tallies, agent), names)
    else from.skip(length)
  }
}
