import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { growthBetween } from '../../../electron/mirrors/metrics/growth.ts'
import { percentilesOf } from '../../../electron/mirrors/metrics/histogram.ts'
import { readSpegel } from '../../../electron/mirrors/metrics/spegel.ts'
import { versionOf } from '../../../electron/mirrors/metrics/version.ts'
import { classic } from './parsed.ts'

const versions = ['0.1.1', '0.4.0', '0.6.0', '0.7.4']

/** What the pulls between three real agents must have caused (test/fixtures/metrics/ORIGIN.md). */
function captured(version: string, what: string) {
  const url = new URL(`../../fixtures/metrics/real-v${version}-${what}.txt`, import.meta.url)
  return readSpegel(readFileSync(url), classic)
}

const registry = '10.77.0.100'
/** Config, manifest and three layers of lab/one. */
const imageBytes = 247_731

describe.each(versions)('readSpegel of a real %s', (version) => {
  it('reads six misses of a first pull', () => {
    const sample = captured(version, 'cold')
    expect(sample.counts).toEqual([{ registry, hits: 0, misses: 6 }])
    expect(sample.answers).toEqual([
      { code: '404', method: 'GET', count: 5 },
      { code: '404', method: 'HEAD', count: 1 },
    ])
    expect(sample.notFound?.count).toBe(6)
    expect(sample).not.toHaveProperty('served')
    expect(sample).not.toHaveProperty('bytes')
    expect(sample.resolve?.count).toBe(0)
    expect(sample.peers).toBe(2)
  })

  it('reads six hits of a second pull, and how long they took', () => {
    const sample = captured(version, 'hits')
    expect(sample.counts).toEqual([{ registry, hits: 6, misses: 0 }])
    expect(sample.bytes).toBe(imageBytes)
    expect(sample.resolve?.count).toBe(6)
    expect(sample.served).toMatchObject({
      count: 6,
      bounds: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    })
    expect(sample.served && percentilesOf(sample.served)).toMatchObject({ count: 6, atLimit: false })
    expect(sample).not.toHaveProperty('notFound')
  })

  it('reads hits and misses of a pull of which others have a part', () => {
    const sample = captured(version, 'mixed')
    expect(sample.counts).toEqual([{ registry, hits: 3, misses: 7 }])
    expect([sample.served?.count, sample.notFound?.count]).toEqual([3, 7])
  })

  it('reads nothing counted from a fresh agent', () => {
    const sample = captured(version, 'fresh')
    expect(sample).toMatchObject({ counts: [], advertised: [], peers: 2 })
    expect(sample.startedAt).toBeGreaterThan(1_795_000_000_000)
    expect(sample.resident).toBeGreaterThan(10_000_000)
    expect(sample.lastSuccessAt).toBe(version === '0.1.1' ? undefined : 0)
    for (const absent of ['served', 'notFound', 'bytes', 'resolve']) expect(sample).not.toHaveProperty(absent)
  })

  it('sees what an agent answered to another, which its own counters do not say', () => {
    const { growth, restarted } = growthBetween(captured(version, 'cold'), captured(version, 'served'))
    expect(restarted).toBe(false)
    expect(growth.counts).toEqual([])
    expect(growth.bytes).toBe(imageBytes)
    expect(growth.answers?.find(({ method }) => method === 'GET')).toEqual({
      code: '200',
      method: 'GET',
      count: 5,
    })
  })

  it('sees a restart', () => {
    const { growth, restarted } = growthBetween(captured(version, 'served'), captured(version, 'restarted'))
    expect(restarted).toBe(true)
    expect(growth.counts).toEqual([])
  })
})

describe('versionOf, of real agents', () => {
  it.each([
    ['0.1.1', 'alone', '0.0.5 to 0.3'],
    ['0.1.1', 'fresh', '0.1 to 0.3'],
    ['0.1.1', 'cold', '0.1'],
    ['0.1.1', 'hits', '0.1'],
    ['0.4.0', 'alone', '0.4 to 0.6'],
    ['0.4.0', 'fresh', '0.4 to 0.6'],
    ['0.4.0', 'cold', '0.4'],
    ['0.4.0', 'hits', '0.4 to 0.6'],
    ['0.4.0', 'restarted', '0.4 to 0.5'],
    ['0.6.0', 'alone', '0.4 to 0.6'],
    ['0.6.0', 'cold', '0.4 to 0.6'],
    ['0.6.0', 'hits', '0.6'],
    ['0.7.4', 'alone', '0.7'],
    ['0.7.4', 'fresh', '0.7'],
    ['0.7.4', 'mixed', '0.7'],
    ['0.7.4', 'restarted', '0.7'],
  ])('takes a %s (%s) for %s', (version, what, range) => {
    expect(versionOf(captured(version, what).traits)).toMatchObject({ range, from: 'families' })
  })
})

describe('real agents before and after', () => {
  it('show that 0.4.0 moves the last success on misses, and later ones do not', () => {
    expect(captured('0.4.0', 'cold').lastSuccessAt).toBeGreaterThan(0)
    expect(captured('0.6.0', 'cold').lastSuccessAt).toBe(0)
    expect(captured('0.7.4', 'cold').lastSuccessAt).toBe(0)
  })

  it('show probes: not ready alone, ready with others', () => {
    expect(captured('0.7.4', 'alone').readiness).toEqual({ ready: 0, notReady: 1 })
    expect(captured('0.7.4', 'cold').readiness).toEqual({ ready: 1, notReady: 2 })
    expect(captured('0.1.1', 'cold').readiness).toEqual({ ready: 1, notReady: 1 })
    expect(captured('0.1.1', 'alone')).not.toHaveProperty('readiness')
  })

  it('show a tag that is gone as advertised no more', () => {
    const tags = (what: string) =>
      captured('0.7.4', what).advertised.find((one) => one.what === 'image_tags')?.count
    expect([tags('restarted'), tags('removed')]).toEqual([1, 0])
  })

  it('show gauges by their names', () => {
    expect(captured('0.1.1', 'restarted').advertised).toEqual([
      { what: 'image_tags', registry, count: 1 },
      { what: 'images', registry, count: 1 },
      { what: 'keys', registry, count: 6 },
    ])
  })
})
