import type { Failure } from '../../../shared/model/failure.ts'
import type { PathCheckResult } from '../../../shared/model/path-check.ts'
import { routeSchema, strategySchema, type Route, type Strategy } from '../../../shared/model/upload.ts'

/** What became of one shape over one route. */
export interface Row {
  route: Route
  strategy: Strategy
  /** Bytes of the largest blob that passed with all smaller ones; 0 where none did. */
  passed: number
  /** The first blob that did not. */
  failed?: { bytes: number; failure: Failure }
}

/** One row for each shape and route that was tried, the simplest first: straight before the relay, then as listed. */
export function rowsOf(results: readonly PathCheckResult[]): Row[] {
  return routeSchema.options.flatMap((route) =>
    strategySchema.options.flatMap((strategy) => {
      const cells = results.filter((cell) => cell.route === route && cell.strategy === strategy)
      return cells.length === 0 ? [] : [rowOf(route, strategy, cells)]
    }),
  )
}

function rowOf(route: Route, strategy: Strategy, cells: readonly PathCheckResult[]): Row {
  const row: Row = { route, strategy, passed: 0 }
  for (const { bytes, failure } of cells.toSorted((a, b) => a.bytes - b.bytes)) {
    if (failure !== undefined) return { ...row, failed: { bytes, failure } }
    row.passed = bytes
  }
  return row
}

/** The row that carried the largest blobs, the simplest of several; undefined where nothing passed. */
export function bestOf(rows: readonly Row[]): Row | undefined {
  const most = Math.max(0, ...rows.map(({ passed }) => passed))
  return most === 0 ? undefined : rows.find(({ passed }) => passed === most)
}
