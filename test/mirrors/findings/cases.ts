import type { AgentCase, Rule, SourceCase } from '../../../electron/mirrors/findings/case.ts'
import type { Growth } from '../../../electron/mirrors/history/history.ts'
import type { AgentSample, AnswerCount, Histogram } from '../../../electron/mirrors/metrics/sample.ts'
import type { FailureKind } from '../../../shared/model/failure.ts'
import { localFailure } from '../../../shared/model/local-failure.ts'
import { findingSchema } from '../../../shared/model/mirror-finding.ts'
import type { AgentIdentity, HitCount } from '../../../shared/model/mirror.ts'

/** The moment every case is looked at, ms. */
export const at = Date.UTC(2026, 10, 22, 12)

/** Upper bounds of Spegel's histograms of time, seconds (Prometheus' DefBuckets). */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export interface Told {
  /** Hours since the agent began; two days unless told. */
  up?: number
  /** What differs; undefined is what an agent does not say. */
  sample?: Differing<AgentSample>
  window?: Partial<Growth>
  day?: Partial<Growth>
  identity?: Differing<AgentIdentity>
  /** ms by which its clock is ahead of ours. */
  offset?: number
}

type Differing<T> = { [Name in keyof T]?: T[Name] | undefined }

/** An agent that answers: by default two days old, on containerd 2.1, with ten images, half of its requests hits. */
export function agent(name: string, told: Told = {}): AgentCase {
  const { up = 48, sample, window, day, identity, offset } = told
  const usual: AgentIdentity = {
    source: 'lab',
    id: name,
    name,
    address: `${name}:9090`,
    runtime: 'containerd://2.1.5',
    images: 10,
    demo: false,
  }
  const reading: AgentSample = {
    counts: [asked(50, 50)],
    // no two begin in the same moment
    startedAt: at - up * 3_600_000 - (name.codePointAt(0) ?? 0),
    lastSuccessAt: at - 60_000,
    advertised: [{ what: 'content_digests', registry: 'docker.io', count: 40 }],
    traits: [],
  }
  return {
    agent: { ...usual, ...identity } as AgentIdentity,
    ok: true,
    sampledAt: at,
    sample: { ...reading, ...sample } as AgentSample,
    ...(window && { growth: growth({ covered: 3600, ...window }) }),
    ...(day && { day: growth({ covered: 86_400, ...day }) }),
    ...(offset !== undefined && { clockOffset: offset }),
  }
}

/** A node that nothing was ever asked of. */
export function idle(name: string, told: Told = {}): AgentCase {
  return agent(name, { ...told, sample: { counts: [], lastSuccessAt: 0, ...told.sample } })
}

/** An agent that could not be read, and was read the last time `minutes` ago, or never. */
export function silent(name: string, kind: FailureKind, minutes?: number): AgentCase {
  const { sample, sampledAt: _, ...one } = agent(name)
  return {
    ...one,
    ok: false,
    failure: localFailure(kind, 'scrape', `${name} cannot be read.`),
    ...(minutes !== undefined && sample !== undefined && { sample, sampledAt: at - minutes * 60_000 }),
  }
}

export function source(agents: readonly AgentCase[], seconds?: number): SourceCase {
  return { source: 'lab', at, agents, ...(seconds !== undefined && { seconds }) }
}

export function asked(hits: number, misses: number, registry = 'docker.io'): HitCount {
  return { registry, hits, misses }
}

export function answers(byCode: Record<string, number>): AnswerCount[] {
  return Object.entries(byCode).map(([code, count]) => ({ code, method: 'GET', count }))
}

/** Of Spegel's buckets: how many took up to each bound and longer than the one below, `{ 0.005: 3, 0.025: 60 }`. */
export function took(seconds: Partial<Record<number, number>>): Histogram {
  let upTo = 0
  const counts = bounds.map((bound) => (upTo += seconds[bound] ?? 0))
  return { bounds, counts, sum: upTo * 0.01, count: upTo }
}

function growth(told: Partial<Growth>): Growth {
  return { counts: [], covered: 3600, restarts: 0, ...told }
}

/** What a rule finds, without the words, and held to the schema: `severity cause agents`. */
export function found(rule: Rule, of: SourceCase): string[] {
  return rule(of).map((one) => {
    const { severity, agents, facts, registry } = findingSchema.parse(one)
    return [severity, facts.cause, registry, agents.join(' ')].filter((part) => part !== undefined).join(' ')
  })
}
