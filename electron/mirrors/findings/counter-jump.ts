import type { Finding } from '../../../shared/model/mirror-finding.ts'
import type { SourceCase } from './case.ts'
import { type Answering, answering, requestsOf, secondsUp } from './counts.ts'
import { finding } from './finding.ts'

/** Requests a second. A node that pulls all day makes some ten; an agent with 128 MiB does not get near this. */
const fastest = 10_000

/** Requests in a window of at most 40 days: three hundred a second, day and night. */
const most = 1e9

/**
 * Counters that grew faster than a mirror can answer: more than 10,000 requests a second, or a thousand million in a
 * window. The text is broken, or something else than Spegel writes it; nothing that is counted from it holds, so no
 * rule about counts looks at these agents. Source: issue 5, "Bad input".
 */
export function counterJump(of: SourceCase): Finding[] {
  const jumping = answering(of).flatMap((one) => {
    const jumps = stretchesOf(one, of).filter(isImpossible)
    return jumps.length === 0 ? [] : [{ one, jumps }]
  })
  if (jumping.length === 0) return []
  const jumps = jumping.flatMap((each) => each.jumps)
  const requests = Math.max(...jumps.map((each) => each.requests))
  const rate = Math.round(Math.max(...jumps.map(rateOf)))
  return [
    finding(of, {
      rule: 'counter-jump',
      severity: 'warn',
      agents: jumping.map(({ one }) => one),
      facts: { requests, rate },
      says: `up to ${requests} requests, ${rate} a second: faster than any mirror answers.`,
      next: ['check-addresses', 'restart-agent', 'read-agent-log'],
    }),
  ]
}

interface Stretch {
  requests: number
  /** At least one: a counter is read with the second its process began in. */
  seconds: number
  limit: number
}

/** Since the start, where that is known, over the window and over the day. */
function stretchesOf(one: Answering, of: SourceCase): Stretch[] {
  const up = secondsUp(one, of)
  const since = { requests: requestsOf(one.sample), seconds: Math.max(1, up), limit: Infinity }
  const grown = [one.growth, one.day].flatMap((each) =>
    each === undefined
      ? []
      : [{ requests: requestsOf(each), seconds: Math.max(1, each.covered), limit: most }],
  )
  return up === 0 ? grown : [since, ...grown]
}

function rateOf({ requests, seconds }: Stretch): number {
  return requests / seconds
}

function isImpossible(stretch: Stretch): boolean {
  return rateOf(stretch) > fastest || stretch.requests > stretch.limit
}
