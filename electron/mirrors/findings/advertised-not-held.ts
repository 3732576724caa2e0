import type { Finding } from '../../../shared/model/mirror-finding.ts'
import type { SourceCase } from './case.ts'
import { type Answering, answering, hitsOf, lately, requestsOf, type Since, sumOf } from './counts.ts'
import { finding } from './finding.ts'

/** Peers found and requests missed, from which it is no accident of one image. */
const fewFound = 50
const fewMisses = 50

/** Hits for each peer found. A lookup finds up to three (mirrorResolveRetries), so a third is what to expect at worst. */
const almostNone = 0.05

/**
 * Nodes whose lookups find peers while their requests miss: peers advertise content and cannot give it. Either it is
 * not on their disk (discard_unpacked_layers; Spegel before #1386 advertises what is missing) or they cannot be
 * reached at the port of their mirror. An approximation: spegel_resolve_duration_seconds counts peers found, not
 * lookups, and lookups of the past 5 s are not repeated, so it takes 50 peers found, 50 misses, and less than one hit
 * for 20 peers. Counted over the past day, or since the agent began. Source: issue 5, notes/spegel.md 1.1, 3.2, 4.
 */
export function advertisedNotHeld(of: SourceCase): Finding[] {
  const vain = answering(of).flatMap((one) => searchOf(one) ?? [])
  if (vain.length === 0) return []
  const found = sumOf(vain, (each) => each.found)
  const hits = sumOf(vain, (each) => each.hits)
  const requests = sumOf(vain, (each) => each.requests)
  return [
    finding(of, {
      rule: 'advertised-not-held',
      severity: 'warn',
      agents: vain.map(({ one }) => one),
      facts: {
        found,
        hits,
        requests,
        since: vain.every(({ since }) => since === 'day') ? 'day' : 'start',
      },
      says: `lookups found peers ${found} times, and ${hits} of ${requests} requests hit.`,
      next: ['keep-layers', 'check-peer-network', 'update-spegel'],
    }),
  ]
}

function searchOf(
  one: Answering,
): { one: Answering; found: number; hits: number; requests: number; since: Since } | undefined {
  const { totals, since } = lately(one, 'resolve')
  const found = totals.resolve?.count ?? 0
  const hits = hitsOf(totals)
  const requests = requestsOf(totals)
  if (found < fewFound || requests - hits < fewMisses || hits / found >= almostNone) return undefined
  return { one, found, hits, requests, since }
}
