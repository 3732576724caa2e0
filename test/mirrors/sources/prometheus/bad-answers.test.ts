import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { failureSchema } from '../../../../shared/model/failure.ts'
import { FailureError } from '../../../../shared/model/failure.ts'
import { answerLimits } from '../../../../electron/mirrors/sources/prometheus/answer.ts'
import { type FakeAnswer, valuesOf } from '../../../fakes/prometheus.ts'
import { closedPort } from '../../../fakes/mirror.ts'
import { exchanges, fake, never, now, open, rowsOf, target } from './lab.ts'

const error = (status: number, errorType: string, message: string): FakeAnswer => ({
  status,
  body: JSON.stringify({ status: 'error', errorType, error: message }),
})
const vector = (result: unknown): FakeAnswer => ({
  status: 200,
  body: JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }),
})
const series = (metric: unknown, value: unknown): FakeAnswer => vector([{ metric, value }])
const many = (count: number) => Array.from({ length: count }, (_, index) => `l${index}`)

describe('a source that gives nothing says why', () => {
  test.each<[string, FakeAnswer, Record<string, unknown>]>([
    [
      'a query it cannot parse',
      error(400, 'bad_data', '1:5: parse error: unexpected "="'),
      { kind: 'query-refused', status: 400 },
    ],
    [
      'too many samples',
      error(422, 'execution', 'query processing would load too many samples into memory'),
      { kind: 'query-refused', status: 422 },
    ],
    [
      'VictoriaMetrics, whose limit is reached',
      error(
        422,
        '422',
        'error when executing query="up{job=\\"a\\"}" for (time=1, step=2): cannot select more than 1',
      ),
      { kind: 'query-refused', message: expect.stringContaining('cannot select more than 1') },
    ],
    [
      'VictoriaMetrics, busy',
      error(503, '503', "couldn't start executing the request in 10.000 seconds"),
      { kind: 'server-fault', retryable: true },
    ],
    [
      'a query that takes too long',
      error(503, 'timeout', 'query timed out in expression evaluation'),
      { kind: 'server-fault', status: 503, retryable: true },
    ],
    [
      'Mimir without a tenant',
      { status: 401, headers: { 'content-type': 'text/plain' }, body: 'no org id' },
      { kind: 'unauthorized', next: ['check-tenant', 'log-in'] },
    ],
    [
      'who may not',
      { status: 403, headers: { 'content-type': 'text/plain' }, body: 'Forbidden' },
      { kind: 'denied' },
    ],
    [
      'an error in gzip',
      {
        status: 400,
        headers: { 'content-encoding': 'gzip' },
        body: gzipSync(JSON.stringify({ status: 'error', errorType: 'bad_data', error: 'parse error' })),
      },
      { kind: 'query-refused', message: expect.stringContaining('parse error') },
    ],
    [
      'a page',
      { status: 200, headers: { 'content-type': 'text/html' }, body: '<html><title>Sign in</title></html>' },
      { kind: 'not-prometheus', next: ['check-address', 'log-in'] },
    ],
    [
      'a redirect to a log-in',
      { status: 302, headers: { location: 'https://sso.invalid/' }, body: '' },
      { kind: 'redirect-refused' },
    ],
    [
      'a gateway',
      { status: 502, headers: { 'content-type': 'text/html', server: 'nginx' }, body: '<html>' },
      { kind: 'gateway-fault' },
    ],
    [
      'other JSON',
      { status: 200, body: '{"took":3,"hits":{}}' },
      { kind: 'not-prometheus', next: ['check-address'] },
    ],
    ['JSON that never ends', { status: 200, body: '['.repeat(1_000_000) }, { kind: 'not-prometheus' }],
    [
      'a scalar',
      { status: 200, body: '{"status":"success","data":{"resultType":"scalar","result":[1,"1"]}}' },
      { kind: 'answer-invalid' },
    ],
    ['no list', vector({}), { kind: 'answer-invalid' }],
    ['a series without labels', vector([null]), { kind: 'answer-invalid' }],
    ['a label that is no text', series({ job: 1 }, [now, '1']), { kind: 'answer-invalid' }],
    [
      'a label of absurd length',
      series({ job: 'x'.repeat(answerLimits.text + 1) }, [now, '1']),
      { kind: 'answer-invalid', next: ['check-matchers'] },
    ],
    [
      'too many labels',
      series(Object.fromEntries(many(200).map((name) => [name, ''])), [now, '1']),
      { kind: 'answer-invalid' },
    ],
    ['a value that is a number', series({}, [now, 1]), { kind: 'answer-invalid' }],
    ['a value that is none', series({}, [now, '0x10']), { kind: 'answer-invalid' }],
    ['a time that is none', series({}, ['now', '1']), { kind: 'answer-invalid' }],
    ['values that are no list', vector([{ metric: {}, values: 'x' }]), { kind: 'answer-invalid' }],
    [
      'broken gzip',
      { status: 200, headers: { 'content-encoding': 'gzip' }, body: 'no' },
      { kind: 'answer-invalid', message: expect.stringContaining('gzip') },
    ],
    [
      'another encoding',
      { status: 200, headers: { 'content-encoding': 'br' }, body: 'no' },
      { kind: 'answer-invalid', message: expect.stringContaining('"br"') },
    ],
    [
      'more than is unpacked',
      {
        status: 200,
        headers: { 'content-encoding': 'gzip' },
        body: gzipSync(Buffer.alloc(answerLimits.bytes + 1)),
      },
      { kind: 'answer-invalid', message: expect.stringContaining('unpacks to more') },
    ],
    [
      'more than is read',
      { status: 200, headers: { 'content-length': String(answerLimits.bytes + 1) }, body: '' },
      { kind: 'answer-invalid', message: expect.stringContaining('sent more than') },
    ],
  ])('%s', async (_what, answer, expected) => {
    const server = await fake([target(1)], { instead: () => answer })
    const round = await open(server.url).round(never)
    expect(round.agents).toEqual([])
    expect(failureSchema.parse(round.failure)).toMatchObject({
      phase: 'scrape',
      host: new URL(server.url).host,
      ...expected,
    })
    // one such answer is enough, and Activity says the same of it
    expect(exchanges).toHaveLength(1)
    if ((exchanges[0]?.status ?? 0) >= 400) expect(exchanges[0]?.failure).toBe(round.failure?.kind)
  })

  test('nobody there', async () => {
    expect((await open(`http://${closedPort}`).round(never)).failure?.kind).toBe('refused')
  })

  test.each([
    ['stands still', { patience: 50, deadline: 10_000 }],
    ['takes too long as a whole', { patience: 10_000, deadline: 50 }],
  ])('one that %s', async (_what, api) => {
    const server = await fake([], { instead: () => 'hang' })
    const { failure } = await open(server.url, {}, { limits: { api } }).round(never)
    expect(failure).toMatchObject({ kind: 'timeout', retryable: true })
  })

  test('one that fails in the middle gives no half of a round', async () => {
    const server = await fake([target(1)], {
      instead: (query) => (query === 'served' ? error(503, 'timeout', 'query timed out') : undefined),
    })
    const source = open(server.url)
    expect(await source.round(never)).toMatchObject({ agents: [], failure: { kind: 'server-fault' } })
  })
})

test('a cancelled round throws', async () => {
  const server = await fake([], { instead: () => 'hang' })
  const cancel = new AbortController()
  const round = open(server.url).round(cancel.signal)
  cancel.abort()
  await expect(round).rejects.toMatchObject({ failure: { kind: 'cancelled' } })
})

describe('what is wrong with one agent stays in its row', () => {
  const good = target(2)
  test.each<[string, Array<[Record<string, string>, string]>, string]>([
    [
      'NaN',
      [
        [
          { ...target(1).labels, __name__: 'spegel_mirror_requests_total', cache: 'hit', registry: 'a' },
          'NaN',
        ],
      ],
      'which no agent counts to',
    ],
    [
      '+Inf',
      [
        [
          { ...target(1).labels, __name__: 'spegel_mirror_requests_total', cache: 'miss', registry: 'a' },
          '+Inf',
        ],
      ],
      'which no agent counts to',
    ],
    [
      'a negative counter',
      [
        [
          { ...target(1).labels, __name__: 'spegel_mirror_requests_total', cache: 'hit', registry: 'a' },
          '-1',
        ],
      ],
      'which no agent counts to',
    ],
    [
      'neither hit nor miss',
      [[{ ...target(1).labels, __name__: 'spegel_mirror_requests_total', cache: 'x', registry: 'a' }, '1']],
      'neither hit nor miss',
    ],
    [
      'an absurd registry',
      [
        [
          {
            ...target(1).labels,
            __name__: 'spegel_mirror_requests_total',
            cache: 'hit',
            registry: 'a'.repeat(501),
          },
          '1',
        ],
      ],
      'absurd length',
    ],
    ['a series that is there twice', valuesOf('counts', [target(1)]), 'there twice'],
  ])('%s', async (_what, extra, why) => {
    const server = await fake([target(1), good], {
      instead: (query) =>
        query === 'counts' ? { values: [...valuesOf('counts', [target(1), good]), ...extra] } : undefined,
    })
    const round = await open(server.url).round(never)
    expect(rowsOf(round)).toEqual([
      ['worker-1', 'metrics-invalid'],
      ['worker-2', 20],
    ])
    expect(round.agents[0]).toMatchObject({ failure: { message: expect.stringContaining(why) } })
  })

  test('5000 registries are read, and no more', async () => {
    const requests = (count: number) => many(count).map((registry) => ({ registry, hits: 1, misses: 0 }))
    const server = await fake([
      target(1, { requests: requests(5001) }),
      target(2, { requests: requests(5000) }),
    ])
    expect(rowsOf(await open(server.url).round(never))).toEqual([
      ['worker-1', 'metrics-invalid'],
      ['worker-2', 1],
    ])
  })

  test('labels that look like parts of a query or of an object', async () => {
    const labels = { job: 'a"} or vector(1) #', instance: '__proto__', constructor: 'x', ['__proto__']: 'y' }
    const server = await fake([{ ...target(1), labels }])
    expect(rowsOf(await open(server.url).round(never))).toEqual([['__proto__', 10]])
    const [up] = server.seen.filter(({ url }) => url.searchParams.get('query')?.startsWith('up{') === true)
    expect(up?.url.searchParams.get('query')).toBe(String.raw`up{job="a\"} or vector(1) #"}`)
  })
})

describe('how it is asked', () => {
  const long = `namespace=~"${many(250).join('|')}"`

  test('short queries as GET, long ones as POST', async () => {
    const server = await fake([target(1)])
    await open(server.url).round(never)
    expect(new Set(server.seen.map(({ method }) => method))).toEqual(new Set(['GET']))
    expect(rowsOf(await open(server.url, { matchers: long }).round(never))).toEqual([['worker-1', 10]])
    const [post] = server.seen.filter(({ method }) => method === 'POST')
    expect(post?.headers['content-type']).toBe('application/x-www-form-urlencoded')
  })

  test.each([405, 501])('a server that answers %i to POST gets a GET after all', async (status) => {
    const server = await fake([target(1)], {
      instead: (_query, { method }) => (method === 'POST' ? { status, body: '' } : undefined),
    })
    expect(rowsOf(await open(server.url, { matchers: long }).round(never))).toEqual([['worker-1', 10]])
  })

  test.each(['', '/', '/api/v1', '/api/v1/query?query=up'])(
    'an address that ends in "%s"',
    async (ending) => {
      const server = await fake([target(1)])
      expect(rowsOf(await open(`${server.url}${ending}`).round(never))).toEqual([['worker-1', 10]])
    },
  )

  test('parameters of the address stay, and the credential and tenant go along', async () => {
    const server = await fake([target(1)])
    const credential = { kind: 'bearer' as const, token: 'secret-token' }
    await open(`${server.url}/?dedup=false`, { tenant: 'ops' }, { credential }).round(never)
    for (const { url, headers } of server.seen) {
      expect(url.searchParams.get('dedup')).toBe('false')
      expect(headers).toMatchObject({ authorization: 'Bearer secret-token', 'x-scope-orgid': 'ops' })
    }
    expect(JSON.stringify(exchanges)).not.toContain('secret-token')
  })

  test('a user in the address is refused before anything is sent', () => {
    expect(() => open('http://ada:lovelace@127.0.0.1:9090')).toThrow(FailureError)
    expect(exchanges).toEqual([])
  })

  test('jobs are named one by one, quoted for the pattern they are in', async () => {
    const of = (node: number, job: string) => ({ ...target(node), labels: { ...target(node).labels, job } })
    const server = await fake([of(1, 'spegel/spegel'), of(2, 'k3s (1.32)')])
    await open(server.url).round(never)
    const queries = server.seen.map(({ url }) => url.searchParams.get('query') ?? '')
    expect(queries.find((query) => query.startsWith('up{'))).toBe(
      String.raw`up{job=~"k3s \\(1\\.32\\)|spegel/spegel"}`,
    )
  })
})
