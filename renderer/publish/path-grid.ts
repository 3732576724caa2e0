import type { Failure } from '../../shared/model/failure.ts'
import type { PathCheckReport, PathCheckResult } from '../../shared/model/path-check.ts'
import { type Route, routeSchema, type Strategy, strategySchema } from '../../shared/model/upload.ts'

export interface Cell {
  readonly route: Route
  readonly strategy: Strategy
  readonly bytes: number
}

/** `untried` for good: a smaller blob had failed, or the check is over. `waiting` may still come. */
export type CellState =
  | { readonly is: 'passed' | 'failed'; readonly result: PathCheckResult }
  | { readonly is: 'running' | 'waiting' | 'untried' }

/** Every cell of a check with blobs of these sizes, in the order they are tried: the routes one after the other. */
export function cellsOf(bytes: readonly number[]): Cell[] {
  return routeSchema.options.flatMap((route) =>
    strategySchema.options.flatMap((strategy) => bytes.map((size) => ({ route, strategy, bytes: size }))),
  )
}

/** What is known of a cell while a check runs, or after it ended. */
export function stateOf(
  cell: Cell,
  results: readonly PathCheckResult[],
  bytes: readonly number[],
  running: boolean,
): CellState {
  const result = results.find((each) => isSame(each, cell))
  if (result !== undefined) return { is: result.ok ? 'passed' : 'failed', result }
  if (!running) return { is: 'untried' }
  const cells = cellsOf(bytes)
  const at = cells.findIndex((each) => isSame(each, cell))
  const last = results.at(-1)
  const reached = last === undefined ? -1 : cells.findIndex((each) => isSame(each, last))
  if (at < reached || blockedBySmaller(cell, results)) return { is: 'untried' }
  const next = nextOf(cells, results)
  return { is: next !== undefined && isSame(next, cell) ? 'running' : 'waiting' }
}

/**
 * The cell that is being tried, where that is certain. After a failure before any byte of the body left, a whole
 * route may be skipped.
 */
function nextOf(cells: readonly Cell[], results: readonly PathCheckResult[]): Cell | undefined {
  const last = results.at(-1)
  if (last === undefined) return cells[0]
  const phase = last.failure?.phase
  if (phase !== undefined && phase !== 'upload-body' && phase !== 'upload-commit') return undefined
  const rest = cells.slice(cells.findIndex((each) => isSame(each, last)) + 1)
  return rest.find((each) => !blockedBySmaller(each, results))
}

function blockedBySmaller(cell: Cell, results: readonly PathCheckResult[]): boolean {
  return results.some(
    (each) =>
      !each.ok && each.route === cell.route && each.strategy === cell.strategy && each.bytes < cell.bytes,
  )
}

function isSame(a: Cell, b: Cell): boolean {
  return a.route === b.route && a.strategy === b.strategy && a.bytes === b.bytes
}

/** Shapes that failed alike, with the routes and the size of blob at which they did. */
export interface Refusal {
  readonly routes: readonly Route[]
  readonly strategies: readonly Strategy[]
  readonly bytes: number
  readonly failure: Failure
}

/** The failures of a check, those that are the same under one head: over each route its shapes, then equal routes. */
export function refusalsOf(results: readonly PathCheckResult[]): Refusal[] {
  const failed = results.flatMap(({ route, strategy, bytes, failure }) =>
    failure === undefined ? [] : [{ routes: [route], strategies: [strategy], bytes, failure }],
  )
  const alike = ({ bytes, failure: { kind, status, answeredBy } }: Refusal) =>
    [bytes, kind, status, answeredBy].join(' ')
  const byRoute = joined(failed, (one) => `${alike(one)} ${one.routes.join(' ')}`)
  return joined(byRoute, (one) => `${alike(one)} ${one.strategies.join(' ')}`)
}

/** Refusals with the same key as one, in the order of the first of each. */
function joined(refusals: readonly Refusal[], keyOf: (refusal: Refusal) => string): Refusal[] {
  const heads = new Map<string, Refusal>()
  for (const one of refusals) {
    const key = keyOf(one)
    const head = heads.get(key)
    heads.set(key, {
      ...one,
      routes: [...new Set([...(head?.routes ?? []), ...one.routes])],
      strategies: [...new Set([...(head?.strategies ?? []), ...one.strategies])],
    })
  }
  return [...heads.values()]
}

/**
 * What a finished check advises. `any`: every shape passed directly, auto may stay. `use`: one shape, directly.
 * `relay`: only there something got that far. `nothing` passed.
 */
export function adviceOf({
  recommended,
  results,
  complete,
}: PathCheckReport): 'any' | 'use' | 'relay' | 'nothing' {
  if (recommended === undefined) return 'nothing'
  if (recommended.route === 'relay') return 'relay'
  const direct = results.filter(({ route }) => route === 'direct')
  const tried = new Set(direct.map(({ strategy }) => strategy))
  const allPass = direct.every(({ ok }) => ok) && tried.size === strategySchema.options.length
  return complete && allPass ? 'any' : 'use'
}
