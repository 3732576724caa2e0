import type { ContentMap, ContentNode, ContentProgress, Holding } from '../../../shared/model/content-map.ts'
import { type Failure, FailureError } from '../../../shared/model/failure.ts'
import { failureError } from '../../../shared/model/local-failure.ts'
import type { AgentIdentity } from '../../../shared/model/mirror.ts'
import { parseReference, printReference, type Reference } from '../../../shared/model/reference.ts'
import { inParallel } from '../../oci/copy/in-parallel.ts'
import type { RepositoryPlace } from '../../oci/place.ts'
import type { Clock } from '../../ports.ts'
import { askHolding, askTag, type Mirror } from './ask-mirror.ts'
import { askUpstream, dissect, type Upstream } from './manifests.ts'
import { bytesOf, mostNamed, tagsDiffer, upstreamOnly } from './tally.ts'

/** A node, and its mirror where something leads there. */
export interface ContentAgent {
  agent: AgentIdentity
  mirror: Mirror | undefined
}

export interface ContentPorts {
  clock: Clock
  /** How the registry of an image is asked; a saved registry lends its address and credential. */
  upstream: (reference: Reference, registryId: string | undefined) => Promise<RepositoryPlace>
}

export interface ContentWanted {
  reference: string
  platform?: string | undefined
  registryId?: string | undefined
}

/** Nodes that are asked at the same time. */
const concurrency = 24

/** A node while it is asked. */
interface Asked extends ContentAgent {
  tagDigest?: string
  holds: Holding[]
  failure?: Failure | undefined
}

/**
 * Which node holds which part of an image, asked of the mirrors alone, which count nothing of it. Yields how many nodes
 * were asked and returns the map. Throws a FailureError for a reference that does not hold, where there is no node to
 * ask, and where neither a node nor the upstream has the manifest; a node that cannot say is in the map with its Failure.
 */
export async function* mapContent(
  wanted: ContentWanted,
  agents: readonly ContentAgent[],
  ports: ContentPorts,
  signal: AbortSignal,
): AsyncGenerator<ContentProgress, ContentMap> {
  const reference = parseReference(wanted.reference)
  if (!agents.some(({ mirror }) => mirror !== undefined)) throw nobodyToAsk()
  const nodes: Asked[] = agents.map((each) => ({ ...each, holds: [] }))
  const place = await ports.upstream(reference, wanted.registryId)

  const [upstream] = await Promise.all([
    askUpstream(place, reference, signal),
    forEachNode(nodes, signal, (node, mirror, abort) => readTag(node, mirror, reference, abort)),
  ])
  const tagDigests = [upstream.digest, ...nodes.map(({ tagDigest }) => tagDigest)]
  const digest = reference.digest ?? upstream.digest ?? mostNamed(tagDigests)
  if (digest === undefined) throw nobodyKnows(reference, upstream)

  const readers = nodes
    .filter(({ failure }) => failure === undefined)
    .toSorted((a, b) => Number(b.tagDigest === digest) - Number(a.tagDigest === digest))
    .flatMap(({ agent, mirror }) => (mirror === undefined ? [] : [{ name: agent.name, mirror }]))
  const image = await dissect(reference, digest, wanted.platform, { readers, upstream }, signal)

  yield* progressOf(nodes.length, (tell) =>
    forEachNode(nodes, signal, async (node, mirror, abort) => {
      for (const item of image.items) {
        // a node that cannot be reached is not asked thirty times
        if (node.failure !== undefined && node.failure.status === undefined) break
        const { holding, failure } = await askHolding(mirror, reference, item, abort)
        node.holds.push(holding)
        node.failure ??= failure
      }
      tell()
    }),
  )
  return {
    reference: printReference(reference),
    manifestFrom: image.from,
    digest,
    ...(image.platform !== undefined ? { platform: image.platform } : {}),
    platforms: image.platforms,
    items: image.items,
    nodes: nodesOf(nodes, image.items),
    upstreamOnly: upstreamOnly(image.items, nodes),
    upstream: saidOf(upstream),
    tagsDiffer: reference.digest === undefined && tagsDiffer(tagDigests),
    at: ports.clock.now(),
  }
}

async function readTag(
  node: Asked,
  mirror: Mirror,
  reference: Reference,
  signal: AbortSignal,
): Promise<void> {
  if (reference.digest !== undefined || reference.tag === undefined) return
  const { answer, failure } = await askTag(mirror, reference, reference.tag, signal)
  if (answer !== undefined) node.tagDigest = answer
  if (failure !== undefined) node.failure = failure
}

/** Every node something leads to; a cancelled or failed job ends the others. */
async function forEachNode(
  nodes: readonly Asked[],
  signal: AbortSignal,
  job: (node: Asked, mirror: Mirror, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const abort = new AbortController()
  const either = AbortSignal.any([signal, abort.signal])
  const asked = nodes.flatMap((node) => (node.mirror === undefined ? [] : [{ node, mirror: node.mirror }]))
  await inParallel(asked, { limit: concurrency, abort }, ({ node, mirror }) => job(node, mirror, either))
}

/** Yields as `work` tells, the newest sum alone where the caller is slow; throws what `work` throws. */
async function* progressOf(
  of: number,
  work: (tell: () => void) => Promise<void>,
): AsyncGenerator<ContentProgress, void> {
  const state = { asked: 0, told: -1, ended: false, wake: (): void => undefined }
  const done = work(() => {
    state.asked += 1
    state.wake()
  }).finally(() => {
    state.ended = true
    state.wake()
  })
  // whoever leaves early does not wait for it; an error still comes out below
  done.catch(() => undefined)
  while (!state.ended) {
    if (state.told !== state.asked) {
      state.told = state.asked
      yield { asked: state.asked, of }
    } else await new Promise<void>((resolve) => (state.wake = resolve))
  }
  await done
}

function nodesOf(nodes: readonly Asked[], items: ContentMap['items']): ContentNode[] {
  const complete = nodes.map((node) => ({ ...node, holds: filled(node, items.length) }))
  const bytes = bytesOf(items, complete)
  return complete.map(({ agent, holds, tagDigest, failure }, index) => ({
    source: agent.source,
    agent: agent.id,
    name: agent.name,
    ...(agent.zone !== undefined ? { zone: agent.zone } : {}),
    holds,
    ...(tagDigest !== undefined ? { tagDigest } : {}),
    ...(failure !== undefined ? { failure } : {}),
    ...(bytes[index] !== undefined ? { bytes: bytes[index] } : {}),
    demo: agent.demo,
  }))
}

function filled({ holds }: Asked, length: number): Holding[] {
  return Array.from({ length }, (_, index) => holds[index] ?? 'not-asked')
}

function saidOf({ place, digest, failure }: Upstream): ContentMap['upstream'] {
  return {
    host: new URL(place.url).host,
    ...(digest !== undefined ? { digest } : {}),
    ...(failure !== undefined ? { failure } : {}),
  }
}

function nobodyToAsk() {
  return failureError('input-invalid', 'pull', 'No node has a mirror that can be asked from here.', {
    next: ['check-address'],
  })
}

/** The upstream's own failure says who answered what; that no node knows it either comes on top. */
function nobodyKnows(reference: Reference, { failure }: Upstream) {
  const message = `No node knows ${printReference(reference)}.`
  if (failure === undefined) return failureError('not-found', 'pull', message, { next: ['check-name'] })
  return new FailureError({ ...failure, message: `${message} ${failure.message}` })
}
