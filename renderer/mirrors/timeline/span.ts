import type { MirrorSeries } from '../../../shared/model/mirror.ts'
import type { TimeRange, WindowPreset } from '../../state/mirror-options.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** How far back the timeline reaches, and how long a step of it is, ms. */
export interface Span {
  readonly length: number
  readonly step: number
  /** Between two words on the axis. */
  readonly tick: number
}

/** The past hour by minutes, the past day by quarters, the past week by two hours. */
export function spanOf(preset: WindowPreset): Span {
  switch (preset) {
    case '5m':
    case '1h':
      return { length: hour, step: minute, tick: 10 * minute }
    case 'start':
    case '24h':
      return dayLong
    case '7d':
      return { length: 7 * day, step: 2 * hour, tick: day }
  }
}

/** The past day by quarters of an hour: what playback steps through. */
export const dayLong: Span = { length: day, step: 15 * minute, tick: 3 * hour }

/** The whole steps up to `now`, the one that is not over yet as the last. */
export function rangeOf({ length, step }: Span, now: number): TimeRange {
  const to = Math.ceil(now / step) * step
  return { from: to - length, to }
}

/** Moments on the axis that are round in local time; none so near its end that the words would be cut. */
export function ticksOf({ from, to }: TimeRange, tick: number): number[] {
  const offset = new Date(from).getTimezoneOffset() * minute
  const ticks: number[] = []
  for (let at = Math.ceil((from - offset) / tick) * tick + offset; at < to - (to - from) / 25; at += tick)
    ticks.push(at)
  return ticks
}

/** More are not asked for. */
const mostBars = 2000

/** A step of the timeline as it is drawn: heights from 0 to 1 of the busiest step. */
export interface Bar {
  readonly at: number
  /** Undefined where nothing was measured. */
  readonly hits: number | undefined
  readonly misses: number | undefined
  readonly hitHeight: number
  readonly missHeight: number
  readonly serverFaults: number
}

/** Bars over a range of time, whole steps of it. */
export interface Timeline extends TimeRange {
  /** Milliseconds a bar. */
  readonly step: number
  readonly bars: readonly Bar[]
}

/**
 * One bar a step, whether the series has a point for it or not. The step is the series' own: it may be longer than was
 * asked for, where less is kept or agents are read less often. `asked` is for as long as there is no series.
 */
export function timelineOf(series: MirrorSeries | undefined, range: TimeRange, asked: number): Timeline {
  const step = Math.max(1, series?.step ?? asked)
  const from = Math.floor(range.from / step) * step
  const count = Math.min(mostBars, Math.ceil((range.to - from) / step))
  const points = new Map(
    series?.points.map((point) => [Math.round((point.at - from) / step), point] as const),
  )
  const busiest = Math.max(1, ...[...points.values()].map(({ hits = 0, misses = 0 }) => hits + misses))
  const bars = Array.from({ length: count }, (_, index) => {
    const point = points.get(index)
    return {
      at: from + index * step,
      hits: point?.hits,
      misses: point?.misses,
      hitHeight: (point?.hits ?? 0) / busiest,
      missHeight: (point?.misses ?? 0) / busiest,
      serverFaults: point?.answers?.serverFaults ?? 0,
    }
  })
  return { from, to: from + count * step, step, bars }
}
