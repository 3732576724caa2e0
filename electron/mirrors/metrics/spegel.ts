import type { FailureError } from '../../../shared/model/failure.ts'
import { failureError } from '../../../shared/model/local-failure.ts'
import type { HitCount } from '../../../shared/model/mirror.ts'
import { httpTotals } from './answers.ts'
import { gather, histogramOf } from './buckets.ts'
import type { Family } from './families.ts'
import { sumOfHistograms } from './histogram.ts'
import { parseMetrics } from './parse.ts'
import type { AgentSample, Histogram } from './sample.ts'
import type { Series } from './series.ts'
import { isKubelet, traitsOf } from './traits.ts'
import { brokenMetrics, countOf, gaugeOf } from './values.ts'

type Families = ReadonlyMap<string, Family>

const requests = 'spegel_mirror_requests_total'
const lastSuccess = 'spegel_mirror_last_success_timestamp_seconds'
const advertisedPrefix = 'spegel_advertised_'
const kept: ReadonlySet<string> = new Set([
  'http_request_duration_seconds_bucket',
  'http_request_duration_seconds_sum',
  'http_request_duration_seconds_count',
  'http_response_size_bytes_sum',
  'libp2p_rcmgr_connections',
  'process_resident_memory_bytes',
  'process_start_time_seconds',
])

/** The `registry` label is whatever a client put into `ns`, so a client can make as many as it likes. */
const maxRegistries = 5000
const maxRegistryLength = 500
/** Every registry is in three gauges at most. */
const maxAdvertised = 3 * maxRegistries

/**
 * Reads what a Spegel agent says of itself out of the body of its /metrics, unpacked; its content-type tells OpenMetrics
 * from the text format 0.0.4. Versions 0.0.5 to 0.7.4 and what came of them in k3s and RKE2 (notes/spegel.md 1 and 7):
 * what a version does not have stays absent. Throws a FailureError of kind `metrics-invalid` where the text is none, is
 * not Spegel's, or says what cannot be.
 */
export function readSpegel(body: Uint8Array, contentType?: string): AgentSample {
  const families = parseMetrics(body, isWanted, contentType)
  if (!isSpegel(families)) throw notSpegel(families)
  return sampleOf(families)
}

/**
 * Whether a series, by its name, says something of Spegel. Of the sizes' buckets one is enough: its bound tells versions
 * apart.
 */
export function isWanted(series: string): boolean | 'first' {
  if (series === 'http_response_size_bytes_bucket') return 'first'
  return kept.has(series) || series.startsWith('spegel_')
}

/**
 * What Spegel's families say, wherever they were read. Throws a FailureError of kind `metrics-invalid` where it cannot
 * be.
 */
export function sampleOf(families: Families): AgentSample {
  const counts = hitCounts(seriesOf(families, requests))
  const startedAt = timeOf(families, 'process_start_time_seconds')
  const lastSuccessAt = timeOf(families, lastSuccess)
  const resolve = resolveTimes(seriesOf(families, 'spegel_resolve_duration_seconds'))
  const peers = openConnections(seriesOf(families, 'libp2p_rcmgr_connections'))
  const [memory] = seriesOf(families, 'process_resident_memory_bytes')
  const isNeverHit = counts.every(({ hits }) => hits === 0)
  return {
    counts,
    ...httpTotals(families, isKubelet(families)),
    ...(resolve && { resolve }),
    ...(startedAt !== undefined && { startedAt }),
    ...(lastSuccessAt !== undefined && { lastSuccessAt }),
    ...(peers !== undefined && { peers }),
    advertised: advertisedBy(families),
    ...(memory && { resident: gaugeOf(memory) }),
    traits: traitsOf(families, isNeverHit && (lastSuccessAt ?? 0) > 0),
  }
}

/**
 * A fresh agent before 0.4 has no spegel_ family at all, since a counter with labels appears at its first use; libp2p
 * beside Go's process metrics gives it away.
 */
function isSpegel(families: Families): boolean {
  const names = [...families.keys()]
  if (names.some((name) => name.startsWith('spegel_'))) return true
  return families.has('process_start_time_seconds') && names.some((name) => name.startsWith('libp2p_'))
}

function notSpegel(families: Families): FailureError {
  const what = isKubelet(families)
    ? "These are the metrics of a kubelet without Spegel's among them: the registry of k3s or RKE2 is not on here"
    : 'These are Prometheus metrics, but not those of a Spegel agent: no family begins with spegel_'
  return failureError('metrics-invalid', 'scrape', `${what}.`, { next: ['check-address'] })
}

function seriesOf(families: Families, name: string): readonly Series[] {
  return families.get(name)?.series ?? []
}

/** Up to 0.1 a label `source` splits the requests; whatever labels there are, they are added up. */
function hitCounts(series: readonly Series[]): HitCount[] {
  const byRegistry = new Map<string, HitCount>()
  for (const one of series) {
    const registry = registryOf(one)
    const cache = one.labels.get('cache')
    if (cache !== 'hit' && cache !== 'miss') {
      throw brokenMetrics(`${requests} has a series whose label cache is neither hit nor miss`)
    }
    const count = byRegistry.get(registry) ?? { registry, hits: 0, misses: 0 }
    byRegistry.set(registry, count)
    if (cache === 'hit') count.hits += countOf(one)
    else count.misses += countOf(one)
  }
  if (byRegistry.size > maxRegistries) {
    throw brokenMetrics(`${requests} names more than ${maxRegistries} registries`)
  }
  return [...byRegistry.values()].sort((a, b) => (a.registry < b.registry ? -1 : 1))
}

function registryOf({ name, labels }: Series): string {
  const registry = labels.get('registry') ?? ''
  if (registry.length > maxRegistryLength) throw brokenMetrics(`${name} names a registry of absurd length`)
  return registry
}

function advertisedBy(families: Families): AgentSample['advertised'] {
  const advertised: AgentSample['advertised'] = []
  for (const [name, { series }] of families) {
    if (!name.startsWith(advertisedPrefix)) continue
    if (advertised.length + series.length > maxAdvertised) {
      throw brokenMetrics(`${name} and others like it have more than ${maxAdvertised} series`)
    }
    const what = name.slice(advertisedPrefix.length)
    advertised.push(...series.map((one) => ({ what, registry: registryOf(one), count: gaugeOf(one) })))
  }
  return advertised
}

function resolveTimes(series: readonly Series[]): Histogram | undefined {
  return sumOfHistograms(gather(series, ['router']).map(histogramOf))
}

/** Both directions, over all transports. */
function openConnections(series: readonly Series[]): number | undefined {
  const open = series.filter(({ labels }) => labels.get('scope') === 'system')
  return open.length === 0 ? undefined : open.reduce((sum, one) => sum + gaugeOf(one), 0)
}

/** Seconds since 1970 as ms. */
function timeOf(families: Families, name: string): number | undefined {
  const [series] = seriesOf(families, name)
  return series && Math.round(countOf(series) * 1000)
}
