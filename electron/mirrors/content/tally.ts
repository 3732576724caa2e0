import type { ContentItem, ContentNode, Holding } from '../../../shared/model/content-map.ts'

/** Digests that no node has, of those that say what they hold. */
export function upstreamOnly(
  items: readonly ContentItem[],
  nodes: readonly { holds: readonly Holding[] }[],
): string[] {
  return items
    .filter((_, index) => !nodes.some(({ holds }) => holds[index] === 'has'))
    .map(({ digest }) => digest)
}

/**
 * What a pull of the items would move on each node, in bytes: what it has itself, what another node has, what is left
 * for the upstream. A peer that has it need not be found: content that was not advertised is not, so this is the best
 * case. Undefined for a node that did not say of every item.
 */
export function bytesOf(
  items: readonly ContentItem[],
  nodes: readonly { holds: readonly Holding[] }[],
): ContentNode['bytes'][] {
  const held = items.map((_, index) => nodes.filter(({ holds }) => holds[index] === 'has').length)
  return nodes.map(({ holds }) => {
    if (items.some((_, index) => holds[index] !== 'has' && holds[index] !== 'lacks')) return undefined
    const bytes = { local: 0, peers: 0, upstream: 0 }
    for (const [index, item] of items.entries()) {
      const from = holds[index] === 'has' ? 'local' : (held[index] ?? 0) > 0 ? 'peers' : 'upstream'
      bytes[from] += item.bytes ?? 0
    }
    return bytes
  })
}

/** Whether a tag means different things: to the nodes that know it, and to the upstream where it answered. */
export function tagsDiffer(digests: readonly (string | undefined)[]): boolean {
  return new Set(digests.filter((digest) => digest !== undefined)).size > 1
}

/** What most nodes mean by a tag; among equals the first. */
export function mostNamed(digests: readonly (string | undefined)[]): string | undefined {
  const votes = new Map<string, number>()
  for (const digest of digests) if (digest !== undefined) votes.set(digest, (votes.get(digest) ?? 0) + 1)
  return [...votes].toSorted((a, b) => b[1] - a[1])[0]?.[0]
}
