import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readSpegel } from '../../../electron/mirrors/metrics/spegel.ts'
import { versionOf } from '../../../electron/mirrors/metrics/version.ts'
import { type AgentState, printAgent } from '../../fakes/agent.ts'
import { classic, failureOf, openMetrics } from './parsed.ts'
import { asOpenMetrics, inKubelet, withHttp, withoutFamilies } from './variants.ts'

const base: AgentState = {
  startedAt: 1784099921.25,
  lastSuccess: 0,
  requests: [{ registry: 'docker.io', hits: 3, misses: 5 }],
}

function fixture(name: string): string {
  return readFileSync(new URL(`../../fixtures/${name}`, import.meta.url), 'utf8')
}

const real = fixture('metrics/real-v0.7.4-mixed.txt')

function read(text: string, contentType = classic) {
  return readSpegel(Buffer.from(text), contentType)
}

function failure(text: string, contentType = classic) {
  return failureOf(() => read(text, contentType))
}

describe('readSpegel of every variant', () => {
  it('adds up the source label of versions up to 0.1, which have no last success', () => {
    const { lastSuccess: _, ...old } = base
    const sample = read(printAgent({ ...old, withSource: true }))
    expect(sample.counts).toEqual(base.requests)
    expect(sample).not.toHaveProperty('lastSuccessAt')
    expect(versionOf(sample.traits).range).toBe('0.0.5 to 0.1')
  })

  it('keeps the numbers of a version that advertises no more', () => {
    const sample = read(withoutFamilies(real, /^spegel_advertised_/))
    expect(sample).toEqual({ ...read(real), advertised: [], traits: sample.traits })
    expect(versionOf(sample.traits).range).toBe('0.7')
  })

  it('knows a fresh agent of 0.4 and later by its last success', () => {
    expect(read(printAgent({ ...base, requests: [] }))).toEqual({
      counts: [],
      startedAt: 1_784_099_921_250,
      lastSuccessAt: 0,
      advertised: [],
      traits: ['spegel_mirror_last_success_timestamp_seconds'],
    })
  })

  it('knows an older fresh agent by libp2p beside the process', () => {
    expect(read('libp2p_rcmgr_fds 1\nprocess_start_time_seconds 5\n')).toEqual({
      counts: [],
      startedAt: 5000,
      advertised: [],
      traits: [],
    })
  })

  it('finds an agent among thousands of a kubelet’s lines, and takes none of them for its own', () => {
    const text = inKubelet(real)
    const { readiness: _, ...expected } = read(real)
    const sample = read(text)
    expect(text.split('\n').length).toBeGreaterThan(10_000)
    expect(sample).toEqual({ ...expected, traits: sample.traits })
    const probes = /handler="\/readyz"/
    expect(sample.traits).toEqual(
      [...expected.traits.filter((trait) => !probes.test(trait)), 'kubelet_node_name'].sort(),
    )
  })

  it('does not guess by libp2p in k3s, which chooses its own', () => {
    const text = inKubelet(withoutFamilies(real, /^libp2p_rcmgr_limit$/))
    expect(versionOf(read(text).traits).range).toBe('0.6 to 0.7')
  })

  it('keeps the registry a request did not name', () => {
    const requests = [{ registry: '', hits: 0, misses: 2 }]
    expect(read(printAgent({ ...base, requests })).counts).toEqual(requests)
  })

  it('reads counts of a million and more', () => {
    const requests = [{ registry: 'ghcr.io', hits: 1_234_567, misses: 98_765_432_101 }]
    const text = printAgent({ ...base, requests })
    expect(text).toContain('1.234567e+06')
    expect(read(text).counts).toEqual(requests)
  })

  it('reads registries with quotes, backslashes, line ends and other scripts', () => {
    const requests = ['"a\\b"\n', '港口.example:5000'].map((registry) => ({ registry, hits: 1, misses: 0 }))
    expect(read(printAgent({ ...base, requests })).counts).toEqual(requests)
  })

  it('sorts registries, so that the map does not jump', () => {
    const requests = ['quay.io', 'docker.io', ''].map((registry) => ({ registry, hits: 1, misses: 1 }))
    expect(read(printAgent({ ...base, requests })).counts.map(({ registry }) => registry)).toEqual([
      '',
      'docker.io',
      'quay.io',
    ])
  })

  it('reads the same out of OpenMetrics', () => {
    const text = asOpenMetrics(real)
    expect(text).toContain('# TYPE spegel_mirror_requests counter')
    expect(read(text, openMetrics)).toEqual(read(real))
    expect(readSpegel(Buffer.from(text))).toEqual(read(real))
  })

  it('reads a text with CR LF', () => {
    expect(read(real.replaceAll('\n', '\r\n'))).toEqual(read(real))
  })

  it.each(['/v2/*params', '/v2/library/nginx/manifests/latest'])('counts %s as the mirror', (handler) => {
    const sample = read(printAgent(base) + withHttp({ handler, code: '200', method: 'GET', count: 4 }))
    expect(sample.answers).toEqual([{ code: '200', method: 'GET', count: 4 }])
    expect(sample.served?.count).toBe(4)
  })

  it('keeps codes apart, adds handlers up, and puts 200 and 206 into what was served', () => {
    const http = [
      { handler: '/v2/*', code: '206', method: 'GET', count: 1 },
      { handler: '/v2/*', code: '200', method: 'HEAD', count: 2 },
      { handler: '/v2/*', code: '404', method: 'GET', count: 2e6 },
      { handler: '/v2/*', code: '500', method: 'GET', count: 3 },
      { handler: '/v2/a', code: '500', method: 'GET', count: 4 },
      { handler: '/readyz', code: '200', method: 'GET', count: 5 },
      { handler: '/readyz', code: '500', method: 'GET', count: 6 },
      { handler: '/debug/web/*', code: '200', method: 'GET', count: 7 },
    ]
    const sample = read(printAgent(base) + withHttp(...http))
    expect(sample).toMatchObject({
      answers: [
        { code: '200', method: 'HEAD', count: 2 },
        { code: '206', method: 'GET', count: 1 },
        { code: '404', method: 'GET', count: 2e6 },
        { code: '500', method: 'GET', count: 7 },
      ],
      served: { count: 3, bounds: [0.1, 1], counts: [0, 3] },
      notFound: { count: 2e6 },
      readiness: { ready: 5, notReady: 6 },
    })
  })

  it('does not say zero where nothing is known', () => {
    const sample = read(printAgent(base))
    const absent = ['answers', 'served', 'notFound', 'bytes', 'resolve', 'readiness', 'peers', 'resident']
    for (const name of absent) expect(sample).not.toHaveProperty(name)
  })

  it('takes families it does not know for no trait', () => {
    const made = Array.from({ length: 1000 }, (_, index) => `spegel_new_${index} 1\n`).join('')
    expect(read(printAgent(base) + made)).toEqual(read(printAgent(base)))
  })

  it('lets a gauge be negative: Spegel counts down what it did not count up', () => {
    const sample = read(`${printAgent(base)}spegel_advertised_image_tags{registry="a"} -2\n`)
    expect(sample.advertised).toEqual([{ what: 'image_tags', registry: 'a', count: -2 }])
  })
})

describe('readSpegel of what is no agent', () => {
  it('refuses the metrics of something else, here of a real docker-registry', () => {
    expect(failure(fixture('docker-registry-2.8.txt'))).toMatchObject({
      kind: 'metrics-invalid',
      message: expect.stringContaining('not those of a Spegel agent'),
      next: ['check-address'],
    })
  })

  it('says of a kubelet without Spegel what is missing', () => {
    expect(failure('kubelet_node_name{node="a"} 1\n').message).toContain(
      'the registry of k3s or RKE2 is not on',
    )
  })

  it('refuses an empty text', () => {
    expect(failure('').message).toContain('not those of a Spegel agent')
  })

  const requests = 'spegel_mirror_requests_total'
  const seconds = 'http_request_duration_seconds'
  const mirrored = '{code="200",handler="/v2/*",method="GET"}'
  it.each([
    [
      'a count that is no number',
      `${requests}{cache="hit",registry="a"} NaN\n`,
      `${requests}{cache="hit",registry="a"} is NaN`,
    ],
    ['a negative count', `${requests}{cache="hit",registry="a"} -1\n`, 'is -1'],
    ['an endless count', `${requests}{cache="miss",registry="a"} +Inf\n`, 'is Infinity'],
    ['neither hit nor miss', `${requests}{registry="a"} 1\n`, 'neither hit nor miss'],
    [
      'a registry of absurd length',
      `${requests}{cache="hit",registry="${'a'.repeat(501)}"} 1\n`,
      'absurd length',
    ],
    [
      'too many registries',
      Array.from({ length: 5001 }, (_, n) => `${requests}{cache="hit",registry="${n}"} 1\n`).join(''),
      '5000 registries',
    ],
    [
      'too many gauges',
      Array.from({ length: 15_001 }, (_, n) => `spegel_advertised_${n % 9}{registry="${n}"} 1\n`).join(''),
      '15000 series',
    ],
    [
      'too many methods',
      Array.from(
        { length: 1001 },
        (_, n) => `${seconds}_count{code="404",handler="/v2/*",method="M${n}"} 1\n`,
      )
        .concat(`# TYPE ${seconds} histogram\n`)
        .toReversed()
        .join(''),
      'too many codes and methods',
    ],
    [
      'a start that is no time',
      'spegel_x 1\nprocess_start_time_seconds -5\n',
      'process_start_time_seconds is -5',
    ],
    ['a gauge that is no number', 'spegel_advertised_keys{registry="a"} NaN\n', 'is NaN'],
    [
      'buckets that fall',
      withHttp({ code: '200', handler: '/v2/*', method: 'GET', count: 3 }).replace(
        'le="0.1"} 0',
        'le="0.1"} 4',
      ),
      'less than the bucket before it',
    ],
    [
      'a count that is not what the last bucket holds',
      withHttp({ code: '404', handler: '/v2/*', method: 'GET', count: 3 }).replace(
        /_count(.*) 3/,
        '_count$1 4',
      ),
      'not what its bucket +Inf holds',
    ],
    [
      'a histogram without its last bucket',
      withHttp({ code: '404', handler: '/v2/*', method: 'GET', count: 3 }).replace(/.*\+Inf.*\n/, ''),
      'no bucket +Inf',
    ],
    [
      'too many buckets',
      Array.from({ length: 501 }, (_, n) => `spegel_resolve_duration_seconds_bucket{le="${n}"} 1\n`)
        .concat('spegel_resolve_duration_seconds_sum 1\nspegel_resolve_duration_seconds_count 1\n')
        .toSpliced(0, 0, '# TYPE spegel_resolve_duration_seconds histogram\n')
        .join(''),
      '500 buckets',
    ],
    [
      'a histogram without a sum',
      withHttp({ code: '404', handler: '/v2/*', method: 'GET', count: 3 }).replace(/.*_sum.*\n/, ''),
      'no count or no sum',
    ],
    [
      'a bucket without a bound',
      withHttp({ code: '200', handler: '/v2/*', method: 'GET', count: 3 }).replace('le="1"', 'le=""'),
      'has no bound',
    ],
    [
      'a bound twice',
      withHttp({ code: '200', handler: '/v2/*', method: 'GET', count: 3 }).replace('le="0.1"', 'le="1.0"'),
      'is there twice',
    ],
    [
      'a sum that is no number',
      withHttp({ code: '200', handler: '/v2/*', method: 'GET', count: 3 }).replace(
        /_sum(.*) .*/,
        '_sum$1 NaN',
      ),
      `${seconds}_sum${mirrored} is NaN`,
    ],
  ])('refuses %s', (_, text, why) => {
    const { kind, next, message } = failure(`${text}spegel_here 1\n`)
    expect({ kind, next }).toEqual({ kind: 'metrics-invalid', next: ['check-mirror-agent'] })
    expect(message).toContain(why)
  })
})
