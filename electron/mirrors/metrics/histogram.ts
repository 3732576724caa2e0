import type { Percentiles } from '../../../shared/model/mirror-detail.ts'
import type { Histogram } from './sample.ts'

/**
 * 50th, 95th and 99th percentile in the unit of the bounds, as Prometheus' histogram_quantile has them: linear
 * inside a bucket, from 0 in the first. `atLimit` where one lies above the last bound, which is then what is
 * said. Undefined where nothing was observed or no bound is there to say anything.
 */
export function percentilesOf(histogram: Histogram): Percentiles | undefined {
  if (histogram.count === 0 || histogram.bounds.length === 0) return undefined
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => quantile(histogram, share)) as [
    Found,
    Found,
    Found,
  ]
  return {
    count: histogram.count,
    p50: p50.value,
    p95: p95.value,
    p99: p99.value,
    atLimit: p99.atLimit,
  }
}

interface Found {
  value: number
  atLimit: boolean
}

function quantile({ bounds, counts, count }: Histogram, share: number): Found {
  const rank = share * count
  const bucket = counts.findIndex((upTo) => upTo >= rank)
  if (bucket === -1) return { value: bounds.at(-1) ?? NaN, atLimit: true }
  const upper = bounds[bucket] ?? NaN
  const lower = bucket === 0 ? Math.min(0, upper) : (bounds[bucket - 1] ?? NaN)
  const below = bucket === 0 ? 0 : (counts[bucket - 1] ?? NaN)
  const inside = (counts[bucket] ?? NaN) - below
  return { value: lower + (upper - lower) * ((rank - below) / inside), atLimit: false }
}

/** What was observed between two readings of one histogram; undefined where the bounds are not the same. */
export function histogramBetween(before: Histogram, after: Histogram): Histogram | undefined {
  if (!sameBounds(before, after)) return undefined
  return {
    bounds: after.bounds,
    counts: after.counts.map((count, index) => count - (before.counts[index] ?? 0)),
    sum: after.sum - before.sum,
    count: after.count - before.count,
  }
}

/**
 * All observations of several histograms. Where versions cut their buckets differently only the bounds they share
 * stay, at which the sums are exact. Undefined for none.
 */
export function sumOfHistograms(histograms: readonly Histogram[]): Histogram | undefined {
  const [first, ...others] = histograms
  return first && others.reduce(add, first)
}

function add(one: Histogram, other: Histogram): Histogram {
  const sum = one.sum + other.sum
  const count = one.count + other.count
  if (sameBounds(one, other)) {
    const counts = one.counts.map((each, index) => each + (other.counts[index] ?? 0))
    return { bounds: one.bounds, counts, sum, count }
  }
  const upTo = new Map(other.bounds.map((bound, index) => [bound, other.counts[index] ?? 0]))
  const shared = one.bounds
    .map((bound, index) => ({ bound, count: one.counts[index] ?? 0 }))
    .filter(({ bound }) => upTo.has(bound))
  return {
    bounds: shared.map(({ bound }) => bound),
    counts: shared.map(({ bound, count: each }) => each + (upTo.get(bound) ?? 0)),
    sum,
    count,
  }
}

function sameBounds(one: Histogram, other: Histogram): boolean {
  return (
    one.bounds.length === other.bounds.length &&
    one.bounds.every((bound, index) => bound === other.bounds[index])
  )
}
