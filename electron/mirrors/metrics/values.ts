import type { FailureError } from '../../../shared/model/failure.ts'
import { failureError } from '../../../shared/model/local-failure.ts'
import type { Series } from './series.ts'

/** A count of events or bytes; throws where the value is none. */
export function countOf(series: Series): number {
  if (!Number.isFinite(series.value) || series.value < 0) {
    throw brokenMetrics(`${nameOf(series)} is ${series.value}, which no agent counts to`)
  }
  return series.value
}

/** A gauge, which may be negative: Spegel counts some down by events it never counted up. */
export function gaugeOf(series: Series): number {
  if (!Number.isFinite(series.value)) throw brokenMetrics(`${nameOf(series)} is ${series.value}`)
  return series.value
}

/** A series as messages name it. */
export function nameOf(series: Series): string {
  const labels = series.labels.entries().map(([name, value]) => `${name}="${value.slice(0, 100)}"`)
  return labels.length === 0 ? series.name : `${series.name}{${labels.join()}}`.slice(0, 500)
}

/** A text that is well formed and still cannot be true. */
export function brokenMetrics(why: string): FailureError {
  return failureError('metrics-invalid', 'scrape', `The metrics cannot be right: ${why}.`, {
    next: ['check-mirror-agent'],
  })
}
