import type { Failure } from '../../../../shared/model/failure.ts'
import { failureError } from '../../../../shared/model/local-failure.ts'
import type { HitCount } from '../../../../shared/model/mirror.ts'
import type { AgentSample, AnswerCount, Histogram } from '../../metrics/sample.ts'
import { type Labels, ownKeyOf } from './labels.ts'
import type { Part } from './queries.ts'

/** One value of one target at one moment. */
export interface Reading {
  part: Part['name']
  labels: Labels
  value: number
}

/** Registries of one agent that are read at most: a client can make up as many as it likes. */
const maxRegistries = 5000
const maxRegistryLength = 500
/** process_start_time_seconds is reckoned from the boot time, which moves with every correction of the clock. */
const startTolerance = 2000

const requests = 'spegel_mirror_requests_total'
const start = 'process_start_time_seconds'
const advertised = /^spegel_advertised_(images|keys|image_tags|image_digests|content_digests)$/

/**
 * Puts together what one scrape of an agent said: the same as reading its metrics text (`readSpegel`). Throws a
 * FailureError of kind `metrics-invalid` where that cannot be right, and `answer-invalid` where the parts are of two
 * runs of the agent, which asking again mends.
 */
export function sampleOf(readings: readonly Reading[]): AgentSample {
  refuseDoubles(readings)
  const of = (part: Part['name']) => readings.filter((each) => each.part === part)
  const named = (part: Part['name'], ...names: string[]) =>
    of(part).filter(({ labels }) => names.includes(labels['__name__'] ?? ''))
  const startedAt = startOf(readings)
  const lastSuccess = named('counts', 'spegel_mirror_last_success_timestamp_seconds').map(counter)[0]
  const counted = named('answers', 'http_request_duration_seconds_count')
  const answers = answersOf(counted.filter(isMirror))
  const latency = of('latency').filter(isMirror)
  const served = histogramOf(latency.filter(isServed))
  const notFound = histogramOf(latency.filter(({ labels }) => labels['code'] === '404'))
  const bytes = named('answers', 'http_response_size_bytes_sum').filter(isMirror).filter(isServed)
  const resolve = histogramOf(of('resolve'))
  const readiness = readinessOf(counted)
  const peers = named('gauges', 'libp2p_rcmgr_connections').filter(
    ({ labels }) => labels['scope'] === 'system',
  )
  const resident = named('gauges', 'process_resident_memory_bytes')[0]?.value
  return {
    counts: hitCounts(named('counts', requests)),
    ...(startedAt !== undefined ? { startedAt } : {}),
    ...(lastSuccess !== undefined ? { lastSuccessAt: Math.round(lastSuccess * 1000) } : {}),
    ...(answers.length > 0 ? { answers } : {}),
    ...(served !== undefined ? { served } : {}),
    ...(notFound !== undefined ? { notFound } : {}),
    ...(bytes.length > 0 ? { bytes: sumOf(bytes) } : {}),
    ...(resolve !== undefined ? { resolve } : {}),
    ...(readiness !== undefined ? { readiness } : {}),
    ...(peers.length > 0 ? { peers: sumOf(peers) } : {}),
    advertised: advertisedOf(of('gauges')),
    ...(resident !== undefined ? { resident } : {}),
    traits: traitsOf(readings),
  }
}

/** No two series have the same labels; added up, they would count everything twice. */
function refuseDoubles(readings: readonly Reading[]): void {
  const seen = new Set<string>()
  for (const { part, labels } of readings) {
    const key = `${part} ${ownKeyOf(labels)}`
    if (seen.has(key))
      throw broken(`a series of ${(labels['__name__'] ?? part).slice(0, 100)} is there twice`)
    seen.add(key)
  }
}

/** Of every part that has it: they must be of one run. */
function startOf(readings: readonly Reading[]): number | undefined {
  const starts = readings
    .filter(({ labels }) => labels['__name__'] === start)
    .map((each) => Math.round(counter(each) * 1000))
  const [first = 0] = starts
  if (starts.some((other) => Math.abs(other - first) > startTolerance)) {
    throw failureError('answer-invalid', 'scrape', 'The agent restarted while Prometheus was asked.', {
      retryable: true,
      next: ['retry'],
    })
  }
  return starts[0]
}

/** Whether the parts are of two runs of an agent, or one was left out. */
export function isWorthAskingAgain({ kind, retryable }: Failure): boolean {
  return kind === 'answer-invalid' && retryable
}

function hitCounts(series: readonly Reading[]): HitCount[] {
  const byRegistry = new Map<string, HitCount>()
  for (const reading of series) {
    const { registry = '', cache } = reading.labels
    if (cache !== 'hit' && cache !== 'miss') {
      throw broken(`${requests} has a series whose label cache is neither hit nor miss`)
    }
    if (registry.length > maxRegistryLength) throw broken(`${requests} names a registry of absurd length`)
    const count = byRegistry.get(registry) ?? { registry, hits: 0, misses: 0 }
    byRegistry.set(registry, count)
    // up to 0.1 the label source splits them
    if (cache === 'hit') count.hits += counter(reading)
    else count.misses += counter(reading)
  }
  if (byRegistry.size > maxRegistries) throw broken(`${requests} names more than ${maxRegistries} registries`)
  return [...byRegistry.values()].sort((a, b) => (a.registry < b.registry ? -1 : 1))
}

function answersOf(series: readonly Reading[]): AnswerCount[] {
  return series
    .map((reading) => ({
      code: reading.labels['code'] ?? '',
      method: reading.labels['method'] ?? '',
      count: counter(reading),
    }))
    .sort((a, b) => (`${a.code} ${a.method}` < `${b.code} ${b.method}` ? -1 : 1))
}

function readinessOf(series: readonly Reading[]): AgentSample['readiness'] {
  const probes = series.filter(
    ({ labels }) => labels['handler'] === '/readyz' || labels['handler'] === '/healthz',
  )
  if (probes.length === 0) return undefined
  const isReady = ({ labels }: Reading) => labels['code'] === '200'
  return {
    ready: sumOf(probes.filter(isReady)),
    notReady: sumOf(probes.filter((each) => !isReady(each))),
  }
}

/** Buckets and sums of any number of series of one histogram: `le` tells them apart. */
function histogramOf(series: readonly Reading[]): Histogram | undefined {
  const buckets = new Map<number, number>()
  let sum = 0
  for (const reading of series) {
    const { le, __name__: name } = reading.labels
    if (le !== undefined) {
      // Prometheus 3 writes "1.0" where 2 wrote "1"
      const bound = le === '+Inf' ? Infinity : Number(le)
      if (Number.isNaN(bound)) throw broken('a bucket of a histogram has no number for its bound')
      buckets.set(bound, (buckets.get(bound) ?? 0) + counter(reading))
    } else if (name === undefined || name.endsWith('_sum')) {
      // what Prometheus added up has lost its name
      sum += counter(reading)
    }
  }
  const count = buckets.get(Infinity)
  if (count === undefined) return undefined
  const rising = [...buckets].filter(([bound]) => bound !== Infinity).sort(([a], [b]) => a - b)
  return { bounds: rising.map(([bound]) => bound), counts: rising.map(([, upTo]) => upTo), sum, count }
}

function advertisedOf(gauges: readonly Reading[]): AgentSample['advertised'] {
  return gauges
    .flatMap(({ labels, value }) => {
      const what = advertised.exec(labels['__name__'] ?? '')?.[1]
      return what === undefined ? [] : [{ what, registry: labels['registry'] ?? '', count: value }]
    })
    .sort((a, b) => (`${a.what} ${a.registry}` < `${b.what} ${b.registry}` ? -1 : 1))
}

/** Only what was asked for can be told: the families of Spegel itself. */
function traitsOf(readings: readonly Reading[]): string[] {
  const traits = new Set<string>()
  for (const { labels } of readings) {
    const name = labels['__name__'] ?? ''
    if (name.startsWith('spegel_')) traits.add(name)
  }
  return [...traits].sort()
}

const isMirror = ({ labels }: Reading) => labels['handler'] === '/v2/*'
const isServed = ({ labels }: Reading) => labels['code'] === '200' || labels['code'] === '206'

function sumOf(series: readonly Reading[]): number {
  return series.reduce((sum, each) => sum + counter(each), 0)
}

function counter({ labels, value }: Reading): number {
  if (!Number.isFinite(value) || value < 0) {
    throw broken(`${labels['__name__'] ?? 'a histogram'} is ${value}, which no agent counts to`)
  }
  return value
}

function broken(why: string) {
  return failureError('metrics-invalid', 'scrape', `The metrics cannot be right: ${why}.`, {
    next: ['check-mirror-agent'],
  })
}
