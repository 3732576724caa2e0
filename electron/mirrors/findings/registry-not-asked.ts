import type { Finding } from '../../../shared/model/mirror-finding.ts'
import type { SourceCase } from './case.ts'
import { type Answering, answering, medianOf, requestsOf, secondsUp } from './counts.ts'
import { clipped, finding } from './finding.ts'

/** An agent this young may not have pulled from a registry the others pull from. */
const upFor = 6 * 3600

/** Requests by which a node is known to use its mirror, and a registry to be used: more than one small image. */
const fewPulls = 20

/** Nodes that must ask for a registry before one that does not stands out, and which part of all they are. */
const fewNodes = 3
const usualShare = 0.75

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
    .filter(([registry, { size }]) => registry !== '' && size >= fewNodes && size >= busy.length * usualShare)
    .toSorted(([, one], [, other]) => other.size - one.size)
    .flatMap(([registry, askers]) => shadowed(of, busy, registry, askers))
    .slice(0, mostRegistries)
}

/** Requests of the nodes that ask for it, by registry. */
function askersByRegistry(busy: readonly Answering[]): Map<string, Map<Answering, number>> {
  const askers = new Map<string, Map<Answering, number>>()
  for (const one of busy) {
    for (const { registry, hits, misses } of one.sample.counts) {
      if (hits + misses === 0) continue
      const requests = askers.get(registry) ?? new Map<Answering, number>()
      askers.set(registry, requests.set(one, hits + misses))
    }
  }
  return askers
}

function shadowed(
  of: SourceCase,
  busy: readonly Answering[],
  registry: string,
  askers: ReadonlyMap<Answering, number>,
): Finding[] {
  const typical = medianOf([...askers.values()])
  const agents = busy.filter((one) => !askers.has(one))
  if (agents.length === 0 || typical < fewPulls) return []
  return [
    finding(of, {
      rule: 'registry-not-asked',
      severity: agents.length === 1 ? 'warn' : 'info',
      agents,
      registry,
      facts: { asking: askers.size, typical, since: 'start' },
      says: `the mirror is never asked for ${clipped(registry)}; others that ask: ${askers.size}, typically ${typical} times.`,
      next: ['remove-leftover-hosts', 'check-registry-filter', 'wait-for-pulls'],
    }),
  ]
}
