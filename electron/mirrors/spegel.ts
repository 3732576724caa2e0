import { failureError } from '../../shared/model/local-failure.ts'
import type { HitCount } from '../../shared/model/mirror.ts'
import { type Family, parseMetrics, type Sample } from './parse.ts'

/** What one scrape of a Spegel agent says; every count is since the agent's start. */
export interface SpegelCounts {
  /** Sorted by registry. */
  counts: HitCount[]
  /** ms since 1970, from process_start_time_seconds. */
  startedAt?: number
  /** ms since 1970; 0 is "never since start"; absent before Spegel 0.4. */
  lastSuccessAt?: number
  /** Answers of /v2/* with 404; absent until the agent has counted any request. */
  notFound?: number
  /** Answers of /v2/* with 5xx. */
  serverFaults?: number
}

const requests = 'spegel_mirror_requests_total'
const lastSuccess = 'spegel_mirror_last_success_timestamp_seconds'
const durations = 'http_request_duration_seconds'
const processStart = 'process_start_time_seconds'
const kept: ReadonlySet<string> = new Set([requests, lastSuccess, durations, processStart])

/** The `registry` label is whatever a client put into `ns`, so a client can make as many as it likes. */
const maxRegistries = 5000
const maxRegistryLength = 500

/**
 * Reads Spegel's counters out of a metrics text (families by version: notes of the project, Spegel 0.0.5 to
 * 0.7.4). Up to 0.1 the requests carry a `source` label; its values are added up. Throws a FailureError of
 * kind `metrics-invalid` where the text is none, or is not Spegel's.
 */
export function readSpegel(text: string): SpegelCounts {
  const families = parseMetrics(text, (name) => kept.has(name))
  if (!isSpegel(families)) {
    throw failureError(
      'metrics-invalid',
      'scrape',
      'These are Prometheus metrics, but not those of a Spegel agent: no family begins with spegel_.',
      { next: ['check-address'] },
    )
  }
  const started = singleValue(families, processStart)
  const success = singleValue(families, lastSuccess)
  return {
    counts: hitCounts(families.get(requests)?.samples ?? []),
    ...(started === undefined ? {} : { startedAt: Math.round(started * 1000) }),
    ...(success === undefined ? {} : { lastSuccessAt: Math.round(success * 1000) }),
    ...answersByClass(families.get(durations)),
  }
}

/**
 * A fresh agent before 0.4 has no spegel_ family at all, since a counter with labels appears at its first
 * use; libp2p beside Go's process metrics gives it away.
 */
function isSpegel(families: ReadonlyMap<string, Family>): boolean {
  const names = [...families.keys()]
  if (names.some((name) => name.startsWith('spegel_'))) return true
  return families.has(processStart) && names.some((name) => name.startsWith('libp2p_'))
}

function hitCounts(samples: readonly Sample[]): HitCount[] {
  const byRegistry = new Map<string, HitCount>()
  for (const sample of samples) {
    const registry = sample.labels.get('registry') ?? ''
    const cache = sample.labels.get('cache')
    if (cache !== 'hit' && cache !== 'miss') {
      throw broken(`${requests} has a series whose label cache is neither hit nor miss`)
    }
    if (registry.length > maxRegistryLength) throw broken(`${requests} names a registry of absurd length`)
    const count = byRegistry.get(registry) ?? { registry, hits: 0, misses: 0 }
    byRegistry.set(registry, count)
    if (cache === 'hit') count.hits += counter(sample)
    else count.misses += counter(sample)
  }
  if (byRegistry.size > maxRegistries) throw broken(`${requests} names more than ${maxRegistries} registries`)
  return [...byRegistry.values()].sort((a, b) => (a.registry < b.registry ? -1 : 1))
}

function answersByClass(family: Family | undefined): { notFound?: number; serverFaults?: number } {
  if (family === undefined) return {}
  let notFound = 0
  let serverFaults = 0
  for (const sample of family.samples) {
    if (sample.name !== `${durations}_count` || sample.labels.get('handler') !== '/v2/*') continue
    const code = sample.labels.get('code') ?? ''
    if (code === '404') notFound += counter(sample)
    else if (/^5[0-9][0-9]$/.test(code)) serverFaults += counter(sample)
  }
  return { notFound, serverFaults }
}

function singleValue(families: ReadonlyMap<string, Family>, name: string): number | undefined {
  const sample = families.get(name)?.samples[0]
  return sample === undefined ? undefined : counter(sample)
}

function counter(sample: Sample): number {
  if (!Number.isFinite(sample.value) || sample.value < 0) {
    throw broken(`${sample.name} is ${sample.value}, which no agent counts to`)
  }
  return sample.value
}

function broken(why: string) {
  return failureError('metrics-invalid', 'scrape', `The metrics cannot be right: ${why}.`, {
    next: ['check-mirror-agent'],
  })
}
