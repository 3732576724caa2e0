import { type AgentReading, hitRatio } from '../../shared/model/mirror.ts'
import { countsOf, type HitWindow } from './hit-map.ts'

/** One agent and registry in the table; counts absent where nothing was measured. */
export interface CountRow {
  readonly agent: string
  readonly demo: boolean
  readonly registry: string | undefined
  readonly hits: number | undefined
  readonly misses: number | undefined
  readonly requests: number | undefined
  readonly ratio: number | undefined
}

export type CountColumn = 'agent' | 'registry' | 'hits' | 'misses' | 'requests' | 'ratio'
export interface CountOrder {
  readonly column: CountColumn
  readonly descending: boolean
}

/** The numbers of the map as rows. An agent nothing is known of keeps one row that says so. */
export function countRowsOf(readings: readonly AgentReading[], window: HitWindow): CountRow[] {
  return readings.flatMap(({ agent, demo, ...reading }): CountRow[] => {
    const counts = countsOf({ agent, demo, ...reading }, window)
    if (counts === undefined || counts.length === 0) {
      const measured = counts === undefined ? undefined : 0
      return [
        {
          agent,
          demo,
          registry: undefined,
          hits: measured,
          misses: measured,
          requests: measured,
          ratio: undefined,
        },
      ]
    }
    return counts.map((count) => ({
      agent,
      demo,
      ...count,
      requests: count.hits + count.misses,
      ratio: hitRatio(count),
    }))
  })
}

/** Sorted copy; what was not measured stays at the end in both directions. */
export function sortCountRows(rows: readonly CountRow[], order: CountOrder): CountRow[] {
  const sign = order.descending ? -1 : 1
  return [...rows].sort((a, b) => {
    const left = a[order.column]
    const right = b[order.column]
    if (left === undefined || right === undefined) {
      return left === right ? 0 : left === undefined ? 1 : -1
    }
    return typeof left === 'number' && typeof right === 'number'
      ? sign * (left - right)
      : sign * String(left).localeCompare(String(right), 'en', { numeric: true })
  })
}
