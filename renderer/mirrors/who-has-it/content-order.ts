import type { ContentMap, ContentNode } from '../../../shared/model/content-map.ts'

/** By what the matrix is sorted: the name, or one of the three parts of a pull's bytes. */
export type ContentColumn = 'node' | 'local' | 'peers' | 'upstream'

export interface ContentOrder {
  readonly column: ContentColumn
  readonly descending: boolean
}

/** Sorted copy; nodes that did not say stay at the end in both directions. */
export function sortNodes(nodes: readonly ContentNode[], order: ContentOrder): ContentNode[] {
  const sign = order.descending ? -1 : 1
  const byName = (a: ContentNode, b: ContentNode) => a.name.localeCompare(b.name, 'en', { numeric: true })
  return [...nodes].sort((a, b) => {
    if (order.column === 'node') return sign * byName(a, b)
    const [left, right] = [a.bytes?.[order.column], b.bytes?.[order.column]]
    if (left === undefined || right === undefined) {
      return left === right ? byName(a, b) : left === undefined ? 1 : -1
    }
    return sign * (left - right) || byName(a, b)
  })
}

/** How many nodes have all of it, some, nothing, and how many did not say. */
export function countNodes({ items, nodes }: Pick<ContentMap, 'items' | 'nodes'>): {
  all: number
  some: number
  none: number
  silent: number
} {
  const counts = { all: 0, some: 0, none: 0, silent: 0 }
  for (const { holds, bytes } of nodes) {
    const has = holds.filter((holding) => holding === 'has').length
    counts[bytes === undefined ? 'silent' : has === items.length ? 'all' : has === 0 ? 'none' : 'some'] += 1
  }
  return counts
}
