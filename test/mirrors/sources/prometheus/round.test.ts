import { describe, expect, test } from 'vitest'
import { failureSchema } from '../../../../shared/model/failure.ts'
import { dialects, type FakeTarget, type FakeValue, valuesOf } from '../../../fakes/prometheus.ts'
import { exchanges, fake, never, now, open, rowsOf, started, target } from './lab.ts'

describe.each(dialects)('$name', (dialect) => {
  test('says who the agents are and what they counted', async () => {
    const server = await fake([target(2), target(1)], { dialect })
    const { prefix = '', tenant } = dialect
    const source = open(`${server.url}${prefix}`, tenant === undefined ? {} : { tenant })
    const round = await source.round(never)
    expect(round).toMatchObject({ at: now * 1000, way: 'prometheus', warnings: [] })
    expect(round.failure).toBeUndefined()
    expect(rowsOf(round)).toEqual([
      ['worker-1', 10],
      ['worker-2', 20],
    ])
    expect(round.agents[0]).toEqual({
      agent: {
        source: 'prom',
        id: 'worker-1',
        name: 'worker-1',
        address: '10.0.0.1:9090',
        mirrorUrl: 'http://10.0.0.1:30020',
        demo: false,
      },
      ok: true,
      // the sample's own time, not the query's
      at: (now - 5) * 1000,
      sample: {
        counts: [{ registry: 'docker.io', hits: 10, misses: 1 }],
        startedAt: started * 1000,
        lastSuccessAt: 0,
        answers: [
          { code: '200', method: 'GET', count: 10 },
          { code: '404', method: 'GET', count: 1 },
        ],
        served: { bounds: [0.5], counts: [10], sum: 2.5, count: 10 },
        notFound: { bounds: [0.5], counts: [1], sum: 0.25, count: 1 },
        advertised: [],
        traits: [
          'http_request_duration_seconds{handler="/v2/*"}',
          'spegel_mirror_last_success_timestamp_seconds',
          'spegel_mirror_requests_total',
          'spegel_mirror_requests_total{cache,registry}',
        ],
      },
    })
    expect(exchanges.every(({ status, answeredBy }) => status === 200 && answeredBy === 'prometheus')).toBe(
      true,
    )
  })

  test('asks for one moment and looks for stopped agents once', async () => {
    const server = await fake([target(1)], { dialect })
    const { prefix = '', tenant } = dialect
    const source = open(`${server.url}${prefix}`, tenant === undefined ? {} : { tenant })
    await source.round(never)
    const times = server.seen.slice(1).map(({ url }) => Number(url.searchParams.get('time')))
    expect(new Set(times)).toEqual(new Set([dialect.wholeSeconds === true ? Math.floor(now) : now]))
    await source.round(never)
    expect(server.asked.filter((query) => query === 'recent')).toHaveLength(1)
    expect(server.asked.filter((query) => query === 'times')).toHaveLength(2)
  })
})

test('a restarted Prometheus that knows nothing yet, and one whose matchers fit nothing', async () => {
  const server = await fake([])
  const { failure, agents } = await open(server.url, { matchers: '{cluster="east"},' }).round(never)
  expect(agents).toEqual([])
  expect(failureSchema.parse(failure)).toMatchObject({
    kind: 'no-agents',
    answeredBy: 'prometheus',
    evidence: [
      { fact: 'expected', value: 'spegel_mirror_last_success_timestamp_seconds{cluster="east"}' },
      { fact: 'actual', value: '0 series' },
    ],
  })
  expect(server.seen[0]?.url.searchParams.get('query')).toContain(
    'spegel_mirror_requests_total{cluster="east"}',
  )
})

describe('an agent Prometheus gets nothing from', () => {
  test('is known by what is left of it, however late the source was opened', async () => {
    const stopped = target(2, { up: false })
    delete stopped.at
    const server = await fake([target(1), stopped])
    const round = await open(server.url).round(never)
    expect(rowsOf(round)).toEqual([
      ['worker-1', 10],
      ['worker-2', 'not-scraped'],
    ])
    const [, failed] = round.agents
    expect(failed?.ok === false && failureSchema.parse(failed.failure)).toMatchObject({
      message: `${new URL(server.url).host} could not scrape 10.0.0.2:9090.`,
      evidence: [{ fact: 'message', value: 'up{job="spegel",instance="10.0.0.2:9090"} 0' }],
      next: ['check-prometheus', 'check-mirror-agent'],
    })
  })

  test('comes with the words of whoever scrapes, who is asked for them once', async () => {
    const lastError =
      'Get "http://10.0.0.2:9090/metrics": dial tcp 10.0.0.2:9090: connect: connection refused'
    const stopped = target(2, { up: false })
    delete stopped.at
    const server = await fake([target(1), stopped], {
      lastErrors: { '10.0.0.1:9090': '', '10.0.0.2:9090': lastError },
    })
    const source = open(server.url)
    for (const round of [await source.round(never), await source.round(never)]) {
      expect(round.agents[1]).toMatchObject({
        failure: {
          evidence: [
            { fact: 'message', value: lastError },
            { fact: 'message', value: 'up{job="spegel",instance="10.0.0.2:9090"} 0' },
          ],
        },
      })
    }
    expect(server.seen.filter(({ path }) => path.includes('/targets'))).toHaveLength(1)
  })

  test('does not count as scraped where its last sample is shown on', async () => {
    // a federated Prometheus has no marks of staleness
    const server = await fake([target(1), target(2, { up: false }, 20)])
    expect(rowsOf(await open(server.url).round(never))).toEqual([
      ['worker-1', 10],
      ['worker-2', 'not-scraped'],
    ])
  })

  test('is told by its age where nobody says up', async () => {
    // 40 scrapes in 10 minutes: twice 15 s, and a minute for what is on its way
    const young = target(1, {}, 89)
    const old = target(2, {}, 91)
    delete young.up
    delete old.up
    const server = await fake([young, old])
    const round = await open(server.url).round(never)
    expect(rowsOf(round)).toEqual([
      ['worker-1', 10],
      ['worker-2', 'not-scraped'],
    ])
    expect(round.agents[1]).toMatchObject({
      failure: { evidence: [{ fact: 'limit', value: '90 s' }, { fact: 'actual' }] },
    })
  })

  test('is gone once Prometheus does not try any more', async () => {
    let targets = [target(1), target(2)]
    const server = await fake(() => targets)
    const source = open(server.url)
    expect(rowsOf(await source.round(never))).toHaveLength(2)
    targets = [target(1)]
    expect(rowsOf(await source.round(never))).toEqual([['worker-1', 10]])
    targets = []
    expect((await source.round(never)).failure?.kind).toBe('no-agents')
    targets = [target(3)]
    expect(rowsOf(await source.round(never))).toEqual([['worker-3', 30]])
  })
})

describe('nothing is counted twice', () => {
  test('where two Prometheus scrape the same agent', async () => {
    const replica = (name: string, age: number, hits: number) => {
      const one = target(1, { requests: [{ registry: 'docker.io', hits, misses: 0 }] }, age)
      return { ...one, labels: { ...one.labels, prometheus_replica: name } }
    }
    const server = await fake([replica('a', 9, 100), replica('b', 3, 104), replica('c', 6, 102)])
    expect(rowsOf(await open(server.url).round(never))).toEqual([['worker-1', 104]])
  })

  test('and one that cannot scrape it does not make it stop', async () => {
    const one = target(1)
    const blind = { ...target(1, { up: false }), labels: { ...one.labels, prometheus_replica: 'b' } }
    delete blind.at
    const server = await fake([one, blind])
    expect(rowsOf(await open(server.url).round(never))).toEqual([['worker-1', 10]])
  })

  test('where k3s shows all of its metrics on each of its ports, also once it stops', async () => {
    const port = (number: number, job: string, labels: Record<string, string> = {}) => ({
      ...target(1),
      labels: { job, instance: `10.0.0.1:${number}`, ...labels },
    })
    let targets: FakeTarget[] = [port(6443, 'apiserver'), port(10_250, 'kubelet', { node: 'worker-1' })]
    const server = await fake(() => targets, {
      instead: (query) =>
        query === 'counts'
          ? {
              values: [
                ...valuesOf(query, targets),
                ...targets
                  .filter(({ at }) => at !== undefined)
                  .map(({ labels }): FakeValue => [{ ...labels, __name__: 'kubelet_node_name' }, '1']),
              ],
            }
          : undefined,
    })
    const source = open(server.url)
    expect(rowsOf(await source.round(never))).toEqual([['worker-1', 10]])
    targets = targets.map(({ at: _at, ...each }) => ({ ...each, up: false }))
    expect(rowsOf(await source.round(never))).toEqual([['worker-1', 'not-scraped']])
  })

  test('where a pod was replaced and the old one is still shown', async () => {
    const pod = (name: string, age: number, startedAt: number, hits: number) => {
      const one = target(1, { startedAt, requests: [{ registry: 'docker.io', hits, misses: 0 }] }, age)
      return { ...one, labels: { ...one.labels, instance: `${name}:9090`, pod: name } }
    }
    const server = await fake([pod('old', 40, started, 900), pod('young', 2, now - 30, 3)])
    const round = await open(server.url).round(never)
    expect(rowsOf(round)).toEqual([['worker-1', 3]])
    expect(round.agents[0]?.agent.pod).toBe('young')
  })
})

describe('two runs of an agent are not mixed', () => {
  const restarted = target(1, {
    startedAt: now - 10,
    requests: [{ registry: 'docker.io', hits: 1, misses: 0 }],
  })

  test('a restart while Prometheus is asked is asked about again', async () => {
    let answers = 0
    const server = await fake([target(1)], {
      instead: (query) => {
        // the first time only some parts are of the new run
        if (query === 'counts') answers += 1
        const isNew = answers > 1 || query === 'answers' || query === 'served'
        return isNew ? { values: valuesOf(query, [restarted]) } : undefined
      },
    })
    expect(rowsOf(await open(server.url).round(never))).toEqual([['worker-1', 1]])
  })

  test('and stays a failure of its row where that does not help', async () => {
    const server = await fake([target(1), target(2)], {
      instead: (query) =>
        query === 'answers' ? { values: valuesOf(query, [restarted, target(2)]) } : undefined,
    })
    expect(rowsOf(await open(server.url).round(never))).toEqual([
      ['worker-1', 'answer-invalid'],
      ['worker-2', 20],
    ])
  })
})

describe('a partial answer', () => {
  const warning = 'receive series from Addr: 10.0.0.9:10901: rpc error: code = Unavailable'

  test('says so, and what it leaves out is no restart', async () => {
    let isPartial = false
    const server = await fake([target(1), target(2)], {
      dialect: dialects[1] ?? { name: 'Thanos' },
      instead: (query) => {
        if (!isPartial || query !== 'notFound') return undefined
        return { values: valuesOf(query, [{ ...target(1), answers: {} }, target(2)]), warnings: [warning] }
      },
    })
    const source = open(server.url)
    expect((await source.round(never)).warnings).toEqual([])
    isPartial = true
    const round = await source.round(never)
    expect(round.warnings).toEqual([warning])
    expect(rowsOf(round)).toEqual([
      ['worker-1', 'answer-invalid'],
      ['worker-2', 20],
    ])
    expect(round.agents[0]).toMatchObject({ failure: { evidence: [{ fact: 'message', value: warning }] } })
    isPartial = false
    expect(rowsOf(await source.round(never))[0]).toEqual(['worker-1', 10])
  })

  test('of a VictoriaMetrics cluster says so in its own way', async () => {
    const server = await fake([target(1)], { dialect: { name: 'vmselect', more: { isPartial: true } } })
    expect((await open(server.url).round(never)).warnings).toEqual(['isPartial: true'])
  })
})

test('a Prometheus whose clock is apart is told from ours', async () => {
  const server = await fake((at) => [target(1, {}, now - at + 5)], { now: now + 7200 })
  const round = await open(server.url).round(never)
  expect(round.clockOffset).toBe(7_200_000)
  expect(rowsOf(round)).toEqual([['worker-1', 10]])
})

test("pods are called by their nodes where kube-state-metrics is scraped, and asked for at the nodes' addresses", async () => {
  const pod = (name: string, node: number) => ({
    ...target(node),
    labels: { job: 'monitoring/spegel', instance: `10.1.${node}.3:9090`, namespace: 'spegel', pod: name },
  })
  let isThere = true
  const server = await fake([pod('spegel-a', 1), pod('spegel-b', 2)], {
    instead: (query) => {
      if (query !== 'pods') return undefined
      if (!isThere)
        return { status: 422, body: '{"status":"error","errorType":"execution","error":"too many"}' }
      const labels = { namespace: 'spegel', pod: 'spegel-a', node: 'worker-1', host_ip: 'fd00::1' }
      return { values: [[labels, '1']] }
    },
  })
  const source = open(server.url)
  const round = await source.round(never)
  expect(rowsOf(round)).toEqual([
    ['spegel-b', 20],
    ['worker-1', 10],
  ])
  const [unplaced, placed] = round.agents.map(({ agent }) => agent)
  expect(placed).toMatchObject({ pod: 'spegel/spegel-a', mirrorUrl: 'http://[fd00::1]:30020' })
  expect(unplaced && source.mirrorOf(unplaced)?.url).toBe('http://10.1.2.3:30020')
  isThere = false
  expect(rowsOf(await source.round(never))).toEqual(rowsOf(round))
})
