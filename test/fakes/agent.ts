import { gzipSync } from 'node:zlib'
import { type Asked, type Said, startFakeHost } from './mirror.ts'

/** Counters of a simulated Spegel agent. */
export interface AgentState {
  /** Seconds since 1970. */
  startedAt: number
  /** Seconds since 1970; left out for Spegel before 0.4. */
  lastSuccess?: number
  requests: { registry: string; hits: number; misses: number }[]
  /** Answers of /v2/* by status. */
  answers?: Record<string, number>
  /** Splits the requests by the `source` label, as up to Spegel 0.1. */
  withSource?: boolean
}

export interface FakeAgent {
  /** host:port */
  address: string
  /** Metrics of the next scrapes. */
  set(state: AgentState): void
  /** Any other answer of the next scrapes. */
  say(said: Said): void
  /** How often it was scraped. */
  scrapes(): number
  /** Hears how often it was scraped, before it answers. */
  onScrape(hear: (times: number) => void): void
  /** Every request it got. */
  asked(): readonly Asked[]
  stop(): Promise<void>
}

/** Metrics over real HTTP at /metrics, as text or, where the client takes it, gzip. */
export async function startFakeAgent(state: AgentState, gzip = false): Promise<FakeAgent> {
  let said: () => Said = () => metrics(state, gzip)
  let hear: (times: number) => void = () => undefined
  const host = await startFakeHost((asked) => {
    if (asked.path !== '/metrics') return { status: 404, body: '404 page not found\n' }
    hear(host.asked.length)
    return said()
  })
  return {
    address: host.host,
    set: (next) => {
      said = () => metrics(next, gzip)
    },
    say: (next) => {
      said = () => next
    },
    scrapes: () => host.asked.length,
    onScrape: (next) => {
      hear = next
    },
    asked: () => host.asked,
    stop: host.stop,
  }
}

function metrics(state: AgentState, gzip: boolean): Said {
  const headers = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores' }
  const text = printAgent(state)
  if (!gzip) return { status: 200, headers, body: text }
  return { status: 200, headers: { ...headers, 'content-encoding': 'gzip' }, body: gzipSync(text) }
}

/** The text of an agent: families sorted, a counter without series not there at all, numbers in Go's shortest form. */
export function printAgent(state: AgentState): string {
  const answers = Object.entries(state.answers ?? {})
  const families: PrintedFamily[] = [
    {
      name: 'http_request_duration_seconds',
      type: 'histogram',
      series: answers.flatMap(([code, count]) => {
        const labels = { code, handler: '/v2/*', method: 'GET' }
        return [
          { name: 'http_request_duration_seconds_bucket', labels: { ...labels, le: '+Inf' }, value: count },
          { name: 'http_request_duration_seconds_sum', labels, value: count * 0.25 },
          { name: 'http_request_duration_seconds_count', labels, value: count },
        ]
      }),
    },
    gauge('process_start_time_seconds', state.startedAt),
    ...(state.lastSuccess === undefined
      ? []
      : [gauge('spegel_mirror_last_success_timestamp_seconds', state.lastSuccess)]),
    {
      name: 'spegel_mirror_requests_total',
      type: 'counter',
      series: state.requests.flatMap(({ registry, hits, misses }) =>
        Object.entries({ hit: hits, miss: misses }).flatMap(([cache, value]) =>
          (state.withSource === true ? ['external', 'internal'] : [undefined]).map((source, index) => ({
            name: 'spegel_mirror_requests_total',
            labels: { cache, registry, ...(source === undefined ? {} : { source }) },
            // an odd request is an internal one
            value: source === undefined ? value : Math.floor((value + index) / 2),
          })),
        ),
      ),
    },
  ]
  return printMetrics(families)
}

function gauge(name: string, value: number): PrintedFamily {
  return { name, type: 'gauge', series: [{ name, labels: {}, value }] }
}

export interface PrintedFamily {
  name: string
  type: string
  series: { name: string; labels: Record<string, string>; value: number }[]
}

/** Prints families in the text format 0.0.4; one without series is left out. */
export function printMetrics(families: readonly PrintedFamily[]): string {
  return families
    .filter(({ series }) => series.length > 0)
    .map(({ name, type, series }) =>
      [
        `# HELP ${name} Help of ${name}.`,
        `# TYPE ${name} ${type}`,
        ...series.map((one) => `${one.name}${printLabels(one.labels)} ${printNumber(one.value)}`),
        '',
      ].join('\n'),
    )
    .join('')
}

function printLabels(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([name, value]) => {
    const escaped = value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
    return `${name}="${escaped}"`
  })
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

/** Go's shortest 'g': from 1e6 on with an exponent of two digits at least. */
function printNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (Math.abs(value) < 1e6 && (value === 0 || Math.abs(value) >= 1e-4)) return String(value)
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
}
