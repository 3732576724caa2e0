import type { Finding } from '../../shared/model/mirror-finding.ts'
import { type AgentReading, type HitCount, hitRatio, type MirrorView } from '../../shared/model/mirror.ts'
import type { AgentKey } from '../state/mirror-options.ts'

/** Sums over the registries of a node in the window of a view. */
export interface NodeTotals {
  readonly hits: number
  readonly misses: number
  readonly requests: number
  readonly ratio: number | undefined
}

/** A node of the map, whatever order and company it is shown in. */
export interface NodeRow {
  /** Unique over all sources. */
  readonly key: string
  readonly reading: AgentReading
  /** Name of the source it comes from. */
  readonly sourceName: string
  readonly counts: ReadonlyMap<string, HitCount> | undefined
  /** Undefined where nothing was measured, which is not zero. */
  readonly totals: NodeTotals | undefined
  /** The most serious that is about this node, not about a registry on all nodes. */
  readonly finding: Finding | undefined
}

/** Ids of sources have no spaces; those of agents may have anything. */
export function keyOf({ source, id }: AgentKey): string {
  return `${source} ${id}`
}

/** The nodes of a view with what the map, the table and the export need of them, in the order of the view. */
export function nodeRowsOf(view: MirrorView): NodeRow[] {
  const findings = new Map<string, Finding>()
  for (const finding of view.findings) {
    if (finding.rule === 'registry-misses') continue
    for (const id of finding.agents) {
      const key = keyOf({ source: finding.source, id })
      // the most serious come first
      if (!findings.has(key)) findings.set(key, finding)
    }
  }
  const names = new Map(view.sources.map(({ id, name }) => [id, name]))
  return view.agents.map((reading) => {
    const key = keyOf(reading)
    return {
      key,
      reading,
      sourceName: names.get(reading.source) ?? reading.source,
      counts: reading.counts && new Map(reading.counts.map((count) => [count.registry, count])),
      totals: reading.counts && totalsOf(reading.counts),
      finding: findings.get(key),
    }
  })
}

export function totalsOf(counts: readonly { hits: number; misses: number }[]): NodeTotals {
  let hits = 0
  let misses = 0
  for (const count of counts) {
    hits += count.hits
    misses += count.misses
  }
  return { hits, misses, requests: hits + misses, ratio: hitRatio({ hits, misses }) }
}
