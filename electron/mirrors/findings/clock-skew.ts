import type { Finding } from '../../../shared/model/mirror-finding.ts'
import type { SourceCase } from './case.ts'
import { type Answering, answering, medianOf } from './counts.ts'
import { finding } from './finding.ts'

/** The Date header resolves seconds, and an answer may take some: below this a difference may be none, ms. */
const apart = 5000

/** From here on certificates, tokens and logs suffer as well, ms. */
const farApart = 60_000

/**
 * Nodes whose clock is more than 5 s from the others': by the Date header of their answers against the median of the
 * source, so that our own clock does not matter, or, where there is no header, by a start or a last success that lies
 * ahead of the moment it was read at. Where most of them are equally far from this computer it is this one, which
 * informs. Warns from a minute on. Source: issue 5.
 */
export function clockSkew(of: SourceCase): Finding[] {
  const agents = answering(of)
  const usual = medianOf(agents.flatMap(({ clockOffset }) => clockOffset ?? []))
  const clocks = agents.map((one) => ({ one, by: aheadBy(one, of, usual) }))
  return [...nodesApart(of, skewedOf(clocks)), ...oursApart(of, agents, usual)]
}

interface ClockOf {
  one: Answering
  /** ms ahead of the others; negative where it is behind. */
  by: number
}

/** Those far from the middle; where the middle lies between two camps, both. */
function skewedOf(clocks: readonly ClockOf[]): ClockOf[] {
  const skewed = clocks.filter(({ by }) => Math.abs(by) > apart)
  const all = clocks.map(({ by }) => by)
  if (skewed.length > 0 || Math.max(...all) - Math.min(...all) <= apart) return skewed
  return clocks.filter(({ by }) => Math.abs(by) > apart / 2)
}

function aheadBy({ sample, sampledAt, clockOffset }: Answering, of: SourceCase, usual: number): number {
  if (clockOffset !== undefined) return clockOffset - usual
  const latest = Math.max(sample.startedAt ?? 0, sample.lastSuccessAt ?? 0)
  return Math.max(0, latest - (sampledAt ?? of.at))
}

function nodesApart(of: SourceCase, skewed: readonly ClockOf[]): Finding[] {
  if (skewed.length === 0) return []
  const most = Math.max(...skewed.map(({ by }) => Math.abs(by)))
  const seconds = Math.round(most / 1000)
  return [
    finding(of, {
      rule: 'clock-skew',
      severity: most >= farApart ? 'warn' : 'info',
      cause: 'nodes',
      agents: skewed.map(({ one }) => one),
      facts: { seconds },
      says: `the clock is up to ${seconds} s from that of the others.`,
      next: ['sync-clocks'],
    }),
  ]
}

function oursApart(of: SourceCase, agents: readonly Answering[], usual: number): Finding[] {
  const timed = agents.filter(({ clockOffset }) => clockOffset !== undefined)
  if (Math.abs(usual) <= apart || timed.length < 2) return []
  const seconds = Math.round(Math.abs(usual) / 1000)
  return [
    finding(of, {
      rule: 'clock-skew',
      severity: 'info',
      cause: 'ours',
      agents: [],
      facts: { seconds },
      says: `the clocks of the agents are ${seconds} s from that of this computer.`,
      next: ['sync-clocks'],
    }),
  ]
}
