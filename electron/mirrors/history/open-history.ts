import type { Failure } from '../../../shared/model/failure.ts'
import type { Clock } from '../../ports.ts'
import type { History, Recorded } from './history.ts'
import { intervalTo } from './interval.ts'
import { readNames } from './names.ts'
import { aheadAtMost, completeSince, expire, giveBack, oldestKept, shrink, undoFuture } from './retention.ts'
import { createSampleWriter, readSample } from './sample-bytes.ts'
import { addGrown, type Grown, type KnownSource, sumSteps, tallyRange } from './steps.ts'
import { createStore, type Sql } from './store.ts'
import { addSums, emptySums, pointOf, type Sums } from './sums.ts'
import { asKept, growthOfTally } from './tally.ts'
import { countedRange, tiers } from './tiers.ts'

export interface HistoryPorts {
  /** Where mirrors.sqlite is kept; made when it is not there. */
  directory: string
  clock: Clock
  /** Over it the oldest fine steps go first. */
  maxBytes?: number
  /** Told when the file was of no use: broken, or of another version. It was moved aside and a new one begun. */
  onTrouble?: (failure: Failure) => void
}

/**
 * The history of a profile. The file is opened at the first use and may be open in another process as well. Every
 * function throws a FailureError where there can be none: no room, no permission.
 */
export function openHistory(ports: HistoryPorts): History {
  const { directory, clock, maxBytes = 512 * 1024 * 1024, onTrouble = () => undefined } = ports
  const known = new Map<string, KnownSource>()
  const store = createStore({ directory, now: () => clock.now(), onStale: () => known.clear(), onTrouble })
  const writeSample = createSampleWriter()

  const find = (sql: Sql, name: string): KnownSource | undefined => {
    const remembered = known.get(name)
    if (remembered !== undefined) return remembered
    const row = sql('SELECT id, newest FROM source WHERE name = ?').get(name)
    if (row === undefined) return undefined
    const id = Number(row['id'])
    const source = { id, newest: Number(row['newest']), names: readNames(id, sql) }
    known.set(name, source)
    return source
  }

  const findOrAdd = (sql: Sql, name: string): KnownSource => {
    const found = find(sql, name)
    if (found !== undefined) return found
    const { lastInsertRowid } = sql('INSERT INTO source (name, newest) VALUES (?, 0)').run(name)
    const id = Number(lastInsertRowid)
    const source = { id, newest: 0, names: readNames(id, sql) }
    known.set(name, source)
    return source
  }

  /** Keeps a reading as the last of its agent; what grew since the one before. */
  const take = (sql: Sql, source: KnownSource, reading: Recorded, now: number): Grown | undefined => {
    const { id, names } = source
    const at = Math.floor(reading.at)
    const row = sql('SELECT id, at, sample FROM agent WHERE source = ? AND name = ?').get(id, reading.agent)
    if (!(at <= now + aheadAtMost) || (row !== undefined && at <= Number(row['at']))) return undefined
    const sample = asKept(reading.sample, names)
    const before = row && {
      at: Number(row['at']),
      sample: readSample(row['sample'] as Uint8Array, names),
    }
    const bytes = writeSample(sample, names)
    const agent = row
      ? Number(row['id'])
      : sql('INSERT INTO agent (source, name, at, sample) VALUES (?, ?, ?, ?)').run(
          id,
          reading.agent,
          at,
          bytes,
        ).lastInsertRowid
    if (row) sql('UPDATE agent SET at = ?, sample = ? WHERE id = ?').run(at, bytes, agent)
    source.newest = Math.max(source.newest, at)
    const interval = intervalTo(at, sample, before)
    return interval && interval.since >= oldestKept(now) ? { agent: Number(agent), interval } : undefined
  }

  return {
    record: (readings) =>
      store.write((sql) => {
        const now = clock.now()
        if (undoFuture(sql, now)) known.clear()
        expire(sql, now)
        const since = completeSince(sql)
        for (const [name, those] of Map.groupBy(readings, ({ source }) => source)) {
          const source = findOrAdd(sql, name)
          const grown = those.flatMap((reading) => take(sql, source, reading, now) ?? [])
          addGrown(sql, source, grown, since)
          sql('UPDATE source SET newest = ? WHERE id = ?').run(source.newest, source.id)
        }
        shrink(sql, maxBytes)
      }),

    last: (name, agent) =>
      store.read((sql) => {
        const source = find(sql, name)
        if (source === undefined) return undefined
        const row = sql('SELECT at, sample FROM agent WHERE source = ? AND name = ?').get(source.id, agent)
        if (row === undefined) return undefined
        const sample = readSample(row['sample'] as Uint8Array, source.names)
        return { source: name, agent, at: Number(row['at']), sample }
      }),

    growth: (name, range) =>
      store.read((sql) => {
        const source = find(sql, name)
        if (source === undefined) return new Map()
        const counted = countedRange(range, completeSince(sql), source.newest)
        const tallies = tallyRange(sql, source, counted)
        const agents = sql('SELECT id, name FROM agent WHERE source = ?').all(source.id)
        return new Map(
          agents.flatMap((row) => {
            const tally = tallies.get(Number(row['id']))
            return tally ? [[String(row['name']), growthOfTally(tally, source.names, counted)]] : []
          }),
        )
      }),

    growthOf: (name, agent, range) =>
      store.read((sql) => {
        const source = find(sql, name)
        const id = source && agentId(sql, source, agent)
        if (source === undefined || id === undefined) return undefined
        const counted = countedRange(range, completeSince(sql), source.newest)
        const tally = tallyRange(sql, source, counted, id).get(id)
        return tally && growthOfTally(tally, source.names, counted)
      }),

    series: ({ sources, agent }, range, step) => {
      if (!(step > 0) || tiers.every((tier) => step % tier.step !== 0)) {
        throw new RangeError(`No steps of ${step} ms are kept.`)
      }
      const from = Math.floor(range.from / step) * step
      const to = Math.ceil(range.to / step) * step
      return store.read((sql) => {
        const points = new Map<number, Sums>()
        for (const name of sources) {
          const source = find(sql, name)
          const only = source && agent !== undefined ? agentId(sql, source, agent) : undefined
          if (source === undefined || (agent !== undefined && only === undefined)) continue
          for (const [at, sums] of sumSteps(sql, source, { from, to }, step, only)) {
            points.set(at, addSums(points.get(at) ?? emptySums(), sums))
          }
        }
        return Array.from({ length: Math.max(0, (to - from) / step) }, (_, index) => {
          const at = from + index * step
          return pointOf(at, points.get(at) ?? emptySums())
        })
      })
    },

    forget: (name) =>
      store.write((sql) => {
        const id = find(sql, name)?.id
        if (id === undefined) return
        for (const table of ['step', 'gap', 'agent', 'name'])
          sql(`DELETE FROM ${table} WHERE source = ?`).run(id)
        sql('DELETE FROM source WHERE id = ?').run(id)
        known.delete(name)
        giveBack(sql)
      }),

    close: () => store.close(),
  }
}

function agentId(sql: Sql, source: KnownSource, name: string): number | undefined {
  const row = sql('SELECT id FROM agent WHERE source = ? AND name = ?').get(source.id, name)
  return row && Number(row['id'])
}
