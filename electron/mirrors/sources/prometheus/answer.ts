import { setImmediate as turn } from 'node:timers/promises'
import { FailureError, type Phase } from '../../../../shared/model/failure.ts'
import { failureError } from '../../../../shared/model/local-failure.ts'
import type { Labels } from './labels.ts'

/** One series of an answer. Values may be NaN or ±Infinity: the format allows them. */
export interface Queried {
  labels: Labels
  /** Times in ms since 1970, rising. */
  points: ReadonlyArray<{ at: number; value: number }>
}

export interface QueryAnswer {
  series: Queried[]
  /** What the other side says of its own answer: Thanos where a store did not answer. */
  warnings: string[]
}

/** What is read of one answer at most; larger clusters want matchers. */
export const answerLimits = {
  bytes: 64 * 1024 * 1024,
  series: 500_000,
  points: 2_000_000,
  labels: 128,
  /** Characters of a label's name or value. */
  text: 4096,
  warnings: 20,
  warning: 500,
} as const

/** Series after which all else in the process has its turn: a large cluster has some hundred thousand. */
export const breath = 2000

const phase: Phase = 'scrape'
const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const special: ReadonlyMap<string, number> = new Map([
  ['NaN', NaN],
  ['Inf', Infinity],
  ['+Inf', Infinity],
  ['-Inf', -Infinity],
])

/**
 * Reads the JSON of an answer to an instant or range query (prometheus.io, "HTTP API"). Native histograms, which Spegel
 * has none of, are passed over. Throws a FailureError of kind `not-prometheus` where it is something else, and
 * `answer-invalid` where it breaks its format or a limit; `host` is named in both.
 */
export async function readAnswer(json: unknown, host: string): Promise<QueryAnswer> {
  const data = isRecord(json) && json['status'] === 'success' ? json['data'] : undefined
  if (!isRecord(json) || !isRecord(data)) throw notPrometheus(host)
  const { resultType, result } = data
  if ((resultType !== 'vector' && resultType !== 'matrix') || !Array.isArray(result)) {
    throw invalid(host, 'its result is neither a vector nor a matrix')
  }
  if (result.length > answerLimits.series) throw tooMuch(host, `${answerLimits.series} series`)
  const series: Queried[] = []
  let points = 0
  for (const [index, entry] of (result as unknown[]).entries()) {
    if (index % breath === 0) await turn()
    const one = seriesOf(entry, host)
    points += one.points.length
    if (points > answerLimits.points) throw tooMuch(host, `${answerLimits.points} points`)
    if (one.points.length > 0) series.push(one)
  }
  return { series, warnings: warningsOf(json) }
}

/** What is scraped, from the list of targets. */
export interface ActiveTarget {
  labels: Labels
  /** Empty where the last scrape went well. */
  lastError: string
}

/** Reads the answer to `/api/v1/targets`; entries that break its format are left out. Throws as `readAnswer` does. */
export function readTargets(json: unknown, host: string): ActiveTarget[] {
  const data = isRecord(json) && json['status'] === 'success' ? json['data'] : undefined
  const targets = isRecord(data) ? data['activeTargets'] : undefined
  if (!Array.isArray(targets)) throw notPrometheus(host)
  return targets.flatMap((entry: unknown): ActiveTarget[] => {
    if (!isRecord(entry) || !isRecord(entry['labels']) || typeof entry['lastError'] !== 'string') return []
    const { job, instance } = entry['labels']
    if (typeof job !== 'string' || typeof instance !== 'string') return []
    return [{ labels: { job, instance }, lastError: entry['lastError'] }]
  })
}

function seriesOf(entry: unknown, host: string): Queried {
  if (!isRecord(entry) || !isRecord(entry['metric'])) throw invalid(host, 'a series of it has no labels')
  const labels = labelsOf(entry['metric'], host)
  const { value, values } = entry
  const raw = value === undefined ? (values ?? []) : [value]
  if (!Array.isArray(raw)) throw invalid(host, 'the values of a series are no list')
  return { labels, points: raw.map((point: unknown) => pointOf(point, host)) }
}

function labelsOf(metric: Record<string, unknown>, host: string): Labels {
  const names = Object.keys(metric)
  if (names.length > answerLimits.labels) throw tooMuch(host, `${answerLimits.labels} labels of a series`)
  for (const name of names) {
    const value = metric[name]
    if (typeof value !== 'string') throw invalid(host, 'a label of it is no text')
    if (name.length > answerLimits.text || value.length > answerLimits.text) {
      throw tooMuch(host, `${answerLimits.text} characters of a label`)
    }
  }
  return metric as Labels
}

function pointOf(point: unknown, host: string): { at: number; value: number } {
  if (!Array.isArray(point)) throw invalid(host, 'a point of it is no list')
  const [seconds, text] = point as unknown[]
  if (typeof seconds !== 'number' || typeof text !== 'string') {
    throw invalid(host, 'a point of it is not a time and a value')
  }
  const value = decimal.test(text) ? Number(text) : special.get(text)
  if (value === undefined) throw invalid(host, `"${text.slice(0, 50)}" is no value`)
  return { at: Math.round(seconds * 1000), value }
}

/** VictoriaMetrics' cluster says `isPartial` where Thanos has words. */
function warningsOf(json: Record<string, unknown>): string[] {
  const { warnings, isPartial } = json
  const said = Array.isArray(warnings) ? warnings.filter((each) => typeof each === 'string') : []
  return [...said, ...(isPartial === true ? ['isPartial: true'] : [])]
    .slice(0, answerLimits.warnings)
    .map((each) => each.slice(0, answerLimits.warning))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function notPrometheus(host: string) {
  const { failure } = failureError(
    'not-prometheus',
    phase,
    `${host} answers, but not with Prometheus' API: its JSON has no status "success" with data.`,
    { host, next: ['check-address'] },
  )
  return new FailureError({ ...failure, answeredBy: 'server' })
}

function invalid(host: string, why: string) {
  return failureError('answer-invalid', phase, `The answer of ${host} breaks its format: ${why}.`, {
    host,
    next: ['check-address', 'report-bug'],
  })
}

function tooMuch(host: string, limit: string) {
  return failureError('answer-invalid', phase, `${host} sent more than ${limit}.`, {
    host,
    evidence: [{ fact: 'limit', value: limit }],
    next: ['check-matchers'],
  })
}
