import type { Finding } from '../../../shared/model/mirror-finding.ts'
import type { MirrorChoices } from '../../state/mirror-options.ts'
import type { NodeRow } from '../node-rows.ts'

/**
 * What opening a finding does: one node is opened, several are shown alone, and again all where they were; a registry
 * narrows the columns.
 */
export function openedFinding(
  { id, source, agents, registry }: Finding,
  current: string | undefined,
): Partial<MirrorChoices> {
  const aboutColumn = registry !== undefined && registry !== ''
  if (current === id) return { finding: undefined, ...(aboutColumn ? { filter: '' } : {}) }
  const filter = aboutColumn ? { filter: registry } : {}
  const [only] = agents
  return only !== undefined && agents.length === 1
    ? { ...filter, finding: undefined, selected: { source, id: only } }
    : { ...filter, finding: id }
}

/** The rows a finding is about, in their order; all of them where it is about the whole source. */
export function rowsOf(rows: readonly NodeRow[], finding: Finding | undefined): readonly NodeRow[] {
  if (finding === undefined) return rows
  const agents = new Set(finding.agents)
  return rows.filter(
    ({ reading }) => reading.source === finding.source && (agents.size === 0 || agents.has(reading.id)),
  )
}
