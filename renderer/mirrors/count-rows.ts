import { hitRatio } from '../../shared/model/mirror.ts'
import type { FindingRule } from '../../shared/model/mirror-finding.ts'
import { compareNames } from './arrange.ts'
import type { NodeRow } from './node-rows.ts'

/** One node and registry in the table and in an export; counts absent where nothing was measured. */
export interface CountRow {
  readonly key: string
  readonly row: NodeRow
  readonly node: string
  readonly zone: string | undefined
  readonly registry: string | undefined
  readonly hits: number | undefined
  readonly misses: number | undefined
  readonly requests: number | undefined
  readonly ratio: number | undefined
  /** Answers of the whole node: Spegel does not tell them apart by registry. */
  readonly notFound: number | undefined
  readonly serverFaults: number | undefined
  readonly finding: FindingRule | undefined
}

export const countColumns = [
  'node',
  'zone',
  'registry',
  'hits',
  'misses',
  'requests',
  'ratio',
  'notFound',
  'serverFaults',
  'finding',
] as const
export type CountColumn = (typeof countColumns)[number]

export interface CountOrder {
  readonly column: CountColumn
  readonly descending: boolean
}

/** The numbers of the map as rows. A node nothing is known of keeps one row that says so. */
export function countRowsOf(rows: readonly NodeRow[], registries: readonly string[]): CountRow[] {
  const wanted = new Set(registries)
  return rows.flatMap((row): CountRow[] => {
    const { reading, counts, finding } = row
    const node = {
      row,
      node: reading.name,
      zone: reading.zone,
      notFound: reading.answers?.notFound,
      serverFaults: reading.answers?.serverFaults,
      finding: finding?.rule,
    }
    const asked = [...(counts?.values() ?? [])].filter(({ registry }) => wanted.has(registry))
    if (asked.length === 0) {
      const measured = counts === undefined ? undefined : 0
      return [
        {
          ...node,
          key: row.key,
          registry: undefined,
          hits: measured,
          misses: measured,
          requests: measured,
          ratio: undefined,
        },
      ]
    }
    return asked.map((count) => ({
      ...node,
      ...count,
      key: `${row.key} ${count.registry}`,
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
      return Number(left === undefined) - Number(right === undefined)
    }
    return typeof left === 'number' && typeof right === 'number'
      ? sign * (left - right)
      : sign * compareNames(String(left), String(right))
  })
}
