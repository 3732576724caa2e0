import type { Finding, FindingCause, FindingStep } from '../../../shared/model/mirror-finding.ts'
import type { Histogram, Totals } from '../metrics/sample.ts'
import type { SourceCase } from './case.ts'
import {
  type Answering,
  answering,
  hitsOf,
  lately,
  percent,
  requestsOf,
  type Since,
  sumOf,
} from './counts.ts'
import { finding } from './finding.ts'

/** mirrorResolveTimeout where nobody set it, ms: since 0.0.23 (spegel #507), flag and chart alike. */
const usualLimit = 20

/** 404s from which their times say something. */
const fewMisses = 50

/** Half of all 404s in the one bucket behind the limit is no coincidence; for a guess it takes nearly all. */
const share = 0.5
const nearlyAll = 0.8

/** Of the lookups that found a peer, the part that needed half the limit or more. */
const slowLookups = 0.1

type Cause = FindingCause<'resolve-timeout'>

const steps: Record<Cause, FindingStep[]> = {
  'slow-lookups': ['raise-resolve-timeout', 'check-peer-network'],
  'none-found': ['check-peer-network', 'raise-resolve-timeout', 'check-bootstrap'],
  'cannot-tell': ['raise-resolve-timeout', 'wait-for-pulls'],
}

interface Times {
  one: Answering
  cause: Cause
  /** ms. */
  limit: number
  misses: number
  atLimit: number
  found: number
  since: Since
}

/**
 * Lookups that end at mirrorResolveTimeout rather than with an answer. No metric counts them: spegel_resolve_duration
 * is observed once for a peer found and never for a lookup that ends (pkg/routing, v0.7.4). What shows is the 404 such
 * a lookup ends in: it takes the limit and a little more, where a lookup to which the DHT answers "nobody" takes less
 * than 5 ms in a small cluster. So at least half of 50 or more 404s must lie in the histogram's bucket behind the
 * limit. That alone may be a DHT that is slow to say "nobody", so it warns where lookups that do find peers run into
 * the limit too, or none ever found any; else it informs, from four in five 404s on and where most requests miss.
 * Among the 404s are those to peers that ask for what is not here, which are fast. Source: issue 5, notes/spegel.md
 * 1.1, 2.3, 2.4.
 */
export function resolveTimeout(of: SourceCase): Finding[] {
  const late = answering(of).flatMap((one) => timesOf(one) ?? [])
  return [...Map.groupBy(late, ({ cause }) => cause)].map(([cause, alike]) => {
    const misses = sumOf(alike, (each) => each.misses)
    const atLimit = sumOf(alike, (each) => each.atLimit)
    const limit = Math.max(...alike.map((each) => each.limit))
    return finding(of, {
      rule: 'resolve-timeout',
      severity: cause === 'cannot-tell' ? 'info' : 'warn',
      cause,
      agents: alike.map(({ one }) => one),
      facts: {
        limit,
        requests: misses,
        atLimit,
        ratio: atLimit / misses,
        found: sumOf(alike, (each) => each.found),
        since: alike.every(({ since }) => since === 'day') ? 'day' : 'start',
      },
      says: `${percent(atLimit / misses)} of ${misses} 404s took about as long as mirrorResolveTimeout (${limit} ms).`,
      next: steps[cause],
    })
  })
}

function timesOf(one: Answering): Times | undefined {
  const { totals, since } = lately(one, 'notFound')
  const limit = one.agent.resolveTimeout ?? usualLimit
  const misses = totals.notFound?.count ?? 0
  const atLimit = totals.notFound === undefined ? 0 : justBehind(totals.notFound, limit / 1000)
  if (misses < fewMisses || atLimit / misses < share) return undefined
  const cause = causeOf(totals, limit / 1000, atLimit / misses)
  const found = totals.resolve?.count ?? 0
  return cause && { one, cause, limit, misses, atLimit, found, since }
}

function causeOf(totals: Totals, limit: number, ratio: number): Cause | undefined {
  const { resolve } = totals
  if (hitsOf(totals) === 0 && (resolve === undefined || resolve.count === 0)) return 'none-found'
  if (resolve !== undefined && surelyAbove(resolve, limit / 2) / resolve.count >= slowLookups)
    return 'slow-lookups'
  const mostlyMisses = hitsOf(totals) < requestsOf(totals) / 2
  return ratio >= nearlyAll && mostlyMisses ? 'cannot-tell' : undefined
}

/** Observations in the bucket that takes what is a little above `value`; 0 where that is above the last bound. */
function justBehind({ bounds, counts }: Histogram, value: number): number {
  const bucket = bounds.findIndex((bound) => bound > value)
  return bucket === -1 ? 0 : (counts[bucket] ?? 0) - (counts[bucket - 1] ?? 0)
}

/** Observations that were surely more than `value`: beyond the first bound that is not below it. */
function surelyAbove({ bounds, counts, count }: Histogram, value: number): number {
  return count - (counts[bounds.findIndex((bound) => bound >= value)] ?? count)
}
