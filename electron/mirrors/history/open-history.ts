import type { Failure } from '../../../shared/model/failure.ts'
import type { Clock } from '../../ports.ts'
import { agentId, lastReading, takeReading } from './agents.ts'
import { addGrown } from './grown.ts'
import type { History } from './history.ts'
import { rememberSources } from './known-sources.ts'
import { sumSteps, tallyRange } from './measured.ts'
import { completeSince, expire, giveBack, shrink, undoFuture } from './retention.ts'
import { createStore } from './store.ts'
import { addSums, emptySums, pointOf, type Sums } from './sums.ts'
import { growthOfTally } from './tally.ts'
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
  const sources = rememberSources()
  const store = createStore({ directory, now: () => clock.now(), onStale: () => sources.clear(), onTrouble })

  return {
    record: (readings) =>
      store.write((sql) => {
        const now = clock.now()
        if (undoFuture(sql, now)) sources.clear()
        expire(sql, now)
        const since = completeSince(sql)
        for (const [name, those] of Map.groupBy(readings, ({ source }) => source)) {
          const source = sources.findOrAdd(sql, name)
          const grown = those.flatMap((reading) => takeReading(sql, source, reading, now) ?? [])
          addGrown(sql, source, grown, since)
          sql('UPDATE source SET newest = ? WHERE id = ?').run(source.newest, source.id)
        }
        shrink(sql, maxBytes)
      }),

    last: (name, agent) =>
      store.read((sql) => {
        const source = sources.find(sql, name)
        const found = source && lastReading(sql, source, agent)
        return found && { source: name, agent, at: found.at, sample: found.sample }
      }),

    growth: (name, range) =>
      store.read((sql) => {
        const source = sources.find(sql, name)
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
        const source = sources.find(sql, name)
        const id = source && agentId(sql, source, agent)
        if (source === undefined || id === undefined) return undefined
        const counted = countedRange(range, completeSince(sql), source.newest)
        const tally = tallyRange(sql, source, counted, id).get(id)
        return tally && growthOfTally(tally, source.names, counted)
      }),

    series: (of, range, step) => {
      if (!(step > 0) || tiers.every((tier) => step % tier.step !== 0)) {
        throw new RangeError(`No steps of ${step} ms are kept.`)
      }
      const from = Math.floor(range.from / step) * step
      const to = Math.ceil(range.to / step) * step
      return store.read((sql) => {
        const points = new Map<number, Sums>()
        for (const name of of.sources) {
          const source = sources.find(sql, name)
          const only = source && of.agent !== undefined ? agentId(sql, source, of.agent) : undefined
          if (source === undefined || (of.agent !== undefined && only === undefined)) continue
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
        const id = sources.find(sql, name)?.id
        if (id === undefined) return
        for (const table of ['step', 'gap', 'agent', 'name']) {
          sql(`DELETE FROM ${table} WHERE source = ?`).run(id)
        }
        sql('DELETE FROM source WHERE id = ?').run(id)
        sources.clear()
        giveBack(sql)
      }),

    close: () => store.close(),
  }
}
