import { failureError } from '../../../shared/model/local-failure.ts'
import { FailureError } from '../../../shared/model/failure.ts'
import type { ContentTarget, Role } from '../copy/content.ts'
import type { StoredManifest } from '../manifests.ts'
import { type LayoutIndex, nameAnnotations } from './layout-format.ts'

/** A layout that is being written. It is none until `finish` wrote its index.json. */
export interface LayoutTarget extends ContentTarget {
  finish(): Promise<void>
  /** Gives up: what is unfinished is removed. */
  abandon(): Promise<void>
}

/** An entry of index.json. */
export type LayoutEntry = LayoutIndex['manifests'][number]

/**
 * What index.json says of a manifest: the root with its names, `imageName` being the whole reference as containerd
 * and docker read it; a referrer, so that it is found; undefined for part of an index, which names it.
 */
export function entryOf(
  { digest, mediaType, bytes }: StoredManifest,
  { role, reference }: Role,
  imageName: string | undefined,
): LayoutEntry | undefined {
  if (role === 'child') return undefined
  const annotations = {
    ...(reference !== undefined ? { [tagKey]: reference } : {}),
    ...(role === 'root' && imageName !== undefined ? { [imageKey]: imageName } : {}),
  }
  const named = Object.keys(annotations).length > 0
  return { mediaType, digest, size: bytes.length, ...(named ? { annotations } : {}) }
}

/**
 * Entries of before and new ones: a tag moves to what got it last, as it does in a registry, and nothing is listed
 * twice. An image of another repository that loses its tag like this keeps its whole name.
 */
export function mergeEntries(before: readonly LayoutEntry[], added: readonly LayoutEntry[]): LayoutEntry[] {
  const kept = before.flatMap((old) => {
    const taker = added.find((fresh) => tagOf(old) !== undefined && tagOf(fresh) === tagOf(old))
    if (taker !== undefined) return imageOf(old) === imageOf(taker) ? [] : withoutTag(old)
    return tagOf(old) === undefined && added.some(({ digest }) => digest === old.digest) ? [] : [old]
  })
  const fresh = added.filter(
    (entry) => tagOf(entry) !== undefined || !kept.some(({ digest }) => digest === entry.digest),
  )
  return [...kept, ...fresh]
}

const [tagKey, imageKey] = nameAnnotations

/** The tag an entry has in its layout. */
export function tagOf({ annotations }: LayoutEntry): string | undefined {
  return annotations?.[tagKey]
}

function imageOf({ annotations }: LayoutEntry): string | undefined {
  return annotations?.[imageKey]
}

function withoutTag(entry: LayoutEntry): LayoutEntry[] {
  if (imageOf(entry) === undefined) return []
  const annotations = Object.entries(entry.annotations ?? {}).filter(([key]) => key !== tagKey)
  return [{ ...entry, annotations: Object.fromEntries(annotations) }]
}

/** What the disk says when something is written, as a Failure. */
export function unwritable(error: unknown, name: string): unknown {
  if (error instanceof FailureError) return error
  const { code } = error as NodeJS.ErrnoException
  if (code === undefined || code === 'ABORT_ERR') return error
  return failureError('internal', 'input', `${name} cannot be written (${code}).`, {
    evidence: [{ fact: 'error-code', value: code }],
    next: ['choose-another-file'],
  })
}
