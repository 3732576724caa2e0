import type { Finding, FindingCause } from '../../../shared/model/mirror-finding.ts'
import type { AgentCase, SourceCase } from './case.ts'
import { type Answering, answering, requestsOf } from './counts.ts'
import { finding } from './finding.ts'

/**
 * Two agents of one source that claim one node: pods with the same node address, or the same name. Only one can hold
 * the port containerd asks at; the other's counts are of no use. And one agent listed twice, by its name and by its
 * address: same start to the hundredth of a second, same counts, which are then on the map twice. (Agents without
 * counts are not compared: a rollout starts many within a second.) Source: issue 5.
 */
export function twoAgentsOneNode(of: SourceCase): Finding[] {
  const claims = crowded(of.agents, nodeOf)
  const twins = crowded(answering(of), processOf)
  return [...agentsOf(of, 'one-node', claims), ...agentsOf(of, 'listed-twice', twins)]
}

function agentsOf(
  of: SourceCase,
  cause: FindingCause<'two-agents-one-node'>,
  agents: readonly AgentCase[],
): Finding[] {
  if (agents.length === 0) return []
  return [
    finding(of, {
      rule: 'two-agents-one-node',
      severity: 'warn',
      cause,
      agents,
      says:
        cause === 'one-node'
          ? 'several agents claim one node, and containerd can ask only one of them.'
          : 'the same agent is listed more than once, so its requests are counted more than once.',
      next: cause === 'one-node' ? ['check-agent-running', 'restart-agent'] : ['check-addresses'],
    }),
  ]
}

/** Those that share their key with another. */
function crowded<T>(agents: readonly T[], keyOf: (one: T) => string | undefined): T[] {
  const keyed = agents.filter((one) => keyOf(one) !== undefined)
  return [...Map.groupBy(keyed, keyOf).values()].filter(({ length }) => length > 1).flat()
}

/** Forwarded ports share an address without sharing a node, so an address counts only where a pod is known. */
function nodeOf({ agent }: AgentCase): string {
  return agent.pod !== undefined && agent.mirrorUrl !== undefined ? agent.mirrorUrl : agent.name
}

function processOf({ sample }: Answering): string | undefined {
  if (sample.startedAt === undefined || requestsOf(sample) === 0) return undefined
  return JSON.stringify([sample.startedAt, sample.lastSuccessAt, sample.counts])
}
