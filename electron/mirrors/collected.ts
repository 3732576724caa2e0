import type { Failure } from '../../shared/model/failure.ts'
import type { AgentIdentity } from '../../shared/model/mirror.ts'
import type { Recorded } from './history/history.ts'
import type { AgentSample } from './metrics/sample.ts'
import type { AgentResult } from './sources/source.ts'

/** What is known of one agent after a round. */
export interface Collected {
  agent: AgentIdentity
  ok: boolean
  failure?: Failure
  /** The last good reading, from an earlier run of the app too, and when it was, ms since 1970. */
  sample?: AgentSample
  sampledAt?: number
  /** The agent's clock minus ours, ms. */
  clockOffset?: number
}

/** What a result makes of what was known of its agent; `last` finds a reading of an earlier run. */
export function collectedOf(
  result: AgentResult,
  before: Collected | undefined,
  last: (agent: string) => Recorded | undefined,
): Collected {
  const { agent } = result
  if (result.ok) {
    const { at, sample, clockOffset } = result
    return { agent, ok: true, sample, sampledAt: at, ...(clockOffset !== undefined ? { clockOffset } : {}) }
  }
  const { failure } = result
  if (before !== undefined) {
    const { sample, sampledAt } = before
    const reading = sample === undefined || sampledAt === undefined ? {} : { sample, sampledAt }
    return { agent, ok: false, failure, ...reading }
  }
  const kept = last(agent.id)
  return { agent, ok: false, failure, ...(kept ? { sample: kept.sample, sampledAt: kept.at } : {}) }
}

export function recordedOf(source: string, result: AgentResult): Recorded[] {
  if (!result.ok) return []
  const { agent, at, sample } = result
  return [{ source, agent: agent.id, at, sample }]
}

/**
 * Agents that claim one id are told apart by their addresses: what they count must not flow together, and neither is
 * more right than the other.
 */
export function apart(results: readonly AgentResult[]): AgentResult[] {
  const claims = new Map<string, number>()
  for (const { agent } of results) claims.set(agent.id, (claims.get(agent.id) ?? 0) + 1)
  return results.map((result) => {
    const { agent } = result
    return claims.get(agent.id) === 1
      ? result
      : { ...result, agent: { ...agent, id: `${agent.id} (${agent.address})` } }
  })
}
