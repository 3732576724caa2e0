import type { MirrorView } from '../../shared/model/mirror.ts'

/** Columns drawn at most. `ns` is the caller's to choose, so one odd client could make thousands. */
export const columnLimit = 24
/** Names remembered at most, for the same reason. */
const knownLimit = 2000

/** Registries that were ever seen on this screen, in the order of the columns, with the most requests seen. */
export type KnownRegistries = ReadonlyMap<string, number>

/**
 * The registries known after another view: those known before keep their place, so that columns stay when the window
 * or the moment changes; new ones follow, the busiest first. The same map where nothing changed.
 */
export function knownAfter(before: KnownRegistries, view: MirrorView): KnownRegistries {
  const totals = new Map<string, number>()
  for (const { counts } of view.agents) {
    for (const { registry, hits, misses } of counts ?? []) {
      totals.set(registry, (totals.get(registry) ?? 0) + hits + misses)
    }
  }
  const busiestFirst = [...totals].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]))
  const after = new Map(before)
  for (const [registry, requests] of busiestFirst) {
    if (after.size >= knownLimit && !after.has(registry)) continue
    after.set(registry, Math.max(after.get(registry) ?? 0, requests))
  }
  const same = after.size === before.size && [...after].every(([name, most]) => before.get(name) === most)
  return same ? before : after
}

/** The columns to draw, and how many registries there is no room for: those with the fewest requests. */
export function columnsOf(known: KnownRegistries): { shown: readonly string[]; hidden: number } {
  const names = [...known.keys()]
  if (names.length <= columnLimit) return { shown: names, hidden: 0 }
  const busiest = new Set(
    [...known]
      .sort((a, b) => b[1] - a[1])
      .slice(0, columnLimit)
      .map(([name]) => name),
  )
  return { shown: names.filter((name) => busiest.has(name)), hidden: names.length - columnLimit }
}
