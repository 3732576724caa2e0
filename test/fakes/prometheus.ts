import { gzipSync } from 'node:zlib'
import { type ScriptedHttp, type Seen, startScriptedHttp } from './scripted-http.ts'

/** One target as a fake Prometheus knows it at some moment. Times are seconds since 1970. */
export interface FakeTarget {
  /** job, instance and what else a configuration adds. */
  labels: Record<string, string>
  /** Of its last sample; absent: no series is left of it. */
  at?: number
  /** Absent: the family was dropped. */
  startedAt?: number
  requests?: Array<{ registry: string; hits: number; misses: number }>
  /** Answers of /v2/* to GET, by code. */
  answers?: Record<string, number>
  /** Of the last scrape; absent: nobody tries. */
  up?: boolean
}

/** A series before its time: labels with the name, and a value as text. */
export type FakeValue = [labels: Record<string, string>, value: string]

/** What is asked, told from the text of the query. */
export type FakeQuery =
  | 'times'
  | 'recent'
  | 'scrapes'
  | 'up'
  | 'pods'
  | 'counts'
  | 'answers'
  | 'served'
  | 'notFound'
  | 'gauges'
  | 'count'

const shapes: Array<[FakeQuery, RegExp]> = [
  ['count', /^count\(/],
  ['times', /^max without\(registry,cache,source\)\(timestamp\(/],
  ['recent', /^count without\(registry,cache,source\)\(last_over_time\(/],
  ['scrapes', /^max by\(job\)\(count_over_time\(/],
  ['up', /^up\{/],
  ['pods', /kube_pod_info/],
  ['counts', /^\{__name__=~"spegel_mirror_requests_total\|/],
  ['answers', /^\{__name__=~"http_request_duration_seconds_count\|/],
  ['served', /^\{__name__=~"http_request_duration_seconds_bucket\|.*code=~"\|200\|206"/],
  ['notFound', /^\{__name__=~"http_request_duration_seconds_bucket\|.*code=~"\|404"/],
  ['gauges', /^\{__name__=~"spegel_advertised_/],
]

export function queryOf(text: string): FakeQuery {
  const shape = shapes.find(([, pattern]) => pattern.test(text))
  if (shape === undefined) throw new Error(`the fake does not know this query: ${text}`)
  return shape[0]
}

/** Answers one kind of query from what is known of the targets; what a test wants otherwise it puts in its place. */
export function valuesOf(query: FakeQuery, targets: readonly FakeTarget[]): FakeValue[] {
  const there = targets.filter(({ at }) => at !== undefined)
  const start = ({ labels, startedAt }: FakeTarget): FakeValue[] =>
    startedAt === undefined
      ? []
      : [[{ ...labels, __name__: 'process_start_time_seconds' }, String(startedAt)]]
  switch (query) {
    case 'times':
      return there.map(({ labels, at }) => [labels, String(at)])
    case 'recent':
      return targets.map(({ labels }) => [labels, '1'])
    case 'scrapes':
      return [...new Set(there.map(({ labels }) => labels['job'] ?? ''))].map((job) => [{ job }, '40'])
    case 'up':
      return targets.flatMap(({ labels, up }) =>
        up === undefined ? [] : [[{ ...labels, __name__: 'up' }, up ? '1' : '0'] as FakeValue],
      )
    case 'counts':
      return there.flatMap((target) => [
        ...(target.requests ?? []).flatMap(({ registry, hits, misses }): FakeValue[] => [
          [named(target, 'spegel_mirror_requests_total', { registry, cache: 'hit' }), String(hits)],
          [named(target, 'spegel_mirror_requests_total', { registry, cache: 'miss' }), String(misses)],
        ]),
        [named(target, 'spegel_mirror_last_success_timestamp_seconds'), '0'],
        ...start(target),
      ])
    case 'answers':
      return there.flatMap((target) => [
        ...Object.entries(target.answers ?? {}).map(([code, count]): FakeValue => [
          named(target, 'http_request_duration_seconds_count', { code, handler: '/v2/*', method: 'GET' }),
          String(count),
        ]),
        ...start(target),
      ])
    case 'served':
    case 'notFound':
      return there.flatMap((target) => [
        ...Object.entries(target.answers ?? {})
          .filter(([code]) => (code === '404') === (query === 'notFound'))
          .flatMap(([code, count]): FakeValue[] => {
            const series = (ending: string, more: Record<string, string> = {}) =>
              named(target, `http_request_duration_seconds_${ending}`, {
                code,
                handler: '/v2/*',
                method: 'GET',
                ...more,
              })
            return [
              [series('bucket', { le: '0.5' }), String(count)],
              [series('bucket', { le: '+Inf' }), String(count)],
              [series('sum'), String(count / 4)],
              [series('count'), String(count)],
            ]
          }),
        ...start(target),
      ])
    case 'gauges':
      return there.flatMap(start)
    case 'pods':
      return []
    case 'count':
      return [[{}, String(there.length * 4)]]
  }
}

function named(target: FakeTarget, name: string, more: Record<string, string> = {}) {
  return { ...target.labels, ...more, __name__: name }
}

/** What one server does otherwise than another. */
export interface Dialect {
  name: string
  /** Where it has the API. */
  prefix?: string
  tenant?: string
  headers?: Record<string, string>
  /** Beside status and data. */
  more?: Record<string, unknown>
  /** Beside resultType and result. */
  data?: Record<string, unknown>
  /** Times are whole seconds. */
  wholeSeconds?: boolean
}

/** As they answered: Prometheus 2.42 and VictoriaMetrics 1.79 here; Thanos and Mimir as their sources write it. */
export const dialects: Dialect[] = [
  { name: 'Prometheus' },
  { name: 'Thanos', data: { analysis: {} } },
  {
    name: 'Mimir',
    prefix: '/prometheus',
    tenant: 'ops',
    more: { infos: ['a metric might not be a counter'] },
  },
  {
    name: 'VictoriaMetrics',
    headers: { 'x-server-hostname': 'vm-0', 'access-control-allow-origin': '*' },
    more: { isPartial: false, stats: { seriesFetched: '12', executionTimeMsec: 3 } },
    wholeSeconds: true,
  },
]

export interface FakePrometheusOptions {
  dialect?: Dialect
  /** Its present, s since 1970. */
  now: number
  /** What it knew at a moment; where it is asked for its present, `now`. */
  targets: (at: number) => readonly FakeTarget[]
  /** How scrapes of the job `spegel` failed, by instance; absent: it keeps no list of targets. */
  lastErrors?: Record<string, string>
  /** Another answer in place of its own; undefined lets its own pass. */
  instead?: (query: FakeQuery, seen: Seen, form: URLSearchParams) => FakeAnswer | undefined
}

/** Values of the usual form, or any answer at all. */
export type FakeAnswer =
  | { values: FakeValue[]; warnings?: string[] }
  | { status: number; headers?: Record<string, string>; body: string | Uint8Array }
  | 'hang'

export interface FakePrometheus extends ScriptedHttp {
  /** Kinds of the queries that were asked. */
  asked: FakeQuery[]
}

/** An HTTP API over loopback that gives a test's answers in the shapes of a real one, in gzip. */
export async function startFakePrometheus(options: FakePrometheusOptions): Promise<FakePrometheus> {
  const { dialect = { name: 'Prometheus' }, now } = options
  const asked: FakeQuery[] = []
  const server = await startScriptedHttp((seen, response) => {
    const say = (status: number, body: string | Uint8Array, headers: Record<string, string> = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', ...dialect.headers, ...headers })
      response.end(body)
    }
    if (dialect.tenant !== undefined && seen.headers['x-scope-orgid'] !== dialect.tenant) {
      return say(401, 'no org id\n', { 'content-type': 'text/plain; charset=utf-8' })
    }
    const { pathname } = seen.url
    if (options.lastErrors !== undefined && pathname.endsWith('/api/v1/targets')) {
      const activeTargets = Object.entries(options.lastErrors).map(([instance, lastError]) => ({
        labels: { job: 'spegel', instance },
        lastError,
        health: lastError === '' ? 'up' : 'down',
      }))
      return say(200, JSON.stringify({ status: 'success', data: { activeTargets, droppedTargets: [] } }))
    }
    const path = pathname.slice((dialect.prefix ?? '').length)
    if (!pathname.startsWith(dialect.prefix ?? '') || !/^\/api\/v1\/query(?:_range)?$/.test(path)) {
      return say(404, '404 page not found\n', { 'content-type': 'text/plain; charset=utf-8' })
    }
    const form = seen.method === 'POST' ? new URLSearchParams(seen.body) : seen.url.searchParams
    const query = queryOf(form.get('query') ?? '')
    asked.push(query)
    const other = options.instead?.(query, seen, form)
    if (other === 'hang') return
    if (other !== undefined && 'status' in other) return say(other.status, other.body, other.headers)
    const answer = path.endsWith('_range')
      ? rangeOf(query, form, other, options)
      : instantOf(query, form, other, options)
    const { warnings } = other ?? {}
    const body = {
      status: 'success',
      ...dialect.more,
      data: { ...answer, ...dialect.data },
      ...(warnings === undefined ? {} : { warnings }),
    }
    say(200, gzipSync(JSON.stringify(body)), { 'content-encoding': 'gzip' })
  })
  const time = (seconds: number) => (dialect.wholeSeconds === true ? Math.floor(seconds) : seconds)

  function instantOf(
    query: FakeQuery,
    form: URLSearchParams,
    other: FakeAnswer | undefined,
    { targets }: FakePrometheusOptions,
  ) {
    const at = Number(form.get('time') ?? now)
    const values = valuesIn(other) ?? valuesOf(query, targets(at))
    return {
      resultType: 'vector',
      result: values.map(([metric, value]) => ({ metric, value: [time(at), value] })),
    }
  }

  function rangeOf(
    query: FakeQuery,
    form: URLSearchParams,
    other: FakeAnswer | undefined,
    { targets }: FakePrometheusOptions,
  ) {
    const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(form.get(name))) as [
      number,
      number,
      number,
    ]
    const series = new Map<string, { metric: Record<string, string>; values: Array<[number, string]> }>()
    for (let at = start; at <= end; at += step) {
      for (const [metric, value] of valuesIn(other) ?? valuesOf(query, targets(at))) {
        const key = JSON.stringify(Object.entries(metric).sort())
        const one = series.get(key) ?? { metric, values: [] }
        series.set(key, one)
        one.values.push([time(at), value])
      }
    }
    return { resultType: 'matrix', result: [...series.values()] }
  }

  return { ...server, asked }
}

function valuesIn(other: FakeAnswer | undefined): FakeValue[] | undefined {
  return typeof other === 'object' && 'values' in other ? other.values : undefined
}
