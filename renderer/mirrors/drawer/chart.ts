import type { MirrorSeries, MirrorWindow, SeriesPoint } from '../../../shared/model/mirror.ts'
import type { TimeRange } from '../../state/mirror-options.ts'

/** Steps of the drawer's chart at most: about four pixels each. */
export const chartSteps = 72

const minute = 60_000

/**
 * What the chart shows for a window that ends at `at`: whole minutes, the one that is not over yet as the last. The
 * past hour where the window reaches back to the agent's start.
 */
export function chartRange(window: MirrorWindow, at: number): TimeRange {
  if (window.kind === 'between') return { from: window.from, to: window.to }
  const to = Math.ceil(at / minute) * minute
  return { from: to - (window.kind === 'start' ? 60 * minute : window.seconds * 1000), to }
}

/** A series with a place for every step, whether it has a point for it or not. */
export interface Chart {
  /** Begin of the first step, ms since 1970. */
  readonly from: number
  /** Length of a step, ms. */
  readonly step: number
  readonly points: readonly (SeriesPoint | undefined)[]
  /** Steps in which nothing was measured, from the first to the one after the last. */
  readonly gaps: readonly { from: number; to: number }[]
  /** Steps in which the agent began anew. */
  readonly restarts: readonly number[]
}

/** Steps begin at whole multiples of their length, so the first may begin before what was asked for. */
export function chartOf({ from: asked, to, step, points }: MirrorSeries): Chart {
  const from = Math.floor(asked / step) * step
  const byStep = new Map(points.map((point) => [Math.round((point.at - from) / step), point]))
  const length = Math.min(Math.max(1, Math.ceil((to - from) / step)), chartSteps + 2)
  const all = Array.from({ length }, (_, index) => byStep.get(index))
  return {
    from,
    step,
    points: all,
    gaps: runsOf(all.map((point) => point?.hits === undefined)),
    restarts: all.flatMap((point, index) => ((point?.restarts ?? 0) > 0 ? [index] : [])),
  }
}

/** Runs of true. */
function runsOf(flags: readonly boolean[]): { from: number; to: number }[] {
  const runs: { from: number; to: number }[] = []
  for (const [index, flag] of flags.entries()) {
    if (!flag) continue
    const last = runs.at(-1)
    if (last !== undefined && last.to === index) last.to = index + 1
    else runs.push({ from: index, to: index + 1 })
  }
  return runs
}

/** What a line of the chart shows of a step; undefined where it was not measured. */
export type LineOf = (point: SeriesPoint) => number | undefined

/** The most of several lines in any step, 0 where there is nothing. */
export function mostOf({ points }: Chart, lines: readonly LineOf[]): number {
  let most = 0
  for (const point of points) {
    for (const line of lines) most = Math.max(most, (point && line(point)) ?? 0)
  }
  return most
}

/**
 * A stepped line as an SVG path: a unit of x is a step, y runs from 2 (`most`) to 98 (zero). It breaks where nothing
 * was measured.
 */
export function pathOf({ points }: Chart, line: LineOf, most: number): string {
  let path = ''
  let down = false
  for (const [index, point] of points.entries()) {
    const value = point && line(point)
    if (value === undefined) {
      down = false
      continue
    }
    const y = (98 - (value / Math.max(most, 1)) * 96).toFixed(1)
    path += `${down ? 'V' : `M${index} `}${y}H${index + 1}`
    down = true
  }
  return path
}
