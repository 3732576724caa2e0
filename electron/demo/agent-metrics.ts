import type { AgentCounters } from './agent-counters.ts'
import type { AgentProfile } from './agent-profiles.ts'
import { goFamilies } from './go-families.ts'
import { libp2pFamilies } from './libp2p-families.ts'
import { type Family, histogram, metricsText, type Sample } from './metrics-text.ts'

/** Go client's default bounds, in seconds. */
const durationBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
/** Spegel's bounds for answers, in bytes, since 0.1. */
const sizeBounds = [1024, 5120, 25_600, 128_000, 640_000, 3.2e6, 1.6e7, 8e7, 4e8, 2e9]

/** /metrics of one agent: the families and labels of Spegel 0.7.4, or those of 0.1. */
export function agentMetrics(profile: AgentProfile, counters: AgentCounters): string {
  const go = profile.version === '0.7' ? 'go1.26.5' : 'go1.23.1'
  const now = counters.startedAt + counters.uptime
  return metricsText([
    ...goFamilies(counters, { go, resident: profile.resident }),
    ...libp2pFamilies(profile.peers, now),
    ...spegelFamilies(profile, counters),
  ])
}

/** The families that are Spegel's own, with its start: all that is read of a text. */
export function ownMetrics(profile: AgentProfile, counters: AgentCounters): string {
  const start = goFamilies(counters, { go: '', resident: profile.resident }).filter(
    ({ name }) => name === 'process_start_time_seconds',
  )
  return metricsText([...start, ...spegelFamilies(profile, counters)])
}

function spegelFamilies(profile: AgentProfile, counters: AgentCounters): Family[] {
  return [
    ...httpFamilies(profile, counters),
    ...(profile.version === '0.7' ? mirrorFamilies(profile, counters) : oldMirrorFamilies(profile, counters)),
    resolveFamily(counters),
  ]
}

function mirrorFamilies(profile: AgentProfile, counters: AgentCounters): Family[] {
  const requests = counters.registries.flatMap(({ registry, hits, misses }) => [
    { labels: { cache: 'hit', registry }, value: hits },
    { labels: { cache: 'miss', registry }, value: misses },
  ])
  return [
    mirrorRequests(requests),
    gauge(
      'spegel_mirror_last_success_timestamp_seconds',
      'The timestamp of the last successful mirror request.',
      [{ labels: {}, value: counters.lastSuccess }],
    ),
    advertised('content_digests', 'content digests', profile, 8),
    advertised('image_digests', 'image digests', profile, 1),
    advertised('image_tags', 'image tags', profile, 1),
  ]
}

/** Before 0.2 a request was also told apart by who made it, and nothing said when a mirror last worked. */
function oldMirrorFamilies(profile: AgentProfile, counters: AgentCounters): Family[] {
  const requests = counters.registries.flatMap(({ registry, hits, misses }) => {
    const external = Math.floor(hits / 3)
    return [
      { labels: { cache: 'hit', registry, source: 'external' }, value: external },
      { labels: { cache: 'hit', registry, source: 'internal' }, value: hits - external },
      { labels: { cache: 'miss', registry, source: 'internal' }, value: misses },
    ]
  })
  return [
    mirrorRequests(requests),
    advertised('images', 'images', profile, 1),
    advertised('keys', 'keys', profile, 8),
  ]
}

/** A series that was never counted is absent, not zero. */
function mirrorRequests(samples: Sample[]): Family {
  return {
    name: 'spegel_mirror_requests_total',
    type: 'counter',
    help: 'Total number of mirror requests.',
    samples: samples.filter(({ value }) => value > 0).toSorted(byLabels),
  }
}

/** A node announces what it holds, whether its containerd asks the mirror or not. */
function advertised(name: string, words: string, profile: AgentProfile, each: number): Family {
  const samples = profile.holdsOf.map((registry, rank) => ({
    labels: { registry },
    value: each * Math.ceil(profile.images / (rank + 2)),
  }))
  return gauge(
    `spegel_advertised_${name}`,
    `Number of ${words} advertised to be available.`,
    samples.toSorted(byLabels),
  )
}

/** All requests the mirror's listener answered: at least one for each hit and each miss. */
function httpFamilies(profile: AgentProfile, counters: AgentCounters): Family[] {
  const old = profile.version === '0.1'
  const hits = sum(counters.registries.map((counts) => counts.hits))
  const misses = sum(counters.registries.map((counts) => counts.misses))
  // 0.1 answered 500 where a peer had advertised a blob and no longer had it
  const faults = old ? Math.floor(misses / 4) : 0
  const answers = [
    {
      code: '200',
      handler: old ? '/healthz' : '/readyz',
      heads: 0,
      count: Math.floor(counters.uptime / 10),
      bytes: 0,
    },
    { code: '200', handler: '/v2/*', heads: 6, count: hits + counters.served, bytes: 14_500_000 },
    { code: '404', handler: '/v2/*', heads: 4, count: misses - faults, bytes: 179 },
    { code: '500', handler: '/v2/*', heads: 0, count: faults, bytes: 52 },
  ]
  const series = answers.flatMap(({ code, handler, heads, count, bytes }) => {
    const head = heads === 0 ? 0 : Math.floor(count / heads)
    const quick = handler !== '/v2/*'
    return [
      { labels: { code, handler, method: 'GET' }, count: count - head, bytes, quick },
      { labels: { code, handler, method: 'HEAD' }, count: head, bytes: 0, quick },
    ].filter((one) => one.count > 0)
  })
  return [
    {
      name: 'http_request_duration_seconds',
      type: 'histogram',
      help: 'The latency of the HTTP requests.',
      samples: series.flatMap(({ labels, count, bytes, quick }) => {
        const { mean, shares } = quick ? probes : bytes > 1_000_000 ? blobs : lookups[profile.lookups]
        return histogram(labels, count, mean, durationBounds, shares)
      }),
    },
    {
      name: 'http_response_size_bytes',
      type: 'histogram',
      help: 'The size of the HTTP responses.',
      samples: series.flatMap(({ labels, count, bytes }) =>
        histogram(labels, count, bytes, sizeBounds, bytes > 1_000_000 ? blobSizes : sizeBounds.map(() => 1)),
      ),
    },
    gauge(
      'http_requests_inflight',
      'The number of inflight requests being handled at the same time.',
      [...new Set(answers.map(({ handler }) => handler))].map((handler) => ({
        labels: { handler },
        value: 0,
      })),
    ),
  ]
}

// mean, and cumulative shares by bound: blobs take a while; a lookup that finds nobody is told so by the others at
// once, or waits for the 20 ms it may take
const probes = { mean: 0.0001, shares: durationBounds.map(() => 1) }
const blobs = { mean: 0.17, shares: [0, 0.04, 0.1, 0.17, 0.32, 0.72, 0.97, 0.99, 1, 1, 1] }
const lookups = {
  quick: { mean: 0.0024, shares: [0.93, 0.98, 1, 1, 1, 1, 1, 1, 1, 1, 1] },
  'at-limit': { mean: 0.0205, shares: [0.02, 0.03, 0.97, 0.99, 1, 1, 1, 1, 1, 1, 1] },
}
const blobSizes = [0.08, 0.12, 0.15, 0.18, 0.24, 0.42, 0.74, 0.98, 1, 1]

/** Observed once for each peer that was found, so who never hits has none. */
function resolveFamily({ registries }: AgentCounters): Family {
  const found = sum(registries.map(({ hits }) => hits))
  const shares = durationBounds.map((_, index) => (index === 0 ? 0.8 : 1))
  return {
    name: 'spegel_resolve_duration_seconds',
    type: 'histogram',
    help: 'The duration for router to resolve a peer.',
    samples: found === 0 ? [] : histogram({ router: 'libp2p' }, found, 0.0033, durationBounds, shares),
  }
}

function gauge(name: string, help: string, samples: Sample[]): Family {
  return { name, type: 'gauge', help, samples }
}

function byLabels(a: Sample, b: Sample): number {
  const [left, right] = [a, b].map(({ labels }) => Object.values(labels).join('\n'))
  return (left ?? '') < (right ?? '') ? -1 : 1
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
