import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { History, Range } from '../../../electron/mirrors/history/history.ts'
import type { AgentSample } from '../../../electron/mirrors/metrics/sample.ts'
import { day, hour, minute, monday, second, sampleOf, toldHistory } from './samples.ts'

const registries = ['', 'docker.io', 'ghcr.io'] as const
const agents = ['a', 'b'] as const

type Act =
  | { kind: 'round'; pause: number; hits: number[]; restart: boolean; absent: boolean }
  | { kind: 'reopen' }
  | { kind: 'stale' }

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      kind: fc.constant('round' as const),
      pause: fc.oneof(
        { weight: 8, arbitrary: fc.integer({ min: 5000, max: 40_000 }) },
        { weight: 3, arbitrary: fc.integer({ min: minute, max: 11 * minute }) },
        { weight: 1, arbitrary: fc.integer({ min: minute, max: 20 * hour }) },
        { weight: 1, arbitrary: fc.constantFrom(15 * second, 5 * minute, hour) },
      ),
      hits: fc.array(fc.nat(50), { minLength: registries.length, maxLength: registries.length }),
      restart: fc.nat(7).map((each) => each === 0),
      absent: fc.nat(3).map((each) => each === 0),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'reopen' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'stale' as const }) },
)

/** What truly grew, as the docstring of History has it. */
interface Grown {
  agent: string
  since: number
  until: number
  hits: number[]
  restarts: number
}

/** An agent that counts, and remembers what its readings will have shown. */
class Model {
  readonly grown: Grown[] = []
  readonly last = new Map<string, { at: number; totals: number[]; startedAt: number }>()

  round(agent: string, at: number, hits: number[], restart: boolean): AgentSample {
    const before = this.last.get(agent)
    const restarts = before !== undefined && restart ? 1 : 0
    // it came up in the middle between two readings, far enough from the former start to tell
    const anew = before && before.at + Math.floor((at - before.at) / 2)
    const restarted = restarts === 1 && anew !== undefined && anew > before!.at
    const startedAt = restarted ? anew : (before?.startedAt ?? at - 100 * day)
    const base = restarted || before === undefined ? hits.map(() => 0) : before.totals
    const totals = hits.map((more, index) => (base[index] ?? 0) + more)
    if (before !== undefined) {
      this.grown.push({
        agent,
        since: restarted ? anew : before.at,
        until: at,
        hits,
        restarts: Number(restarted),
      })
    }
    this.last.set(agent, { at, totals, startedAt })
    return sample(totals, startedAt)
  }

  /** Sum over a range; undefined where nothing was measured. */
  sum(range: Range, agent?: string) {
    const those = this.grown.filter(
      (each) => (agent === undefined || each.agent === agent) && counts(each, range),
    )
    if (those.length === 0) return undefined
    return {
      hits: registries.map((_, index) => those.reduce((sum, { hits }) => sum + (hits[index] ?? 0), 0)),
      covered: those.reduce((sum, { since, until }) => sum + until - since, 0),
      restarts: those.reduce((sum, { restarts }) => sum + restarts, 0),
    }
  }
}

function counts({ since, until }: Grown, { from, to }: Range): boolean {
  return until > from && until <= to && since >= from - 5 * minute
}

function sample(totals: number[], startedAt: number): AgentSample {
  const count = totals.reduce((sum, each) => sum + each, 0)
  return sampleOf({
    counts: registries.map((registry, index) => ({ registry, hits: totals[index] ?? 0, misses: count })),
    answers: [{ code: '200', method: 'GET', count }],
    served: { bounds: [0.1, 1], counts: [0, count], sum: count / 8, count },
    bytes: count * 1000,
    startedAt,
  })
}

/** Ranges whose edges are edges of steps that are kept: 15 s for an hour, 5 minutes for 2 days, hours before. */
function edges(now: number, choices: number[]): number[] {
  return choices.map((choice) => {
    const [span, step] = [
      [hour, 15 * second],
      [2 * day, 5 * minute],
      [20 * day, hour],
    ][choice % 3] as [number, number]
    return Math.ceil((now - ((choice * 7919) % span)) / step) * step
  })
}

function compare(history: History, model: Model, now: number, choices: number[]): void {
  const [one = 0, other = 0] = edges(now, choices)
  const ranges = [
    { from: Math.min(one, other), to: Math.max(one, other) },
    { from: Math.min(one, other), to: now },
    { from: now - 25 * day - (now % hour), to: now },
  ]
  for (const range of ranges) {
    const growth = history.growth('s', range)
    for (const agent of agents) {
      const expected = model.sum(range, agent)
      const found = growth.get(agent)
      expect(history.growthOf('s', agent, range)).toEqual(found)
      expect(found === undefined).toBe(expected === undefined)
      if (found === undefined || expected === undefined) continue
      const total = expected.hits.reduce((sum, each) => sum + each, 0)
      const hitsOf = new Map(found.counts.map(({ registry, hits }) => [registry, hits]))
      expect(registries.map((registry) => hitsOf.get(registry) ?? 0)).toEqual(expected.hits)
      expect(found.restarts).toBe(expected.restarts)
      expect(found.covered).toBe(Math.min(expected.covered, range.to - range.from) / 1000)
      expect(found.answers).toEqual(total === 0 ? [] : [{ code: '200', method: 'GET', count: total }])
      expect(found.served).toEqual({
        bounds: [0.1, 1],
        counts: [0, total],
        sum: total / 8,
        count: total,
      })
      expect(found.bytes).toBe(total * 1000)
    }
  }
  for (const [step, length] of [
    [15 * second, 50 * minute],
    [10 * minute, 40 * hour],
    [2 * hour, 20 * day],
  ] as const) {
    for (const agent of [undefined, 'a']) {
      const of = { sources: ['s'], ...(agent === undefined ? {} : { agent }) }
      const points = history.series(of, { from: now - length, to: now }, step)
      const expected = points.map(({ at }) => {
        const sum = model.sum({ from: at, to: at + step }, agent)
        return { at, hits: sum?.hits.reduce((total, each) => total + each, 0), restarts: sum?.restarts ?? 0 }
      })
      expect(points.map(({ at, hits, restarts }) => ({ at, hits, restarts }))).toEqual(expected)
    }
  }
}

it('adds up as a list of every growth does, over restarts, gaps and reopened files', () => {
  fc.assert(
    fc.property(
      fc.array(act, { minLength: 1, maxLength: 60 }),
      fc.array(fc.nat(2 ** 30), { minLength: 2, maxLength: 2 }),
      (acts, choices) => {
        const told = toldHistory()
        const model = new Model()
        let { history } = told
        let now = monday
        for (const each of acts) {
          if (each.kind === 'reopen') {
            history.close()
            history = told.again()
          } else if (each.kind === 'stale') {
            for (const [agent, { at }] of model.last) {
              history.record([{ source: 's', agent, at, sample: sample([9999, 9999, 9999], at) }])
            }
          } else {
            now = told.at(now + each.pause)
            const present = each.absent ? agents.slice(0, 1) : agents
            history.record(
              present.map((agent) => {
                const read = model.round(agent, now, each.hits, each.restart)
                return { source: 's', agent, at: now, sample: read }
              }),
            )
          }
        }
        compare(history, model, now, choices)
        for (const agent of agents) {
          const last = model.last.get(agent)
          const found = history.last('s', agent)
          expect(found?.at).toBe(last?.at)
          expect(found?.sample).toEqual(last && sample(last.totals, last.startedAt))
        }
        history.close()
      },
    ),
    { numRuns: 40 },
  )
})
