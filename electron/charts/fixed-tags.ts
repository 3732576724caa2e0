import type { Failure } from '../../shared/model/failure.ts'

/** Tags that are kept at most; the oldest goes first. */
const mostTags = 1000

interface TagPlace {
  /** The registry's address. */
  url: string
  repository: string
  tag: string
}

/**
 * Tags whose registry said that they may not be moved. No registry tells it before it is asked to (ECR, Harbor and
 * Quay refuse the PUT of the manifest: notes 2.4), so what one said once is what there is to know.
 */
export interface FixedTags {
  refused(place: TagPlace, failure: Failure): void
  /** What the registry said when the tag was to be moved; undefined where it was not asked or did not refuse. */
  refusalOf(place: TagPlace): Failure | undefined
  /** The tag was written: it may be moved. */
  written(place: TagPlace): void
}

/** Remembers for as long as the app runs: rules on tags change. */
export function createFixedTags(): FixedTags {
  const refusals = new Map<string, Failure>()
  const keyOf = ({ url, repository, tag }: TagPlace) => `${new URL(url).origin}/${repository}:${tag}`
  return {
    refused: (place, failure) => {
      refusals.delete(keyOf(place))
      refusals.set(keyOf(place), failure)
      const [oldest] = refusals.keys()
      if (refusals.size > mostTags && oldest !== undefined) refusals.delete(oldest)
    },
    refusalOf: (place) => refusals.get(keyOf(place)),
    written: (place) => void refusals.delete(keyOf(place)),
  }
}
