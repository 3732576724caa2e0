import type { Finding, FindingCause, FindingRule, FindingStep } from '../../../shared/model/mirror-finding.ts'
import type { AgentCase, SourceCase } from './case.ts'

/** Agents a finding lists at most; `facts.count` has all of them. */
const mostAgents = 2000

const inOrder = new Intl.Collator('en', { numeric: true })

/** What a rule found, before it has its id. */
export interface Draft<Rule extends FindingRule> {
  rule: Rule
  severity: Finding['severity']
  agents: readonly AgentCase[]
  /** A finding of its own each. */
  cause?: FindingCause<Rule>
  registry?: string
  facts?: Record<string, number | string>
  /** What the command line says behind the names of the agents. */
  says: string
  next: FindingStep[]
}

/** The finding of a draft: its id is made of what it is about and not of the numbers, so it stays the same. */
export function finding<Rule extends FindingRule>(of: SourceCase, draft: Draft<Rule>): Finding {
  const { rule, severity, cause, next } = draft
  const agents = draft.agents.toSorted((one, other) => inOrder.compare(one.agent.name, other.agent.name))
  const registry = draft.registry === undefined ? undefined : clipped(draft.registry)
  const facts = {
    ...draft.facts,
    count: agents.length,
    agent: agents[0]?.agent.name ?? '',
    ...(registry !== undefined && { registry }),
    ...(cause !== undefined && { cause }),
  }
  return {
    id: [of.source, rule, cause, registry].filter((part) => part !== undefined).join('/'),
    rule,
    severity,
    source: of.source,
    agents: agents.slice(0, mostAgents).map(({ agent }) => agent.id),
    ...(registry !== undefined && { registry }),
    facts: Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, plain(value)])),
    message: `${whoIs(agents)}: ${draft.says}`,
    next,
  }
}

function whoIs([first, ...others]: readonly AgentCase[]): string {
  if (first === undefined) return 'The whole source'
  const name = clipped(first.agent.name)
  return others.length === 0 ? name : `${name} and ${others.length} more`
}

/** Names come from outside, and numbers of a broken agent may be none. */
function plain(value: number | string): number | string {
  if (typeof value === 'string') return clipped(value)
  return Number.isFinite(value) ? value : 0
}

export function clipped(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 199)}…`
}
