import type { FailureKind } from '../../../shared/model/failure.ts'
import type { Finding, FindingCause, FindingStep } from '../../../shared/model/mirror-finding.ts'
import type { AgentCase, SourceCase } from './case.ts'
import { finding } from './finding.ts'

/** One round that fails is an agent that is being replaced; after two minutes nobody replaces it. */
const goneFor = 120_000

type Cause = FindingCause<'no-answer'>

const causes: Partial<Record<FailureKind, Cause>> = {
  refused: 'refused',
  timeout: 'silent',
  unreachable: 'silent',
  'connection-lost': 'silent',
  dns: 'name',
  unauthorized: 'access',
  denied: 'access',
  'tls-untrusted': 'access',
  'tls-on-plain': 'access',
  'plain-on-tls': 'access',
  'server-fault': 'fault',
  'gateway-fault': 'fault',
  'rate-limited': 'fault',
  'not-running': 'not-running',
  'not-scraped': 'not-scraped',
}

const steps: Record<Cause, FindingStep[]> = {
  refused: ['check-agent-running', 'check-addresses'],
  silent: ['check-network-to-agent', 'check-agent-running'],
  name: ['check-addresses'],
  access: ['check-access', 'check-addresses'],
  fault: ['check-agent-running', 'read-agent-log'],
  'not-running': ['check-agent-running', 'read-agent-log'],
  'not-scraped': ['check-agent-running', 'check-network-to-agent'],
  'not-metrics': ['check-addresses', 'read-agent-log'],
}

/**
 * Agents that could not be read in the last round, one finding for each way in which they fail. Whatever their last
 * reading said is old: no other rule looks at them. Bad once one of them is gone for two minutes or was never read.
 */
export function noAnswer(of: SourceCase): Finding[] {
  const silent = of.agents.filter(({ ok }) => !ok)
  const groups = Map.groupBy(silent, causeOf)
  return [...groups].map(([cause, agents]) => {
    const longest = Math.max(...agents.map((one) => goneSince(one, of)))
    const kind = agents[0]?.failure?.kind ?? 'internal'
    return finding(of, {
      rule: 'no-answer',
      severity: longest >= goneFor ? 'bad' : 'warn',
      cause,
      agents,
      facts: { kind, total: of.agents.length },
      says: `cannot be read (${kind}); their counts are unknown, not zero.`,
      next: steps[cause],
    })
  })
}

function causeOf({ failure }: AgentCase): Cause {
  return (failure && causes[failure.kind]) ?? 'not-metrics'
}

function goneSince({ sampledAt }: AgentCase, of: SourceCase): number {
  return sampledAt === undefined ? Infinity : of.at - sampledAt
}
