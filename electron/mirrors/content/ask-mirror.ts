import { type Failure, FailureError } from '../../../shared/model/failure.ts'
import type { ContentItem, Holding } from '../../../shared/model/content-map.ts'
import { manifestAccept } from '../../../shared/model/media-types.ts'
import { digestSchema, type Reference } from '../../../shared/model/reference.ts'
import type { Answer, Ask, Transport } from '../../oci/ask.ts'
import { checkDigest } from '../../oci/digest.ts'
import { manifestBytes } from '../../oci/manifests.ts'
import { refusal } from '../../oci/refusal.ts'

/** The mirror of one node, and how it is reached. */
export interface Mirror {
  /** In front of `/v2/`; a pod proxy's has a path. */
  url: string
  transport: Transport
}

/** The image that is looked for. */
export type Image = Pick<Reference, 'registry' | 'repository'>

/** Milliseconds a mirror may stand still: it looks into its own store and asks nobody. */
const patience = 5000

/** What a mirror says of one thing; the Failure is there where it cannot say. */
export interface Said<T> {
  answer?: T
  failure?: Failure
}

/**
 * Whether a node has an item in its own store. `X-Spegel-Mirrored` keeps its mirror from asking peers and from counting a
 * hit or a miss (Spegel's registry handler; seen with 0.1.1, 0.4.0, 0.6.0 and 0.7.4). Throws only when `signal` cancels.
 */
export async function askHolding(
  mirror: Mirror,
  image: Image,
  item: Pick<ContentItem, 'digest' | 'kind'>,
  signal: AbortSignal,
): Promise<{ holding: Holding; failure?: Failure }> {
  const said = await ask(mirror, image, 'HEAD', `${pathOf(item.kind)}/${item.digest}`, signal)
  if (said.failure !== undefined) return { holding: 'failed', failure: said.failure }
  return { holding: said.answer === undefined ? 'lacks' : 'has' }
}

/** What a tag means on a node; no answer where the node does not know it. Throws only when `signal` cancels. */
export async function askTag(
  mirror: Mirror,
  image: Image,
  tag: string,
  signal: AbortSignal,
): Promise<Said<string>> {
  const { answer, failure } = await ask(mirror, image, 'HEAD', `manifests/${tag}`, signal)
  if (failure !== undefined) return { failure }
  const digest = digestSchema.safeParse(answer?.headers['docker-content-digest']).data
  return digest === undefined ? {} : { answer: digest }
}

/** A manifest out of a node's own store, checked against its digest. Throws only when `signal` cancels. */
export async function readManifest(
  mirror: Mirror,
  image: Image,
  digest: string,
  signal: AbortSignal,
): Promise<Said<Uint8Array>> {
  const { answer, failure } = await ask(mirror, image, 'GET', `manifests/${digest}`, signal, digest)
  if (failure !== undefined) return { failure }
  return answer === undefined ? {} : { answer: answer.body }
}

function pathOf(kind: ContentItem['kind']): 'manifests' | 'blobs' {
  return kind === 'index' || kind === 'manifest' ? 'manifests' : 'blobs'
}

/** No answer and no failure is the mirror's own 404: it does not have it. */
async function ask(
  { url, transport }: Mirror,
  { registry, repository }: Image,
  method: 'HEAD' | 'GET',
  path: string,
  signal: AbortSignal,
  digest?: string,
): Promise<Said<Answer>> {
  const wanted: Ask = {
    method,
    // without `ns` every path is an empty 404 since 0.6
    url: `${url.replace(/\/$/, '')}/v2/${repository}/${path}?ns=${encodeURIComponent(registry)}`,
    phase: 'pull',
    role: 'mirror',
    headers: { accept: `${manifestAccept}, */*`, 'x-spegel-mirrored': 'true' },
    signal,
    maxBytes: manifestBytes,
    patience,
  }
  try {
    const answer = await transport.send(wanted)
    if (answer.status !== 200) throw refusal(wanted, answer)
    if (digest !== undefined) checkDigest(wanted, answer.body, digest)
    return { answer }
  } catch (error) {
    if (!(error instanceof FailureError) || signal.aborted) throw error
    const { failure } = error
    return failure.kind === 'not-here' || failure.kind === 'not-found' ? {} : { failure }
  }
}
