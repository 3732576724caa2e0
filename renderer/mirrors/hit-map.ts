import { type AgentReading, type HitCount, hitRatio } from '../../shared/model/mirror.ts'

/** Over which time the counts are taken: `start` since each agent's start, `interval` since the scrape before. */
export type HitWindow = 'start' | 'interval'

/** `no-data` is not zero: nothing was measured. `no-requests` was measured: the mirror was not asked. */
export type HitCell =
  | { readonly state: 'no-data' }
  | { readonly state: 'no-requests' }
  | {
      readonly state: 'counted'
      readonly hits: number
      readonly misses: number
      /** 0 to 1. */
      readonly ratio: number
      /** 0 to 1: the square root of the requests, against the busiest cell's. */
      readonly length: number
    }

export interface HitRow {
  readonly agent: string
  readonly demo: boolean
  /** One a registry, in the map's order. */
  readonly cells: readonly HitCell[]
}

export interface HitMap {
  /** `ns` values, busiest first. */
  readonly registries: readonly string[]
  /** Registries left out because there are more than `columnLimit`: the label is whatever a client sent. */
  readonly hidden: number
  readonly rows: readonly HitRow[]
}

/** Columns drawn at most. `ns` is the caller's to choose, so one odd client could make thousands. */
export const columnLimit = 24

/** The counts of a reading over a window; undefined where nothing was measured in it. */
export function countsOf(reading: AgentReading, window: HitWindow): readonly HitCount[] | undefined {
  if (!reading.ok) return undefined
  return window === 'start' ? reading.sinceStart : reading.interval?.counts
}

/** Nodes by registries, as it is drawn. Rows keep the order of the readings. */
export function hitMapOf(readings: readonly AgentReading[], window: HitWindow): HitMap {
  const totals = new Map<string, number>()
  let busiest = 0
  for (const reading of readings) {
    // columns come from all that was ever counted, so that they stay when the window changes
    for (const count of reading.sinceStart) {
      totals.set(count.registry, (totals.get(count.registry) ?? 0) + count.hits + count.misses)
    }
    for (const count of countsOf(reading, window) ?? []) {
      busiest = Math.max(busiest, count.hits + count.misses)
    }
  }
  const ordered = [...totals].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([name]) => name)
  const registries = ordered.slice(0, columnLimit)
  return {
    registries,
    hidden: ordered.length - registries.length,
    rows: readings.map((reading) => {
      const counts = countsOf(reading, window)
      const byRegistry = new Map(counts?.map((count) => [count.registry, count]))
      return {
        agent: reading.agent,
        demo: reading.demo,
        cells: registries.map((registry) =>
          counts === undefined ? { state: 'no-data' } : cellOf(byRegistry.get(registry), busiest),
        ),
      }
    }),
  }
}

function cellOf(count: HitCount | undefined, busiest: number): HitCell {
  const ratio = count === undefined ? undefined : hitRatio(count)
  if (count === undefined || ratio === undefined) return { state: 'no-requests' }
  const { hits, misses } = count
  return { state: 'counted', hits, misses, ratio, length: Math.sqrt((hits + misses) / busiest) }
}
