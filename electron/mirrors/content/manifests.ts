import { type Failure, FailureError } from '../../../shared/model/failure.ts'
import { failureError } from '../../../shared/model/local-failure.ts'
import type { ContentItem } from '../../../shared/model/content-map.ts'
import { printReference, type Reference } from '../../../shared/model/reference.ts'
import { digestOf } from '../../oci/digest.ts'
import { type ImageContent, manifestFor, platformsOf, readContent } from '../../oci/image.ts'
import { getManifest } from '../../oci/manifests.ts'
import type { RepositoryPlace } from '../../oci/place.ts'
import { type Mirror, readManifest } from './ask-mirror.ts'
import { imageItems, indexItem, maxItems } from './items.ts'

/** Nodes that are asked for one manifest at most; whoever says to have it should. */
const maxReaders = 8

/** The image's own registry, and what it said of the reference. */
export interface Upstream {
  place: RepositoryPlace
  /** Of the manifest the reference leads to. */
  bytes?: Uint8Array
  digest?: string
  failure?: Failure
}

/** A node that may hold manifests. */
export interface Reader {
  name: string
  mirror: Mirror
}

/** What an image is made of, and who told. */
export interface Dissected {
  digest: string
  /** A node's name, or the upstream's host. */
  from: string
  items: ContentItem[]
  platform?: string
  platforms: string[]
}

/** Asks the upstream what the reference leads to; whatever goes wrong is in the answer, unless `signal` cancels. */
export async function askUpstream(
  place: RepositoryPlace,
  reference: Reference,
  signal: AbortSignal,
): Promise<Upstream> {
  try {
    const asked = reference.digest ?? reference.tag ?? 'latest'
    const { bytes, digest } = await getManifest({ ...place, signal, reference: asked, phase: 'pull' })
    return { place, bytes, digest }
  } catch (error) {
    if (!(error instanceof FailureError) || signal.aborted) throw error
    return { place, failure: error.failure }
  }
}

/**
 * Reads what `digest` is made of, for one platform where it is an index (`wanted`, else linux/amd64, else the first).
 * Each manifest comes from the first node that has it, else from the upstream. Throws a FailureError where nobody has a
 * manifest, or where it is none.
 */
export async function dissect(
  reference: Reference,
  digest: string,
  wanted: string | undefined,
  { readers, upstream }: { readers: readonly Reader[]; upstream: Upstream },
  signal: AbortSignal,
): Promise<Dissected> {
  const read = (each: string) => readAnywhere(reference, each, { readers, upstream }, signal)
  const top = await read(digest)
  if (top.content.type === 'manifest') {
    const items = imageItems(top.content.manifest, { digest, bytes: top.size })
    return { digest, from: top.from, items: limited(items), platforms: [] }
  }
  const { index } = top.content
  const platforms = [...new Set(platformsOf(index))]
  const platform =
    wanted ?? (platforms.includes('linux/amd64') ? 'linux/amd64' : (platforms[0] ?? 'linux/amd64'))
  const chosen = manifestFor(index, platform)
  if (chosen === undefined) {
    throw failureError('not-found', 'pull', `${printReference(reference)} has no image for ${platform}.`, {
      evidence: [{ fact: 'expected', value: platforms.join(', ').slice(0, 2000) }],
      next: ['choose-another-tag'],
    })
  }
  const own = await read(chosen.digest)
  if (own.content.type !== 'manifest') throw noImage(reference)
  const items = [
    indexItem(index, digest, top.size),
    ...imageItems(own.content.manifest, {
      digest: chosen.digest,
      bytes: own.size,
      ...(chosen.platform !== undefined ? { platform: chosen.platform } : {}),
    }),
  ]
  return { digest, from: top.from, items: limited(items), platform, platforms }
}

async function readAnywhere(
  reference: Reference,
  digest: string,
  { readers, upstream }: { readers: readonly Reader[]; upstream: Upstream },
  signal: AbortSignal,
): Promise<{ from: string; content: ImageContent; size: number }> {
  const { host } = new URL(upstream.place.url)
  if (upstream.bytes !== undefined && digestOf(upstream.bytes, digest) === digest) {
    return { from: host, ...contentOf(upstream.bytes, reference) }
  }
  for (const { name, mirror } of readers.slice(0, maxReaders)) {
    const { answer } = await readManifest(mirror, reference, digest, signal)
    if (answer !== undefined) return { from: name, ...contentOf(answer, reference) }
  }
  // an upstream that answered for the tag is asked for what its index names; one that did not has said why
  if (upstream.failure !== undefined) throw new FailureError(upstream.failure)
  const { bytes } = await getManifest({ ...upstream.place, signal, reference: digest, phase: 'pull' })
  return { from: host, ...contentOf(bytes, reference) }
}

function contentOf(bytes: Uint8Array, reference: Reference): { content: ImageContent; size: number } {
  const content = readContent(bytes)
  if (content === undefined) throw noImage(reference)
  return { content, size: bytes.length }
}

function limited(items: ContentItem[]): ContentItem[] {
  if (items.length <= maxItems) return items
  throw failureError(
    'answer-invalid',
    'pull',
    `The image has ${items.length} parts; ${maxItems} are looked at.`,
    {
      evidence: [{ fact: 'limit', value: String(maxItems) }],
    },
  )
}

function noImage(reference: Reference) {
  const what = `What ${printReference(reference)} leads to is neither an image manifest nor an index.`
  return failureError('answer-invalid', 'pull', what, { next: ['choose-another-tag'] })
}
