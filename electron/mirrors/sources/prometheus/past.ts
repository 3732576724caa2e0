import { FailureError } from '../../../../shared/model/failure.ts'
import type { AgentSample } from '../../metrics/sample.ts'
import type { AgentResult } from '../source.ts'
import type { QueryAnswer } from './answer.ts'
import type { PrometheusApi, Steps } from './api.ts'
import { identify, type Naming } from './identity.ts'
import { keyOf, targetOf } from './labels.ts'
import type { Pods } from './pods.ts'
import type { Part, Queries } from './queries.ts'
import { addReadings, type Moments, type Read, readTarget, resultsOf } from './read.ts'

const minute = 60_000
const hour = 60 * minute
/** Of the past two days a sample every five minutes, of what is before one an hour. */
const zones = [
  { age: Infinity, step: hour },
  { age: 48 * hour, step: 5 * minute },
]

/** What is asked for at most. */
export interface PastLimits {
  /** Points of one series in one answer: Prometheus' own limit. */
  pointsOfSeries: number
  /** Points of one answer. */
  points: number
  /** Points of everything; where a cluster has more, its steps are longer. */
  allPoints: number
}

const usualPastLimits: PastLimits = { pointsOfSeries: 11_000, points: 200_000, allPoints: 6_000_000 }

export interface PastPorts {
  api: PrometheusApi
  times: Queries['times']
  parts: readonly Part[]
  pods: Pods
  naming: Naming
  limits?: PastLimits
}

/**
 * Samples of all agents from after `from` to `to`, ms since 1970, step by step and oldest first; `at` is when the
 * scrape behind a step was made. They are whole: a history takes what is missing for a restart. Where a query is too
 * much for the other side, the time it is about is halved. Throws a FailureError.
 */
export async function* readPast(
  { api, times, parts, pods, naming, limits = usualPastLimits }: PastPorts,
  { from, to }: { from: number; to: number },
  signal: AbortSignal,
): AsyncGenerator<AgentResult[], void> {
  const series = await seriesOf(api, parts, to, signal)
  const samples = new Map<string, AgentSample>()
  let length = Math.max(
    1,
    Math.min(limits.pointsOfSeries, Math.floor(limits.points / Math.max(1, series.largest))),
  )
  for (const zone of planOf({ from, to }, series.all, limits.allPoints)) {
    for (let begin = zone.from; begin <= zone.to;) {
      const steps = { from: begin, to: Math.min(zone.to, begin + (length - 1) * zone.step), step: zone.step }
      try {
        const [scraped, answers] = await Promise.all([
          api.range(times, steps, signal),
          Promise.all(
            parts.map(async ({ name, query }) => ({ name, answer: await api.range(query, steps, signal) })),
          ),
          pods.learnPast(steps, signal),
        ])
        const warnings = [...new Set(answers.flatMap(({ answer }) => answer.warnings))]
        const scrapedAt = timesOf(scraped)
        const moments: Moments = new Map()
        for (const { name, answer } of answers) await addReadings(moments, name, answer)
        for (const [step, targets] of [...moments].sort(([a], [b]) => a - b)) {
          const reads = [...targets].flatMap(([key, { labels, readings }]): Read[] => {
            const at = scrapedAt.get(step)?.get(key)
            if (at === undefined) return []
            const target = targetOf(labels)
            const pod = pods.placeOf(target)
            return [readTarget({ target, at, ...(pod !== undefined ? { pod } : {}) }, readings)]
          })
          const results = resultsOf(identify(reads, naming), { host: api.host, warnings, samples })
          const known = results.filter(({ ok }) => ok)
          if (known.length > 0) yield known
        }
        begin = steps.to + zone.step
      } catch (error) {
        if (length === 1 || signal.aborted || !isTooMuch(error)) throw error
        length = Math.ceil(length / 2)
      }
    }
  }
}

/** How many series there are now, in all parts and in the largest. */
async function seriesOf(api: PrometheusApi, parts: readonly Part[], at: number, signal: AbortSignal) {
  const counts = await Promise.all(
    parts.map(async ({ query }) => {
      const { series } = await api.instant(`count(${query})`, at, signal)
      return series[0]?.points[0]?.value ?? 0
    }),
  )
  return { all: counts.reduce((sum, count) => sum + count, 0), largest: Math.max(0, ...counts) }
}

/** When the scrape behind each step was made, by step and target. */
function timesOf({ series }: QueryAnswer): Map<number, Map<string, number>> {
  const times = new Map<number, Map<string, number>>()
  for (const { labels, points } of series) {
    const key = keyOf(labels)
    for (const { at, value } of points) {
      const targets = times.get(at) ?? new Map<string, number>()
      times.set(at, targets)
      targets.set(key, Math.round(value * 1000))
    }
  }
  return times
}

/** Stretches of even steps, whose moments are multiples of the step: a cache in front knows them again. */
function planOf({ from, to }: { from: number; to: number }, series: number, allPoints: number): Steps[] {
  const stretches = zones.map(({ age, step }, index) => ({
    from: Math.max(from, to - age),
    to: index + 1 < zones.length ? to - (zones[index + 1]?.age ?? 0) : to,
    step,
  }))
  const points = stretches.reduce(
    (sum, each) => sum + (series * Math.max(0, each.to - each.from)) / each.step,
    0,
  )
  const factor = Math.max(1, Math.ceil(points / allPoints))
  return stretches.flatMap((each) => {
    const step = each.step * factor
    const begin = (Math.floor(each.from / step) + 1) * step
    const end = Math.floor(each.to / step) * step
    return end < begin ? [] : [{ from: begin, to: end, step }]
  })
}

/**
 * Refusals that a shorter time may cure: too many samples, series, points or bytes (422; 400 "exceeded maximum
 * resolution"; an answer over our own limit) and queries that take too long (503, no answer in time).
 */
function isTooMuch(error: unknown): boolean {
  if (!(error instanceof FailureError)) return false
  const { kind, status, message, evidence } = error.failure
  if (kind === 'timeout') return true
  if (kind === 'query-refused')
    return status === 422 || /exceed|too (?:many|large|long)|limit|maximum/i.test(message)
  if (kind === 'answer-invalid') return evidence.some(({ fact }) => fact === 'limit')
  return kind === 'server-fault' && status === 503
}
