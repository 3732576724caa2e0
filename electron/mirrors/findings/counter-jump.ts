import type { Finding } from '../../../shared/model/mirror-finding.ts'
import type { Totals } from '../metrics/sample.ts'
import type { SourceCase } from './case.ts'
import { type Answering, answering, requestsOf, secondsUp } from './counts.ts'
import { finding } from './finding.ts'

/** Requests a second. A node that pulls all day makes some ten; an agent with 128 MiB does not get near this. */
const fastest = 10_000

/** Requests in a window of at most 40 days: still three hundred a second, day and night. */
const most = 1e9

/**
 * Counters that grew faster than a mirror can answer: more than 10,000 requests a second, or a thousand million in a
 * window. The text is broken, or something else than Spegel writes it; nothing that is counted from it holds, so no
 * rule about counts looks at these agents. Source: issue 5, "Bad input".
 */
export function counterJump(of: SourceCase): Finding[] {
  const jumping = answering(of)
    .map((one) => ({ one, ...highest(one, of) }))
    .filter(({ rate, grown }) => rate > fastest || grown > most)
  if (jumping.length === 0) return []
  const requests = Math.max(...jumping.map(({ grown }) => grown))
  return [
    finding(of, {
      rule: 'counter-jump',
      severity: 'warn',
      agents: jumping.map(({ one }) => one),
      facts: { requests, rate: Math.round(Math.max(...jumping.map(({ rate }) => rate))) },
      says: `the counters grew by ${requests} requests, faster than any mirror answers.`,
      next: ['check-addresses', 'restart-agent', 'read-agent-log'],
    }),
  ]
}

/** The fastest growth that is known of an agent. */
function highest(one: Answering, of: SourceCase): { rate: number; grown: number } {
  const { sample, growth, day } = one
  const stretches: [totals: Totals, seconds: number][] = [[sample, secondsUp(one, of)]]
  if (growth !== undefined) stretches.push([growth, growth.covered])
  if (day !== undefined) stretches.push([day, day.covered])
  const rates = stretches.map(([totals, seconds]) =>
    seconds > 0 ? requestsOf(totals) / Math.max(1, seconds) : 0,
  )
  const grown = Math.max(...stretches.slice(1).map(([totals]) => requestsOf(totals)), 0)
  return { rate: Math.max(...rates), grown }
}
