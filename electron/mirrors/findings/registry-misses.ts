import type { Finding } from '../../../shared/model/mirror-finding.ts'
import type { HitCount } from '../../../shared/model/mirror.ts'
import type { SourceCase } from './case.ts'
import { type Answering, answering, lately, percent, sumOf } from './counts.ts'
import { clipped, finding } from './finding.ts'

/** Three pulls or so; and on three nodes, of which the second and third could have hit. */
const fewRequests = 50
const fewNodes = 3

/** So many that they are not all first pulls. */
const manyRequests = 200

/** Below this hits are chance; from the second on mirrors work. */
const almostNone = 0.05
const works = 0.2

/** Registries that are reported at most: the `ns` of a request is the caller's, so there may be any number. */
const mostRegistries = 20

interface RegistryTotal {
  registry: string
  hits: number
  requests: number
  agents: Answering[]
}

/**
 * One registry that is asked for on at least 3 nodes, at least 50 times, and hits in less than 5 % of them, while the
 * others together hit in 20 % or more: the agents do find each other, so it is this registry's content that is not
 * advertised. Warns from 200 requests on. Counted over the past day, or since the agents began where the day is not
 * known. Requests a registryFilter rejects are neither hit nor miss (notes/spegel.md 1.2), but filters of the holder
 * keep content from being advertised (pkg/state, v0.7.4).
 */
export function registryMisses(of: SourceCase): Finding[] {
  const agents = answering(of)
  const since = agents.every((one) => lately(one).since === 'day') ? 'day' : 'start'
  const totals = totalsByRegistry(agents, since)
  const all = {
    hits: sumOf(totals, ({ hits }) => hits),
    requests: sumOf(totals, ({ requests }) => requests),
  }
  return totals
    .filter((one) => isMissing(one) && ratioBeside(one, all) >= works)
    .toSorted((one, other) => other.requests - one.requests)
    .slice(0, mostRegistries)
    .map((one) => said(of, one, ratioBeside(one, all), since))
}

function said(of: SourceCase, one: RegistryTotal, others: number, since: 'day' | 'start'): Finding {
  const { registry, hits, requests, agents } = one
  const name = registry === '' ? 'no registry named' : clipped(registry)
  const ratio = hits / requests
  return finding(of, {
    rule: 'registry-misses',
    severity: requests >= manyRequests ? 'warn' : 'info',
    agents,
    registry,
    facts: { requests, hits, ratio, others, since },
    says: `${name}: ${percent(ratio)} of ${requests} requests hit, of other registries ${percent(others)}.`,
    next: ['pull-not-import', 'check-registry-filter', 'read-agent-log'],
  })
}

function totalsByRegistry(agents: readonly Answering[], since: 'day' | 'start'): RegistryTotal[] {
  const totals = new Map<string, RegistryTotal>()
  for (const agent of agents) {
    const { counts } = since === 'day' ? lately(agent).totals : agent.sample
    for (const count of counts) add(totals, agent, count)
  }
  return [...totals.values()]
}

function add(
  totals: Map<string, RegistryTotal>,
  agent: Answering,
  { registry, hits, misses }: HitCount,
): void {
  if (hits + misses === 0) return
  const total = totals.get(registry) ?? { registry, hits: 0, requests: 0, agents: [] }
  total.hits += hits
  total.requests += hits + misses
  total.agents.push(agent)
  totals.set(registry, total)
}

function isMissing({ hits, requests, agents }: RegistryTotal): boolean {
  return requests >= fewRequests && agents.length >= fewNodes && hits / requests < almostNone
}

/** Hit ratio of all other registries together; 0 where too few ask for them to say. */
function ratioBeside(one: RegistryTotal, all: { hits: number; requests: number }): number {
  const requests = all.requests - one.requests
  return requests < fewRequests ? 0 : (all.hits - one.hits) / requests
}
