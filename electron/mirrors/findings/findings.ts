import type { Finding, FindingRule } from '../../../shared/model/mirror-finding.ts'
import { advertisedNotHeld } from './advertised-not-held.ts'
import type { Rule, SourceCase } from './case.ts'
import { clockSkew } from './clock-skew.ts'
import { counterJump } from './counter-jump.ts'
import { neverAsks } from './never-asks.ts'
import { neverHits } from './never-hits.ts'
import { noAnswer } from './no-answer.ts'
import { notReady } from './not-ready.ts'
import { nothingAdvertised } from './nothing-advertised.ts'
import { registryMisses } from './registry-misses.ts'
import { registryNotAsked } from './registry-not-asked.ts'
import { resolveTimeout } from './resolve-timeout.ts'
import { restarts } from './restarts.ts'
import { serverFaults } from './server-faults.ts'
import { twoAgentsOneNode } from './two-agents-one-node.ts'

interface Entry {
  rule: Rule
  /**
   * Rules whose findings explain what this one would say: it does not look at their agents. They stand further up.
   * Agents that do not answer are left out by every rule itself.
   */
  explainedBy: readonly FindingRule[]
}

/** Causes before what follows from them. */
const entries: readonly Entry[] = [
  { rule: noAnswer, explainedBy: [] },
  { rule: twoAgentsOneNode, explainedBy: [] },
  { rule: clockSkew, explainedBy: [] },
  { rule: counterJump, explainedBy: [] },
  { rule: restarts, explainedBy: ['counter-jump'] },
  { rule: notReady, explainedBy: [] },
  { rule: neverAsks, explainedBy: [] },
  { rule: registryNotAsked, explainedBy: ['counter-jump'] },
  { rule: serverFaults, explainedBy: ['counter-jump'] },
  { rule: nothingAdvertised, explainedBy: [] },
  { rule: advertisedNotHeld, explainedBy: ['counter-jump', 'not-ready'] },
  { rule: resolveTimeout, explainedBy: ['counter-jump', 'not-ready', 'advertised-not-held'] },
  {
    rule: neverHits,
    explainedBy: ['counter-jump', 'not-ready', 'advertised-not-held', 'resolve-timeout'],
  },
  {
    rule: registryMisses,
    explainedBy: ['counter-jump', 'not-ready', 'advertised-not-held', 'resolve-timeout'],
  },
]

const severities: readonly Finding['severity'][] = ['bad', 'warn', 'info']

/**
 * What stands out in a source: the most serious first, then what concerns more agents, then more requests. Agents with
 * the same cause are one finding; what another finding explains is left out. Ids stay the same as long as the rule
 * and its cause do.
 */
export function findingsOf(of: SourceCase): Finding[] {
  const findings: Finding[] = []
  for (const { rule, explainedBy } of entries) {
    const explained = new Set(
      findings.filter((one) => explainedBy.includes(one.rule)).flatMap(({ agents }) => agents),
    )
    findings.push(...rule({ ...of, agents: of.agents.filter(({ agent }) => !explained.has(agent.id)) }))
  }
  return findings.toSorted(bySeverity)
}

function bySeverity(one: Finding, other: Finding): number {
  return (
    severities.indexOf(one.severity) - severities.indexOf(other.severity) ||
    factOf(other, 'count') - factOf(one, 'count') ||
    factOf(other, 'requests') - factOf(one, 'requests')
  )
}

function factOf({ facts }: Finding, name: string): number {
  const fact = facts[name]
  return typeof fact === 'number' ? fact : 0
}
