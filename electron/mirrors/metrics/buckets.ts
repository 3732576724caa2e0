import { brokenMetrics, countOf, nameOf } from './values.ts'
import type { Histogram } from './sample.ts'
import type { Series } from './series.ts'

/** Buckets of one histogram that are read at most; Spegel's have eleven. */
const maxBuckets = 500

/** The lines of one histogram, as they are found. */
export interface HistogramLines {
  buckets: Series[]
  sum?: Series
  count?: Series
}

/** Puts the series of a family together, one histogram for every set of values of the labels that tell them apart. */
export function gather(series: readonly Series[], labels: readonly string[]): HistogramLines[] {
  const histograms = new Map<string, HistogramLines>()
  let last: Series | undefined
  let lines: HistogramLines = { buckets: [] }
  for (const one of series) {
    // lines of one histogram stand together
    if (last === undefined || !labels.every((name) => one.labels.get(name) === last?.labels.get(name))) {
      const key = JSON.stringify(labels.map((name) => one.labels.get(name)))
      lines = histograms.get(key) ?? { buckets: [] }
      histograms.set(key, lines)
    }
    last = one
    if (one.name.endsWith('_bucket')) lines.buckets.push(one)
    else if (one.name.endsWith('_sum')) lines.sum = one
    else if (one.name.endsWith('_count')) lines.count = one
  }
  return [...histograms.values()]
}

/**
 * A histogram of its lines. Throws where they are not one: without a count, a sum or the bucket +Inf, with a bound
 * that is no number, with buckets that fall, or that hold another number in the end than the count says.
 */
export function histogramOf({ buckets, sum, count }: HistogramLines): Histogram {
  const some = count ?? sum ?? buckets[0]
  if (count === undefined || sum === undefined || some === undefined) {
    throw brokenMetrics(`${some === undefined ? 'a histogram' : nameOf(some)} has no count or no sum`)
  }
  if (buckets.length > maxBuckets) throw brokenMetrics(`${nameOf(count)} has more than ${maxBuckets} buckets`)
  const total = countOf(count)
  const steps = buckets
    .map((bucket) => ({ bound: boundOf(bucket), count: countOf(bucket), bucket }))
    .sort((one, other) => one.bound - other.bound)
  let below = 0
  for (const [index, step] of steps.entries()) {
    if (step.bound === steps[index - 1]?.bound) throw brokenMetrics(`${nameOf(step.bucket)} is there twice`)
    if (step.count < below) throw brokenMetrics(`${nameOf(step.bucket)} is less than the bucket before it`)
    below = step.count
  }
  const last = steps.pop()
  if (last?.bound !== Infinity) throw brokenMetrics(`${nameOf(count)} has no bucket +Inf`)
  if (last.count !== total) throw brokenMetrics(`${nameOf(count)} is not what its bucket +Inf holds`)
  return {
    bounds: steps.map(({ bound }) => bound),
    counts: steps.map((step) => step.count),
    sum: countOf(sum),
    count: total,
  }
}

function boundOf(bucket: Series): number {
  const text = bucket.labels.get('le') ?? ''
  if (/^\+?inf$/i.test(text)) return Infinity
  if (/^-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?$/i.test(text)) return Number(text)
  throw brokenMetrics(`${nameOf(bucket)} has no bound`)
}
