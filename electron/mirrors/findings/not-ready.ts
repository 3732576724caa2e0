import type { Finding, FindingCause, FindingStep } from '../../../shared/model/mirror-finding.ts'
import type { SourceCase } from './case.ts'
import { type Answering, answering, inWindow, percent, secondsUp, sumOf } from './counts.ts'
import { finding } from './finding.ts'

/** Probes: kubelet asks every 10 s, and an agent is not ready for its first seconds. */
const fewProbes = 3

/** Part of the probes that may fail before it is more than a start. */
const tolerated = 0.1

/** Seconds after which an agent without any connection is no longer starting. */
const startsWithin = 300

type Cause = FindingCause<'not-ready'>

const steps: Record<Cause, FindingStep[]> = {
  alone: ['check-bootstrap'],
  everybody: ['check-bootstrap', 'check-peer-network', 'read-agent-log'],
  some: ['check-peer-network', 'check-bootstrap', 'read-agent-log'],
  'no-peers': ['check-peer-network', 'check-bootstrap', 'read-agent-log'],
}

/**
 * Agents whose /readyz (/healthz before 0.4) answered 500 in the window shown: their routing table is empty, they know
 * no peer, so every request misses. From 3 probes and a tenth of them on; bad where none was answered with 200. Where
 * nobody probes, or it was ready for long before, an agent of several says the same that has no libp2p connection at
 * present and began five minutes ago or more. A cluster of one node is never ready, which is no fault: it informs.
 * Source: notes/spegel.md 1.5 (Ready, pkg/routing).
 */
export function notReady(of: SourceCase): Finding[] {
  const agents = answering(of)
  const probed = agents.map((one) => ({ one, ...probesOf(one, of) }))
  const failing = probed.filter(
    ({ ready, unready }) => unready >= fewProbes && unready / (ready + unready) >= tolerated,
  )
  const others = probed.filter((each) => !failing.includes(each)).map(({ one }) => one)
  return [...probesFail(of, failing), ...withoutPeers(of, others)]
}

function probesOf(one: Answering, of: SourceCase): { ready: number; unready: number; since: string } {
  const { totals, since } = inWindow(one, of, 'readiness')
  const { ready = 0, notReady: unready = 0 } = totals.readiness ?? {}
  return { ready, unready, since }
}

function probesFail(
  of: SourceCase,
  failing: readonly { one: Answering; ready: number; unready: number; since: string }[],
): Finding[] {
  if (failing.length === 0) return []
  const unready = sumOf(failing, (each) => each.unready)
  const probes = unready + sumOf(failing, ({ ready }) => ready)
  const cause = of.agents.length === 1 ? 'alone' : failing.length === of.agents.length ? 'everybody' : 'some'
  const never = failing.some(({ ready }) => ready === 0)
  return [
    finding(of, {
      rule: 'not-ready',
      severity: cause === 'alone' ? 'info' : never ? 'bad' : 'warn',
      cause,
      agents: failing.map(({ one }) => one),
      facts: {
        requests: unready,
        probes,
        ratio: unready / probes,
        since: failing.every(({ since }) => since === 'window') ? 'window' : 'start',
      },
      says: `${unready} of ${probes} readiness probes failed (${percent(unready / probes)}).`,
      next: steps[cause],
    }),
  ]
}

function withoutPeers(of: SourceCase, others: readonly Answering[]): Finding[] {
  const agents = others.filter((one) => one.sample.peers === 0 && secondsUp(one, of) >= startsWithin)
  if (agents.length === 0 || of.agents.length === 1) return []
  return [
    finding(of, {
      rule: 'not-ready',
      severity: 'warn',
      cause: 'no-peers',
      agents,
      facts: { peers: 0 },
      says: 'connected to no peer, so every request misses.',
      next: steps['no-peers'],
    }),
  ]
}
