import type { CopyEvent, CopyResult } from '../../../shared/model/copy.ts'
import { FailureError } from '../../../shared/model/failure.ts'
import { failureError } from '../../../shared/model/local-failure.ts'
import type { Clock } from '../../ports.ts'
import { createProgress } from '../upload/progress.ts'
import type { Content, ContentSource, ContentTarget, Role } from './content.ts'
import { type GraphNode, walkGraph } from './graph.ts'
import { inParallel } from './in-parallel.ts'
import { asSource, asTarget, blaming } from './side.ts'

export interface CopyJob {
  /** Both are made with the signal of `abort`, so that an error on one end stops the other at once. */
  source: ContentSource
  target: ContentTarget
  /** What the source is asked for. */
  reference: string | undefined
  /** The tag or name it gets at the target; without one it is kept by its digest alone. */
  as: string | undefined
  referrers: boolean
  clock: Clock
  abort: AbortController
  onEvent: (event: CopyEvent) => void
}

type Counts = Omit<CopyResult, 'reference'>

/**
 * Copies what a reference leads to, byte for byte: blobs first, several at a time, then manifests from the leaves
 * up, the one that was asked for last and with its tag, so that an error or a cancel leaves no tag that dangles.
 * What the target has is not sent again. Throws a FailureError whose `side` says which end it was.
 */
export async function copyContent(job: CopyJob): Promise<Counts> {
  const { signal } = job.abort
  try {
    return await run(job, asSource(job.source), asTarget(job.target))
  } catch (error) {
    // what aborted the rest is why it failed
    if (signal.reason instanceof FailureError) throw signal.reason
    throw asCancelled(error, signal)
  }
}

/** What breaks off because the caller aborted, as a Failure; any other error as it is. */
export function asCancelled(error: unknown, signal: AbortSignal): unknown {
  if (!signal.aborted || error instanceof FailureError) return error
  return failureError('cancelled', 'blob', 'Cancelled.', { next: ['none-needed'] })
}

async function run(job: CopyJob, source: ContentSource, target: ContentTarget): Promise<Counts> {
  const { abort, onEvent, referrers, as } = job
  const { signal } = abort
  const root = await source.resolve(job.reference)
  const { nodes, elsewhere } = await blaming('source', walkGraph(source, root, { referrers, signal }))
  const blobs = nodes.flatMap((node) => node.blobs)
  const total = blobs.reduce((sum, { size }) => sum + size, 0)
  onEvent({ type: 'planned', manifests: nodes.length, blobs: blobs.length, bytes: total })
  for (const content of elsewhere) onEvent({ type: 'blob', ...plain(content), outcome: 'elsewhere' })

  const there = new Set<GraphNode>()
  await inParallel(nodes, { limit: target.parallel, abort }, async (node) => {
    if (await target.hasManifest(node.manifest.digest, roleOf(node, as))) there.add(node)
  })

  const counts: Counts = {
    digest: root.digest,
    manifests: { copied: 0, skipped: 0 },
    blobs: { copied: 0, mounted: 0, skipped: 0 },
    bytes: 0,
  }
  const sent = createSum(total, job)
  const done = (content: Content, outcome: keyof Counts['blobs']): void => {
    counts.blobs[outcome] += 1
    if (outcome === 'copied') counts.bytes += content.size
    sent.at(content, content.size)
    onEvent({ type: 'blob', ...plain(content), outcome })
  }
  // registries take a manifest only when its blobs are there, so those of one that is there are there too
  for (const node of there) for (const content of node.blobs) done(content, 'skipped')
  const missing = nodes.filter((node) => !there.has(node)).flatMap((node) => node.blobs)
  await inParallel(missing, { limit: target.parallel, abort }, async (content) => {
    signal.throwIfAborted()
    const outcome = await target.putBlob(source.blob(content), (bytes) => sent.at(content, bytes))
    done(content, outcome)
  })

  const put = async (node: GraphNode): Promise<void> => {
    signal.throwIfAborted()
    const skipped = there.has(node)
    if (!skipped) await target.putManifest(node.manifest, roleOf(node, as))
    const outcome = skipped ? 'skipped' : 'copied'
    counts.manifests[outcome] += 1
    const { digest, mediaType, bytes } = node.manifest
    onEvent({ type: 'manifest', digest, mediaType, size: bytes.length, outcome })
  }
  const isFree = ({ role, isLeaf }: GraphNode): boolean => isLeaf && role !== 'root'
  await inParallel(nodes.filter(isFree), { limit: target.parallel, abort }, put)
  for (const node of nodes) if (!isFree(node)) await put(node)
  return counts
}

function roleOf({ role }: GraphNode, as: string | undefined): Role {
  return role === 'root' && as !== undefined ? { role, reference: as } : { role }
}

function plain({ digest, mediaType, size }: Content): Content {
  return { digest, mediaType, size }
}

/** Adds up what blobs that travel side by side have sent. */
function createSum(
  total: number,
  { clock, onEvent }: Pick<CopyJob, 'clock' | 'onEvent'>,
): { at(content: Content, bytes: number): void } {
  const progress = createProgress({ total, clock, report: (now) => onEvent({ type: 'progress', ...now }) })
  const sent = new Map<string, number>()
  let sum = 0
  return {
    at: ({ digest }, bytes) => {
      sum += bytes - (sent.get(digest) ?? 0)
      sent.set(digest, bytes)
      progress.at(sum)
    },
  }
}
