import { gather, histogramOf } from './buckets.ts'
import type { Family } from './families.ts'
import { sumOfHistograms } from './histogram.ts'
import type { AnswerCount, Histogram, Totals } from './sample.ts'
import type { Series } from './series.ts'
import { brokenMetrics, countOf } from './values.ts'

type HttpTotals = Pick<Totals, 'answers' | 'served' | 'notFound' | 'bytes' | 'readiness'>

/** Up to 0.2 a client names the method, and so can make as many as it likes. */
const maxAnswers = 1000

/**
 * What an agent's HTTP server measured of /v2/ and of its probe: /readyz, or /healthz before 0.4. A kubelet's text has
 * other servers' requests in the same families, so of that only `/v2/*` is taken.
 */
export function httpTotals(families: ReadonlyMap<string, Family>, isKubelet: boolean): HttpTotals {
  const isMirror = isKubelet ? isCollapsed : isMirrorPath
  const durations = families.get('http_request_duration_seconds')?.series ?? []
  const sizes = families.get('http_response_size_bytes')?.series ?? []
  const mirrored = durations.filter(isMirror)
  const answers = answersOf(mirrored.filter(isCount))
  const served = histogramsOf(mirrored.filter(hasContent))
  const notFound = histogramsOf(mirrored.filter(({ labels }) => labels.get('code') === '404'))
  const bytes = sizes.filter((one) => one.name.endsWith('_sum') && isMirror(one) && hasContent(one))
  const readiness = isKubelet ? undefined : readinessOf(durations.filter(isCount))
  return {
    ...((answers.length > 0 || readiness) && { answers }),
    ...(served && { served }),
    ...(notFound && { notFound }),
    ...(bytes.length > 0 && { bytes: sumOf(bytes) }),
    ...(readiness && { readiness }),
  }
}

function isCollapsed({ labels }: Series): boolean {
  return labels.get('handler') === '/v2/*'
}

/** Up to 0.0.20 the handler is `/v2/*params`; forks have the path as it was asked for. */
function isMirrorPath({ labels }: Series): boolean {
  return labels.get('handler')?.startsWith('/v2/') === true
}

function isCount({ name }: Series): boolean {
  return name.endsWith('_count')
}

/** 206 is an answer to a request for a range. */
function hasContent({ labels }: Series): boolean {
  const code = labels.get('code')
  return code === '200' || code === '206'
}

/** By code and method, sorted. */
function answersOf(counts: readonly Series[]): AnswerCount[] {
  const answers = new Map<string, AnswerCount>()
  for (const one of counts) {
    const code = one.labels.get('code') ?? ''
    const method = one.labels.get('method') ?? ''
    const answer = answers.get(`${code} ${method}`) ?? { code, method, count: 0 }
    answers.set(`${code} ${method}`, answer)
    answer.count += countOf(one)
  }
  if (answers.size > maxAnswers)
    throw brokenMetrics('http_request_duration_seconds knows too many codes and methods')
  return [...answers].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, answer]) => answer)
}

function histogramsOf(series: readonly Series[]): Histogram | undefined {
  return sumOfHistograms(gather(series, ['code', 'method', 'handler']).map(histogramOf))
}

/** 500 is how a probe says that it is not ready. */
function readinessOf(counts: readonly Series[]): Totals['readiness'] {
  const probes = counts.filter(({ labels }) => ['/readyz', '/healthz'].includes(labels.get('handler') ?? ''))
  const ready = probes.filter(({ labels }) => labels.get('code') === '200')
  const notReady = probes.filter(({ labels }) => labels.get('code') === '500')
  if (ready.length + notReady.length === 0) return undefined
  return { ready: sumOf(ready), notReady: sumOf(notReady) }
}

function sumOf(series: readonly Series[]): number {
  return series.reduce((sum, one) => sum + countOf(one), 0)
}
