import type { Finding } from '../../../shared/model/mirror-finding.ts'
import type { SourceCase } from './case.ts'
import { type Answering, answering, hitsOf, requestsOf, sumOf } from './counts.ts'
import { finding } from './finding.ts'

/** One first pull of a common image: nobody else can have it, so every request misses. */
const firstPull = 20

/** Several images: that none of them was on any other node becomes unlikely. */
const severalPulls = 100

/**
 * Nodes that ask their mirror and have never been served by a peer since their agent began: at least 20 requests and
 * no hit, while others hit for a registry that the node asks for. From 20 it informs, since a first pull of a large
 * image looks the same; from 100 it warns. Where nobody in the source ever hits it is one finding for all, from 100
 * requests on (more than one node must ask, or the one be connected to peers: alone there is nobody to hit).
 * Source: issue 5; what a miss is: notes/spegel.md 1.2.
 */
export function neverHits(of: SourceCase): Finding[] {
  const agents = answering(of)
  const missing = agents.filter(({ sample }) => requestsOf(sample) >= firstPull && hitsOf(sample) === 0)
  return agents.some(({ sample }) => hitsOf(sample) > 0)
    ? someNever(of, missing, registriesThatHit(agents))
    : nobodyHits(of, missing)
}

function registriesThatHit(agents: readonly Answering[]): Set<string> {
  const counts = agents.flatMap(({ sample }) => sample.counts)
  return new Set(counts.filter(({ hits }) => hits > 0).map(({ registry }) => registry))
}

function someNever(
  of: SourceCase,
  missing: readonly Answering[],
  hitElsewhere: ReadonlySet<string>,
): Finding[] {
  const agents = missing.filter(({ sample }) =>
    sample.counts.some(({ registry }) => hitElsewhere.has(registry)),
  )
  if (agents.length === 0) return []
  const requests = sumOf(agents, ({ sample }) => requestsOf(sample))
  const many = agents.some(({ sample }) => requestsOf(sample) >= severalPulls)
  return [
    finding(of, {
      rule: 'never-hits',
      severity: many ? 'warn' : 'info',
      cause: 'others-hit',
      agents,
      facts: { requests, since: 'start' },
      says: `${requests} requests since the start and no hit, while other nodes hit.`,
      next: many
        ? ['check-peer-network', 'check-bootstrap', 'raise-resolve-timeout', 'read-agent-log']
        : ['wait-for-pulls', 'check-peer-network', 'check-bootstrap'],
    }),
  ]
}

function nobodyHits(of: SourceCase, agents: readonly Answering[]): Finding[] {
  const requests = sumOf(agents, ({ sample }) => requestsOf(sample))
  const others = agents.length > 1 || (agents[0]?.sample.peers ?? 0) > 0
  if (requests < severalPulls || !others) return []
  return [
    finding(of, {
      rule: 'never-hits',
      severity: 'warn',
      cause: 'nobody',
      agents,
      facts: { requests, since: 'start' },
      says: `${requests} requests since the start and not one hit in the whole source.`,
      next: [
        'check-peer-network',
        'check-bootstrap',
        'keep-layers',
        'raise-resolve-timeout',
        'read-agent-log',
      ],
    }),
  ]
}
