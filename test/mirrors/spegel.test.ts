import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readSpegel } from '../../electron/mirrors/spegel.ts'
import { FailureError } from '../../shared/model/failure.ts'
import { type AgentState, printAgent } from '../fakes/agent.ts'

const base: AgentState = {
  startedAt: 1784099921.25,
  lastSuccess: 0,
  requests: [{ registry: 'docker.io', hits: 3, misses: 5 }],
}

function fixture(name: string): string {
  return readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8')
}

function failureOf(text: string) {
  try {
    readSpegel(text)
  } catch (error) {
    if (error instanceof FailureError) return error.failure
    throw error
  }
  throw new Error('it was read')
}

describe('readSpegel', () => {
  it('reads the text of a 0.7.4 agent', () => {
    expect(readSpegel(fixture('spegel-v0.7.4.txt'))).toEqual({
      counts: [
        { registry: 'docker.io', hits: 42, misses: 11 },
        { registry: 'ghcr.io', hits: 7, misses: 0 },
        { registry: 'quay.io', hits: 0, misses: 6 },
      ],
      startedAt: 1_784_099_921_113,
      lastSuccessAt: 1_784_105_321_483,
      notFound: 17,
      serverFaults: 0,
    })
  })

  it('adds up the source label of versions up to 0.1, which have no last success', () => {
    const { lastSuccess: _, ...old } = base
    const counts = readSpegel(printAgent({ ...old, withSource: true }))
    expect(counts.counts).toEqual(base.requests)
    expect(counts).not.toHaveProperty('lastSuccessAt')
  })

  it('keeps 404 and 5xx apart and leaves the rest alone', () => {
    const text = printAgent({ ...base, answers: { 200: 7, 206: 1, 404: 2e6, 500: 3, 503: 4, 416: 9 } })
    expect(readSpegel(text)).toMatchObject({ notFound: 2_000_000, serverFaults: 7 })
  })

  it('does not say zero where nothing is known', () => {
    const counts = readSpegel(printAgent(base))
    expect(counts).not.toHaveProperty('notFound')
    expect(counts).not.toHaveProperty('serverFaults')
  })

  it('keeps the registry a request did not name', () => {
    const requests = [{ registry: '', hits: 0, misses: 2 }]
    expect(readSpegel(printAgent({ ...base, requests })).counts).toEqual(requests)
  })

  it('knows a fresh agent of 0.4 and later by its last success', () => {
    expect(readSpegel(printAgent({ ...base, requests: [] }))).toEqual({
      counts: [],
      startedAt: 1_784_099_921_250,
      lastSuccessAt: 0,
    })
  })

  it('knows an older fresh agent by libp2p beside the process', () => {
    expect(readSpegel('libp2p_rcmgr_fds 1\nprocess_start_time_seconds 5\n')).toEqual({
      counts: [],
      startedAt: 5000,
    })
  })

  it('refuses the metrics of something else, here of a real docker-registry', () => {
    const failure = failureOf(fixture('docker-registry-2.8.txt'))
    expect(failure.kind).toBe('metrics-invalid')
    expect(failure.message).toContain('not those of a Spegel agent')
  })

  it.each([
    ['a count that is no number', 'spegel_mirror_requests_total{cache="hit",registry="a"} NaN\n'],
    ['a negative count', 'spegel_mirror_requests_total{cache="hit",registry="a"} -1\n'],
    ['an endless count', 'spegel_mirror_requests_total{cache="miss",registry="a"} +Inf\n'],
    ['neither hit nor miss', 'spegel_mirror_requests_total{registry="a"} 1\n'],
    [
      'a registry of absurd length',
      `spegel_mirror_requests_total{cache="hit",registry="${'a'.repeat(501)}"} 1\n`,
    ],
    [
      'too many registries',
      Array.from(
        { length: 5001 },
        (_, n) => `spegel_mirror_requests_total{cache="hit",registry="${n}"} 1\n`,
      ).join(''),
    ],
  ])('refuses %s', (_, text) => {
    expect(failureOf(text)).toMatchObject({ kind: 'metrics-invalid', next: ['check-mirror-agent'] })
  })
})
