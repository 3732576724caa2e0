import { describe, expect, test } from 'vitest'
import type { MirrorSource } from '../../../../electron/mirrors/sources/source.ts'
import { growthBetween } from '../../../../electron/mirrors/metrics/growth.ts'
import { type FakeAnswer, type FakeTarget, valuesOf } from '../../../fakes/prometheus.ts'
import { fake, never, now, open, started, target } from './lab.ts'

const hour = 3600
const end = Math.floor(now / hour) * hour

/** Hits are the minutes since 1970 less a constant, so that every moment has its own. */
const hitsAt = (at: number) => Math.floor(at / 60) - 29_000_000
const agentAt = (at: number, node = 1): FakeTarget => ({
  ...target(node, { requests: [{ registry: 'docker.io', hits: hitsAt(at), misses: 0 }] }),
  at: at - 7,
})
const limits = { pointsOfSeries: 11_000, points: 200_000, allPoints: 6_000_000 }

async function collect(source: MirrorSource, from: number, to: number) {
  const steps: Array<{ ids: string[]; at: number | undefined; hits: number | undefined }> = []
  for await (const results of source.past?.(from * 1000, to * 1000, never) ?? []) {
    const [first] = results
    steps.push({
      ids: results.map(({ agent }) => agent.id),
      at: first?.ok === true ? first.at / 1000 : undefined,
      hits: first?.ok === true ? first.sample.counts[0]?.hits : undefined,
    })
  }
  return steps
}

const expected = (times: readonly number[]) =>
  times.map((at) => ({ ids: ['worker-1'], at: at - 7, hits: hitsAt(at) }))
const every = (seconds: number, from: number, to: number) =>
  Array.from(
    { length: Math.floor(to / seconds) - Math.floor(from / seconds) },
    (_, index) => (Math.floor(from / seconds) + index + 1) * seconds,
  )

describe('steps', () => {
  test('are an hour, and five minutes in the last two days, oldest first', async () => {
    const server = await fake((at) => [agentAt(at)])
    const from = end - 96 * hour
    const times = [...every(hour, from, end - 48 * hour), ...every(300, end - 48 * hour, end)]
    expect(await collect(open(server.url), from, end)).toEqual(expected(times))
  })

  test('begin after what is known already', async () => {
    const server = await fake((at) => [agentAt(at)])
    expect(await collect(open(server.url), end - 600, end)).toEqual(expected([end - 300, end]))
    expect(await collect(open(server.url), end, end + 299)).toEqual([])
  })

  test('are longer where everything would be too much', async () => {
    const server = await fake((at) => [agentAt(at)])
    // 16 series in four parts, 48 steps: twice what is allowed
    const past = { ...limits, allPoints: 16 * 24 }
    const source = open(server.url, {}, { limits: { past } })
    expect(await collect(source, end - 4 * hour, end)).toEqual(expected(every(600, end - 4 * hour, end)))
  })

  test('of one answer are no more than its points allow', async () => {
    const server = await fake((at) => [agentAt(at)])
    const source = open(server.url, {}, { limits: { past: { ...limits, points: 40 } } })
    expect(await collect(source, end - 4 * hour, end)).toHaveLength(48)
    for (const { url } of server.seen.filter(({ path }) => path.includes('query_range'))) {
      const [start, stop, step] = ['start', 'end', 'step'].map((name) =>
        Number(url.searchParams.get(name)),
      ) as [number, number, number]
      expect((stop - start) / step + 1).toBeLessThanOrEqual(10)
    }
  })
})

describe('a query that is too much', () => {
  const tooMuch: Array<[string, FakeAnswer]> = [
    [
      'Prometheus',
      {
        status: 422,
        body: '{"status":"error","errorType":"execution","error":"query processing would load too many samples into memory in query execution"}',
      },
    ],
    [
      'its points',
      {
        status: 400,
        body: '{"status":"error","errorType":"bad_data","error":"exceeded maximum resolution of 11,000 points per timeseries."}',
      },
    ],
    [
      'Mimir',
      {
        status: 422,
        body: '{"status":"error","errorType":"execution","error":"the query exceeded the maximum number of chunks (err-mimir-max-chunks-per-query)"}',
      },
    ],
    [
      'VictoriaMetrics',
      {
        status: 422,
        body: '{"status":"error","errorType":"422","error":"cannot select more than -search.maxSamplesPerQuery=1 samples"}',
      },
    ],
    [
      'time',
      {
        status: 503,
        body: '{"status":"error","errorType":"timeout","error":"query timed out in expression evaluation"}',
      },
    ],
  ]

  test.each(tooMuch)('for %s is asked in shorter times', async (_what, answer) => {
    const server = await fake((at) => [agentAt(at)], {
      instead: (query, { url }) => {
        const steps = (Number(url.searchParams.get('end')) - Number(url.searchParams.get('start'))) / 300
        return query === 'counts' && steps > 3 ? answer : undefined
      },
    })
    expect(await collect(open(server.url), end - 4 * hour, end)).toEqual(
      expected(every(300, end - 4 * hour, end)),
    )
  })

  test('even for one step fails', async () => {
    const [, [, answer]] = tooMuch as [unknown, [string, FakeAnswer]]
    const server = await fake((at) => [agentAt(at)], {
      instead: (_query, { path }) => (path.includes('query_range') ? answer : undefined),
    })
    await expect(collect(open(server.url), end - hour, end)).rejects.toMatchObject({
      failure: { kind: 'query-refused' },
    })
  })
})

test('what does not become smaller is not asked again', async () => {
  const answer = {
    status: 400,
    body: '{"status":"error","errorType":"bad_data","error":"parse error: unexpected character"}',
  }
  const server = await fake((at) => [agentAt(at)], {
    instead: (query, { path }) => (path.includes('query_range') && query === 'counts' ? answer : undefined),
  })
  await expect(collect(open(server.url), end - hour, end)).rejects.toMatchObject({ failure: { status: 400 } })
  expect(
    server.seen.filter(
      ({ path }) =>
        path.includes('query_range') && path.includes('spegel_mirror_requests_total%7Cspegel_mirror_last'),
    ).length,
  ).toBe(1)
})

test('gaps stay gaps, and a replaced pod goes on as its node', async () => {
  const replaced = end - 2 * hour
  const pod = (name: string, at: number, startedAt: number): FakeTarget => ({
    ...agentAt(at),
    startedAt,
    labels: { ...target(1).labels, instance: `${name}:9090`, pod: name },
  })
  const server = await fake((at) => {
    if (at < replaced - hour) return [pod('old', at, started)]
    if (at < replaced) return []
    // what is left of the old one is shown for a while, as it was
    return [{ ...pod('old', replaced, started), at: replaced - hour }, pod('young', at, replaced - 60)]
  })
  const source = open(server.url)
  const seen: Array<[number, string | undefined]> = []
  for await (const results of source.past?.((end - 6 * hour) * 1000, end * 1000, never) ?? []) {
    for (const { agent, ...result } of results) {
      if (result.ok) seen.push([result.at / 1000 + 7, agent.pod])
      expect(agent.id).toBe('worker-1')
    }
  }
  expect(seen.map(([at]) => at)).toEqual(
    every(300, end - 6 * hour, end).filter((at) => at < replaced - hour || at >= replaced),
  )
  expect(seen.every(([at, name]) => name === (at < replaced ? 'old' : 'young'))).toBe(true)
})

test('its samples are as whole as those of a round: what follows is no restart', async () => {
  const server = await fake((at) => [agentAt(at)])
  const source = open(server.url)
  let last
  for await (const results of source.past?.((end - hour) * 1000, end * 1000, never) ?? []) last = results[0]
  const [present] = (await source.round(never)).agents
  if (last?.ok !== true || present?.ok !== true) throw new Error('an agent failed')
  const { growth, restarted } = growthBetween(last.sample, present.sample)
  expect(restarted).toBe(false)
  expect(growth.served?.count).toBe(0)
  expect(growth.counts).toEqual([{ registry: 'docker.io', hits: hitsAt(now) - hitsAt(end), misses: 0 }])
})

test('what a partial answer left out is left out of the past', async () => {
  const gap = end - 900
  const server = await fake((at) => [agentAt(at)], {
    instead: (query, { path }, form) => {
      const isRange = path.includes('query_range')
      if (!isRange || query !== 'notFound' || Number(form.get('start')) !== gap) return undefined
      return { values: valuesOf(query, [{ ...agentAt(gap), answers: {} }]), warnings: ['a store is gone'] }
    },
  })
  const source = open(server.url, {}, { limits: { past: { ...limits, points: 4 } } })
  const steps = await collect(source, end - hour, end)
  expect(steps.filter(({ ids }) => ids.length > 0).map(({ at }) => (at ?? 0) + 7)).toEqual(
    every(300, end - hour, end).filter((at) => at !== gap),
  )
})

test('ends at once when it is cancelled, and asks nothing of a Prometheus without agents', async () => {
  const cancel = new AbortController()
  const server = await fake((at) => [agentAt(at)], {
    instead: (_query, { path }) => (path.includes('query_range') ? 'hang' : undefined),
  })
  const steps = open(server.url).past?.((end - hour) * 1000, end * 1000, cancel.signal)
  const next = steps?.next()
  cancel.abort()
  await expect(next).rejects.toMatchObject({ failure: { kind: 'cancelled' } })
  const empty = await fake([])
  expect(await collect(open(empty.url), end - hour, end)).toEqual([])
  expect(empty.asked).toEqual(['times', 'recent'])
})
