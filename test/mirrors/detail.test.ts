import { expect, test } from 'vitest'
import { agentDetail } from '../../electron/mirrors/detail.ts'
import type { AgentCase } from '../../electron/mirrors/findings/case.ts'
import { agentDetailSchema } from '../../shared/model/mirror-detail.ts'
import type { AgentReading } from '../../shared/model/mirror.ts'
import { agent, answers, asked, silent, took } from './findings/cases.ts'

/** The reading that goes with a case: its counts over the window, where any were measured. */
function readingOf(of: AgentCase, since: 'start' | 'window'): AgentReading {
  const totals = since === 'start' ? of.sample : of.growth
  return { ...of.agent, ok: of.ok, covered: 60, restarts: 0, ...(totals && { counts: totals.counts }) }
}

function detailOf(of: AgentCase, since: 'start' | 'window' = 'start', peerId?: string) {
  return agentDetailSchema.parse(
    agentDetail({ case: of, reading: readingOf(of, since), ...(peerId !== undefined && { peerId }) }),
  )
}

test('everything an agent says is there', () => {
  const one = agent('a', {
    sample: {
      counts: [asked(30, 12)],
      answers: answers({ 200: 40, 206: 5, 404: 12 }),
      served: took({ 0.01: 45 }),
      notFound: took({ 0.025: 12 }),
      resolve: took({ 0.005: 60 }),
      bytes: 1e9,
      peers: 4,
      readiness: { ready: 360, notReady: 2 },
    },
  })
  const detail = detailOf(one, 'start', '12D3KooW')
  expect(detail).toMatchObject({
    reading: { id: 'a', ok: true },
    latency: { served: { count: 45 }, notFound: { count: 12 } },
    bytes: 1e9,
    servedToOthers: 15,
    resolve: { count: 60 },
    peers: 4,
    readiness: { ready: 360, notReady: 2 },
    advertised: [{ what: 'content_digests', registry: 'docker.io', count: 40 }],
    peerId: '12D3KooW',
  })
  expect(detail.answers).toHaveLength(3)
})

test('404s and answers with content have percentiles of their own', () => {
  const { latency } = detailOf(
    agent('a', { sample: { served: took({ 1: 10 }), notFound: took({ 0.005: 10 }) } }),
  )
  expect(latency.served?.p50).toBeGreaterThan(0.5)
  expect(latency.notFound?.p99).toBeLessThanOrEqual(0.005)
})

test('counts of the window are not mixed with those since the start; gauges stand as they stand', () => {
  const one = agent('a', {
    sample: { answers: answers({ 200: 900 }), resolve: took({ 0.005: 900 }), peers: 3 },
    window: { counts: [asked(2, 1)], answers: answers({ 200: 5 }) },
  })
  const detail = detailOf(one, 'window')
  expect(detail).toMatchObject({ servedToOthers: 3, peers: 3, answers: [{ code: '200', count: 5 }] })
  expect(detail.resolve).toBeUndefined()
})

test('a window in which nothing was measured says nothing', () => {
  const one = agent('a', { sample: { answers: answers({ 200: 900 }), bytes: 5, served: took({ 1: 9 }) } })
  const detail = detailOf(one, 'window')
  expect(detail.answers).toEqual([])
  expect(detail.latency).toEqual({})
  expect(Object.keys(detail)).not.toEqual(expect.arrayContaining(['bytes']))
  expect(detail.servedToOthers).toBeUndefined()
})

test.each([
  ['no answer was ever measured', undefined, undefined],
  ['hits are counted before their answers have ended', answers({ 200: 10 }), 0],
  ['206 is content as well', answers({ 200: 50, 206: 4, 404: 90, 500: 3 }), 4],
])('served to others: %s', (_, measured, expected) => {
  const one = agent('a', { sample: { counts: [asked(50, 0)], answers: measured } })
  expect(detailOf(one).servedToOthers).toBe(expected)
})

test('up to 0.4 a 206 is no hit, so it is not counted as served either', () => {
  const one = agent('a', {
    sample: { counts: [asked(50, 4)], answers: answers({ 200: 60, 206: 4 }) },
    identity: { image: 'ghcr.io/spegel-org/spegel:v0.4.0' },
  })
  expect(detailOf(one)).toMatchObject({ servedToOthers: 10, version: { range: '0.4.0', from: 'image' } })
})

test('an agent that was never read has a reading and nothing else', () => {
  expect(detailOf(silent('a', 'refused'))).toMatchObject({ answers: [], advertised: [], latency: {} })
})
