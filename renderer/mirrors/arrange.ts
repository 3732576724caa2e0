import type { Grouping, SortKey } from '../state/mirror-options.ts'
import type { NodeRow } from './node-rows.ts'

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

/** `node-9` before `node-10`. */
export function compareNames(a: string, b: string): number {
  return collator.compare(a, b)
}

/** What a filter leaves of nodes and registries. */
export interface Filtered {
  readonly rows: readonly NodeRow[]
  readonly registries: readonly string[]
}

/**
 * Every word of the filter has to be in a node's name, address, zone, pool or pod. A word that no node has but a
 * registry, narrows the registries instead. `nameOf` says how a registry is shown.
 */
export function filtered(
  rows: readonly NodeRow[],
  registries: readonly string[],
  filter: string,
  nameOf: (registry: string) => string,
): Filtered {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return { rows, registries }
  const texts = rows.map(({ reading, sourceName }) =>
    [reading.name, reading.id, reading.address, reading.zone, reading.pool, reading.pod, sourceName]
      .join('\n')
      .toLowerCase(),
  )
  const forNodes: string[] = []
  const forRegistries: string[] = []
  for (const word of words) {
    const aboutNodes = texts.some((text) => text.includes(word))
    const aboutRegistries = registries.some((registry) => nameOf(registry).toLowerCase().includes(word))
    if (aboutRegistries && !aboutNodes) forRegistries.push(word)
    else forNodes.push(word)
  }
  return {
    rows: rows.filter((_, index) => forNodes.every((word) => texts[index]?.includes(word))),
    registries: registries.filter((registry) =>
      forRegistries.every((word) => nameOf(registry).toLowerCase().includes(word)),
    ),
  }
}

/**
 * A sorted copy, what wants looking at first: the lowest ratio, the most misses, the most requests; names from A to Z.
 * Nodes without requests come after those with, and those without data last.
 */
export function sorted(rows: readonly NodeRow[], by: SortKey): NodeRow[] {
  const byName = (a: NodeRow, b: NodeRow) => compareNames(a.reading.name, b.reading.name)
  const byNumber = (of: (row: NodeRow) => number | undefined) => (a: NodeRow, b: NodeRow) => {
    const left = of(a)
    const right = of(b)
    if (left !== undefined && right !== undefined) return left - right
    return rank(a) - rank(b)
  }
  const compare: Record<SortKey, (a: NodeRow, b: NodeRow) => number> = {
    ratio: byNumber((row) => row.totals?.ratio),
    misses: byNumber((row) => row.totals && -row.totals.misses),
    requests: byNumber((row) => row.totals && -row.totals.requests),
    node: byName,
    zone: (a, b) => compareLabels(a.reading.zone, b.reading.zone),
  }
  return [...rows].sort((a, b) => compare[by](a, b) || byName(a, b))
}

/** The rows in the order others of the same nodes are in, so that none moves while moments pass; new ones at the end. */
export function inOrderOf(rows: readonly NodeRow[], others: readonly NodeRow[]): NodeRow[] {
  const places = new Map(others.map(({ key }, place) => [key, place]))
  const placeOf = ({ key }: NodeRow) => places.get(key) ?? others.length
  return [...rows].sort((a, b) => placeOf(a) - placeOf(b))
}

function rank({ totals }: NodeRow): number {
  return totals === undefined ? 2 : totals.ratio === undefined ? 1 : 0
}

/** From A to Z, those without a label last. */
function compareLabels(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
  return compareNames(a, b)
}

/** The groupings that tell anything apart here; `none` is always there. */
export function usefulGroupings(rows: readonly NodeRow[]): Grouping[] {
  const several = new Set(rows.map(({ reading }) => reading.source)).size > 1
  return [
    'none',
    ...(rows.some(({ reading }) => reading.zone !== undefined) ? (['zone'] as const) : []),
    ...(rows.some(({ reading }) => reading.pool !== undefined) ? (['pool'] as const) : []),
    ...(several ? (['source'] as const) : []),
  ]
}

/** The grouping to use: the chosen one while it is useful, else sources where there are several, else zones. */
export function groupingOf(chosen: Grouping | undefined, useful: readonly Grouping[]): Grouping {
  if (chosen !== undefined && useful.includes(chosen)) return chosen
  return useful.includes('source') ? 'source' : useful.includes('zone') ? 'zone' : 'none'
}

/** Rows that share a label, in the order given. */
export interface NodeGroup {
  readonly label: string | undefined
  readonly rows: readonly NodeRow[]
}

/** Groups from A to Z, rows in the order given; what has no label comes last. */
export function grouped(rows: readonly NodeRow[], by: Grouping): NodeGroup[] {
  if (by === 'none') return [{ label: undefined, rows }]
  const groups = Map.groupBy(rows, (row) => (by === 'source' ? row.sourceName : row.reading[by]))
  return [...groups]
    .sort(([a], [b]) => compareLabels(a, b))
    .map(([label, members]) => ({ label, rows: members }))
}
