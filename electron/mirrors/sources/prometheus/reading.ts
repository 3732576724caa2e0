import type { Failure } from '../../../../shared/model/failure.ts'
import { failureError } from '../../../../shared/model/local-failure.ts'
import type { Family } from '../../metrics/families.ts'
import type { Labels } from '../../metrics/labels.ts'
import type { AgentSample } from '../../metrics/sample.ts'
import { sampleOf } from '../../metrics/spegel.ts'
import { brokenMetrics } from '../../metrics/values.ts'
import { type Part, processStart } from './queries.ts'

/** One value of one target at one moment. */
export interface Reading {
  part: Part['name']
  /** Of the series. */
  name: string
  /** Without those of its target. */
  labels: Labels
  value: number
}

/** process_start_time_seconds is reckoned from the boot time, which moves with every correction of the clock. */
const startTolerance = 2000

/** Families whose series end in _bucket, _sum and _count. */
const histograms: ReadonlySet<string> = new Set([
  'http_request_duration_seconds',
  'http_response_size_bytes',
  'spegel_resolve_duration_seconds',
])

/**
 * Puts together what one scrape of an agent said, as it is read from its own metrics. Throws a FailureError of kind
 * `metrics-invalid` where that cannot be right, and a retryable `answer-invalid` where the parts are of two runs of the
 * agent, or Spegel's own are missing.
 */
export function readingsSay(readings: readonly Reading[]): AgentSample {
  if (areOfTwoRuns(readings)) throw doNotFit('The agent restarted while Prometheus was asked')
  const families = familiesOf(readings)
  if (![...families.keys()].some((name) => name.startsWith('spegel_'))) {
    throw doNotFit('Prometheus left out what Spegel says')
  }
  return sampleOf(families)
}

/** Whether asking once more may mend a failure of `readingsSay`. */
export function isWorthAskingAgain({ kind, retryable }: Failure): boolean {
  return kind === 'answer-invalid' && retryable
}

/** Every part that has the start of the process must have the same. */
function areOfTwoRuns(readings: readonly Reading[]): boolean {
  const starts = readings.filter(({ name }) => name === processStart).map(({ value }) => value * 1000)
  const [first = 0] = starts
  return starts.some((other) => Math.abs(other - first) > startTolerance)
}

function familiesOf(readings: readonly Reading[]): Map<string, Family> {
  const families = new Map<string, Family>()
  const seen = new Set<string>()
  for (const { part, name, labels, value } of readings) {
    if (part === 'answers' && comesWithBuckets(name, labels)) continue
    const key = `${name === processStart ? part : name}\n${labels.entries().join('\n')}`
    // no two series have the same labels; added up, they would count everything twice
    if (seen.has(key)) throw brokenMetrics(`a series of ${name.slice(0, 100)} is there twice`)
    seen.add(key)
    const base = name.replace(/_(?:bucket|sum|count)$/, '')
    const familyName = histograms.has(base) ? base : name
    const family = families.get(familyName) ?? { type: 'untyped', count: 0, series: [] }
    families.set(familyName, family)
    family.count += 1
    family.series.push({ name, labels, value })
  }
  return families
}

/** The count of a histogram must be of the same moment as its buckets. */
function comesWithBuckets(name: string, labels: Labels): boolean {
  return (
    name === 'http_request_duration_seconds_count' &&
    labels.get('handler')?.startsWith('/v2/') === true &&
    ['200', '206', '404'].includes(labels.get('code') ?? '')
  )
}

function doNotFit(why: string) {
  return failureError('answer-invalid', 'scrape', `${why}.`, { retryable: true, next: ['retry'] })
}
