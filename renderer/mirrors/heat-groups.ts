import type { Finding, FindingRule } from '../../shared/model/mirror-finding.ts'
import type { HeatCell, HeatGroup, HeatMark } from '../parts/heat-map/model.ts'
import type { NodeGroup } from './arrange.ts'
import type { NodeRow } from './node-rows.ts'

const nothingAsked: HeatCell = { part: 0, whole: 0 }

/** Nodes as the heat map takes them: hits of requests by registry, and the finding in two words. */
export function heatGroupsOf(
  groups: readonly NodeGroup[],
  registries: readonly string[],
  words: {
    groupTitle: (group: NodeGroup) => string | undefined
    markWords: (rule: FindingRule) => string
  },
): HeatGroup[] {
  // thousands of rows share a few findings, and a translation takes its time
  const marks = new Map<Finding, HeatMark>()
  const markOf = ({ finding }: NodeRow): HeatMark | undefined => {
    if (finding === undefined) return undefined
    const mark = marks.get(finding) ?? { tone: finding.severity, words: words.markWords(finding.rule) }
    marks.set(finding, mark)
    return mark
  }
  const shared = sharedEnd(groups.flatMap(({ rows }) => rows.map(({ reading }) => reading.name)))
  return groups.map((group) => ({
    id: group.label ?? '',
    title: words.groupTitle(group),
    rows: group.rows.map((row) => ({
      id: row.key,
      title: row.reading.name.slice(0, row.reading.name.length - shared),
      cells: registries.map((registry) => cellOf(row, registry)),
      mark: markOf(row),
    })),
  }))
}

/** Registries without requests are left out of a reading that was measured: that is zero, not unknown. */
function cellOf({ counts }: NodeRow, registry: string): HeatCell | undefined {
  if (counts === undefined) return undefined
  const count = counts.get(registry)
  return count === undefined ? nothingAsked : { part: count.hits, whole: count.hits + count.misses }
}

/** What is about a registry on all nodes stands at its column. */
export function columnMark(
  findings: readonly Finding[],
  registry: string,
  words: (rule: FindingRule) => string,
): HeatMark | undefined {
  const found = findings.find((one) => one.rule === 'registry-misses' && one.registry === registry)
  return found && { tone: found.severity, words: words(found.rule) }
}

/** Letters that all names have at their end and that tell nothing apart: a domain, a port. */
export function sharedEnd(names: readonly string[]): number {
  const [first = ''] = names
  if (names.length < 2) return 0
  let length = first.length
  for (const name of names) {
    let same = 0
    while (same < length && name.at(-1 - same) === first.at(-1 - same)) same += 1
    length = same
  }
  // whole labels only, and none of an IP address
  const end = /(?:\.[a-z][^:]*)?(?::\d+)?$/i.exec(first.slice(first.length - length))?.[0] ?? ''
  return end.length < Math.min(...names.map((name) => name.length)) ? end.length : 0
}
