import type { Finding } from '../../../shared/model/mirror-finding.ts'

/** Agents named in a report; the rest is told by their number. */
const namedAgents = 50

/**
 * A finding as text for a ticket: the rule, the numbers it rests on and where. English and by id whatever the window's
 * language is, for it goes to people and tools elsewhere.
 */
export function findingReport(finding: Finding, sourceName: string): string {
  const { rule, severity, message, registry, agents, facts, next } = finding
  const named = agents.slice(0, namedAgents).join(', ')
  const rest = agents.length - namedAgents
  return [
    message,
    `rule: ${rule} (${severity})`,
    `cluster: ${sourceName}`,
    ...(agents.length === 0 ? [] : [`agents: ${named}${rest > 0 ? ` and ${rest} more` : ''}`]),
    ...(registry === undefined ? [] : [`registry: ${registry}`]),
    ...Object.entries(facts).map(([name, value]) => `${name}: ${value}`),
    ...(next.length === 0 ? [] : [`next: ${next.join(', ')}`]),
  ].join('\n')
}
