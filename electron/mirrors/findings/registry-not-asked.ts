import type { Finding } from '../../../shared/model/mirror-finding.ts'
import type { SourceCase } from './case.ts'
import { type Answering, answering, medianOf, requestsOf, secondsUp } from './counts.ts'
import { clipped, finding } from './finding.ts'

/** An agent this young may not have pulled from a registry the others pull from. */
const upFor = 6 * 3600

/** Requests by which a node is known to use its mirror, and a registry to be used: more than one small image. */
const fewPulls = 20

/** Nodes that must ask for a registry before one that does not stands out. */
const fewNodes = 3

/** Registries that are reported at most: the `ns` of a request is the caller's, so there may be any number. */
const mostRegistries = 20

/**
 * One registry that a node never asks its mirror for, while it asks for others, and at least 3 nodes and three quarters
 * of all ask for it, typically 20 times. The first folder of certs.d that fits wins as a whole, so a registry's own
 * hosts.toml, left over from something else, shadows _default (notes/spegel.md 3.1). A pool with other workloads looks
 * the same: it warns where a single node is concerned, and informs otherwise.
 */
export function registryNotAsked(of: SourceCase): Finding[] {
  const busy = answering(of).filter(
    (one) => secondsUp(one, of) >= upFor && requestsOf(one.sample) >= fewPulls,
  )
  return [...askersByRegistry(busy)]
    .filter(([registry, { length }]) => registry !== '' && length >= fewNodes && length >= busy.length * 0.75)
    .toSorted(([, one], [, other]) => other.length - one.length)
    .flatMap(([registry, requests]) => shadowed(of, busy, registry, requests))
    .slice(0, mostRegistries)
}

/** Requests of every node that asks, by registry. */
function askersByRegistry(busy: readonly Answering[]): Map<string, number[]> {
  const asked = new Map<string, number[]>()
  for (const { registry, hits, misses } of busy.flatMap(({ sample }) => sample.counts)) {
    if (hits + misses === 0) continue
    const requests = asked.get(registry)
    if (requests === undefined) asked.set(registry, [hits + misses])
    else requests.push(hits + misses)
  }
  return asked
}

function shadowed(
  of: SourceCase,
  busy: readonly Answering[],
  registry: string,
  requests: readonly number[],
): Finding[] {
  const typical = medianOf(requests)
  const agents = busy.filter(({ sample }) => !sample.counts.some((count) => asks(count, registry)))
  if (agents.length === 0 || typical < fewPulls) return []
  return [
    finding(of, {
      rule: 'registry-not-asked',
      severity: agents.length === 1 ? 'warn' : 'info',
      agents,
      registry,
      facts: { asking: requests.length, typical, since: 'start' },
      says: `the mirror is never asked for ${clipped(registry)}; others that ask: ${requests.length}, typically ${typical} times.`,
      next: ['remove-leftover-hosts', 'check-registry-filter', 'wait-for-pulls'],
    }),
  ]
}

function asks(count: { registry: string; hits: number; misses: number }, registry: string): boolean {
  return count.registry === registry && count.hits + count.misses > 0
}
