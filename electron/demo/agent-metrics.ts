import type { AgentCounters } from './agent-counters.ts'
import type { AgentProfile } from './agent-profiles.ts'
import { type Family, histogram, metricsText, type Sample } from './metrics-text.ts'

/** Go client's default bounds, in seconds. */
const durationBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
/** Spegel's bounds for answers, in bytes, since 0.1. */
const sizeBounds = [1024, 5120, 25_600, 128_000, 640_000, 3.2e6, 1.6e7, 8e7, 4e8, 2e9]
const atOnce = durationBounds.map(() => 1)

/** /metrics of one agent: the families and labels of Spegel 0.7.4, or those of 0.1. */
export function agentMetrics(profile: AgentProfile, counters: AgentCounters): string {
  return metricsText([
    gauge('go_info', 'Information about the Go environment.', [
      { labels: { version: profile.version === '0.7' ? 'go1.26.5' : 'go1.23.1' }, value: 1 },
    ]),
    gauge('process_start_time_seconds', 'Start time of the process since unix epoch in seconds.', [
      { labels: {}, value: counters.startedAt },
    ]),
    ...httpFamilies(profile, counters),
    ...peerFamilies(counters),
    ...(profile.version === '0.7' ? mirrorFamilies(counters) : oldMirrorFamilies(counters)),
    resolveFamily(counters),
  ])
}

function mirrorFamilies(counters: AgentCounters): Family[] {
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
    advertised('content_digests', 'content digests', counters, 8),
    advertised('image_digests', 'image digests', counters, 1),
    advertised('image_tags', 'image tags', counters, 1),
  ]
}

/** Before 0.2 a request was also told apart by who made it, and nothing said when a mirror last worked. */
function oldMirrorFamilies(counters: AgentCounters): Family[] {
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
    advertised('images', 'images', counters, 1),
    advertised('keys', 'keys', counters, 8),
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

function advertised(name: string, words: string, { registries }: AgentCounters, each: number): Family {
  const samples = registries.map(({ registry, hits }) => ({
    labels: { registry },
    value: each * (3 + Math.min(60, Math.floor(hits / 40))),
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
        const shares = quick ? atOnce : bytes > 1_000_000 ? blobTimes : answerTimes
        return histogram(
          labels,
          count,
          quick ? 0.0001 : bytes > 1_000_000 ? 0.17 : 0.018,
          durationBounds,
          shares,
        )
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

// cumulative shares by bound: blobs take a while, a miss waits for the 20 ms a lookup may take
const blobTimes = [0, 0.04, 0.1, 0.17, 0.32, 0.72, 0.97, 0.99, 1, 1, 1]
const answerTimes = [0.1, 0.2, 0.85, 0.98, 1, 1, 1, 1, 1, 1, 1]
const blobSizes = [0.08, 0.12, 0.15, 0.18, 0.24, 0.42, 0.74, 0.98, 1, 1]

function peerFamilies({ registries }: AgentCounters): Family[] {
  const streams = registries.length > 0 ? 4 : 1
  return [
    gauge('libp2p_rcmgr_connections', 'Number of Connections', [
      { labels: { dir: 'inbound', scope: 'system' }, value: 5 },
      { labels: { dir: 'outbound', scope: 'system' }, value: 6 },
    ]),
    gauge('libp2p_rcmgr_streams', 'Number of Streams', [
      { labels: { dir: 'inbound', protocol: '/spegel/kad/1.0.0', scope: 'protocol' }, value: streams },
      { labels: { dir: 'outbound', protocol: '/spegel/kad/1.0.0', scope: 'protocol' }, value: streams },
    ]),
  ]
}

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
