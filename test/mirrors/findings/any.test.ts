import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { AgentCase, SourceCase } from '../../../electron/mirrors/findings/case.ts'
import { findingsOf } from '../../../electron/mirrors/findings/findings.ts'
import type { Growth } from '../../../electron/mirrors/history/history.ts'
import type { AgentSample, Histogram, Totals } from '../../../electron/mirrors/metrics/sample.ts'
import { failureKindSchema } from '../../../shared/model/failure.ts'
import { localFailure } from '../../../shared/model/local-failure.ts'
import { findingSchema } from '../../../shared/model/mirror-finding.ts'
import { at } from './cases.ts'
import { corpus } from './corpus.ts'

// what a broken agent may count: nothing is promised, not even a number
const amount = fc.oneof(fc.nat(500), fc.double(), fc.constantFrom(0, 1e12, Infinity, NaN, -3))
const moment = fc.oneof(fc.integer({ min: at - 9e8, max: at + 9e7 }), amount)
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined })
const registry = fc.oneof(
  fc.constantFrom('docker.io', 'ghcr.io', '', '__proto__'),
  fc.string({ maxLength: 400 }),
)

const histogram: fc.Arbitrary<Histogram> = fc.record({
  bounds: fc.array(fc.double({ min: 0, max: 20 }), { maxLength: 12 }),
  counts: fc.array(amount, { maxLength: 12 }),
  sum: amount,
  count: amount,
})
const totals = {
  counts: fc.array(fc.record({ registry, hits: amount, misses: amount }), { maxLength: 4 }),
  answers: maybe(
    fc.array(
      fc.record({ code: fc.constantFrom('200', '404', '500', ''), method: fc.string(), count: amount }),
      {
        maxLength: 4,
      },
    ),
  ),
  notFound: maybe(histogram),
  resolve: maybe(histogram),
  readiness: maybe(fc.record({ ready: amount, notReady: amount })),
} satisfies Record<string, fc.Arbitrary<unknown>>
const sample = fc.record({
  ...totals,
  startedAt: maybe(moment),
  lastSuccessAt: maybe(moment),
  peers: maybe(amount),
  resident: maybe(amount),
  advertised: fc.array(
    fc.record({ what: fc.constantFrom('content_digests', 'image_tags', 'keys'), registry, count: amount }),
    {
      maxLength: 3,
    },
  ),
  traits: fc.array(fc.string(), { maxLength: 3 }),
})
const growth = fc.record({ ...totals, covered: amount, restarts: amount })

const agent = fc
  .record({
    name: fc.oneof(fc.constantFrom('a', 'b', 'c'), fc.string({ maxLength: 400 })),
    runtime: maybe(fc.constantFrom('containerd://2.1.5', 'containerd://1.7.2-k3s1', 'cri-o://1.30', '')),
    image: maybe(fc.constantFrom('ghcr.io/spegel-org/spegel:v0.7.4', 'spegel', '')),
    images: maybe(fc.nat(50)),
    resolveTimeout: maybe(amount),
    failing: fc.oneof(
      { weight: 4, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom(...failureKindSchema.options) },
    ),
    sample: maybe(sample),
    sampledAt: maybe(moment),
    growth: maybe(growth),
    day: maybe(growth),
    clockOffset: maybe(amount),
  })
  .map(
    ({ name, failing, sample, growth, day, sampledAt, clockOffset, ...identity }): AgentCase =>
      // undefined where the types want the name left out: the rules must bear both
      ({
        agent: { source: 'any', id: name, name, address: name, demo: false, ...identity },
        ok: failing === undefined,
        failure: failing && localFailure(failing, 'scrape', 'it cannot be read'),
        sample: sample as AgentSample | undefined,
        growth: growth as Growth | undefined,
        day: day as (Growth & Totals) | undefined,
        sampledAt,
        clockOffset,
      }) as AgentCase,
  )

const anySource: fc.Arbitrary<SourceCase> = fc
  .record({ agents: fc.array(agent, { maxLength: 8 }), seconds: maybe(fc.nat(90_000)) })
  .map(({ agents, seconds }) => ({ source: 'any', at, agents, ...(seconds !== undefined && { seconds }) }))

function expectSound(of: SourceCase): void {
  const findings = z.array(findingSchema).parse(findingsOf(of))
  expect(new Set(findings.map(({ id }) => id)).size).toBe(findings.length)
  expect(findings.length).toBeLessThan(100)
  for (const { message } of findings) expect(message.length).toBeLessThan(1000)
}

test('whatever the agents say, findings hold to their schema, are bounded and have ids of their own', () => {
  fc.assert(fc.property(anySource, expectSound), { numRuns: 400 })
})

/** The case with its nth number replaced, counted around. */
function withNumber(of: SourceCase, nth: number, value: number): SourceCase {
  let numbers = 0
  JSON.stringify(of, (_, one: unknown) => ((numbers += typeof one === 'number' ? 1 : 0), one))
  let left = nth % numbers
  const swapped = (one: unknown): unknown => {
    if (typeof one === 'number') return left-- === 0 ? value : one
    if (Array.isArray(one)) return one.map(swapped)
    if (typeof one !== 'object' || one === null) return one
    return Object.fromEntries(Object.entries(one).map(([name, each]) => [name, swapped(each)]))
  }
  return swapped(of) as SourceCase
}

test('so they are where a finding rests on a number that is none', () => {
  const broken = fc
    .record({ of: fc.constantFrom(...corpus), nth: fc.nat(200), value: amount })
    .map(({ of, nth, value }) => withNumber(of, nth, value))
  fc.assert(fc.property(broken, expectSound), { numRuns: 1000 })
})
