import { type Failure, FailureError } from '../../../../shared/model/failure.ts'
import type { AgentIdentity } from '../../../../shared/model/mirror.ts'
import type { Clock } from '../../../ports.ts'
import type { KubeApi } from './api.ts'
import { type Node, nodeSchema } from './objects.ts'

/** Milliseconds for which a list of the nodes holds, and for which one holds that failed or lacks a node. */
const keptMilliseconds = 5 * 60_000
const keptThoughIncomplete = 60_000

/** Well-known labels, and those of the clouds and provisioners that have node pools. */
const zoneLabels = ['topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone']
const poolLabels = [
  'cloud.google.com/gke-nodepool',
  'eks.amazonaws.com/nodegroup',
  'alpha.eksctl.io/nodegroup-name',
  'kubernetes.azure.com/agentpool',
  'agentpool',
  'karpenter.sh/nodepool',
  'doks.digitalocean.com/node-pool',
]
/** Set by k3s and RKE2 where the Spegel inside them takes part (k3s, "Embedded Registry Mirror"). */
const embeddedAnnotation = 'p2p.k3s.cattle.io/node-address'

/** What a node says of itself. */
export interface NodeFacts {
  /** `images` is what the kubelet names, which is 50 at most unless it is told otherwise (nodeStatusMaxImages). */
  facts: Pick<AgentIdentity, 'zone' | 'pool' | 'runtime' | 'images'>
  /** Spegel runs inside k3s or RKE2 there. */
  embedded: boolean
}

/** Nodes by name. Where they cannot be listed, those known from before, or none, and why. */
export interface Nodes {
  byName: ReadonlyMap<string, NodeFacts>
  failure?: Failure
}

/**
 * Lists the nodes: again after 5 minutes, and after one where it failed or one of those asked for was not among them; who
 * lacks the right will not get it in a minute. Throws only when `signal` cancels.
 */
export function createNodes(api: KubeApi, clock: Clock) {
  let known: Nodes = { byName: new Map() }
  let listedAt = -Infinity

  return async (signal: AbortSignal, wanted: readonly string[]): Promise<Nodes> => {
    const age = clock.now() - listedAt
    const { failure, byName } = known
    const lacks = failure === undefined ? wanted.some((name) => !byName.has(name)) : failure.kind !== 'denied'
    if (age < (lacks ? keptThoughIncomplete : keptMilliseconds)) return known
    try {
      const { items } = await api.list({ path: '/api/v1/nodes', query: {} }, nodeSchema, signal)
      known = { byName: new Map(items.map((node) => [node.metadata.name, factsOf(node)])) }
    } catch (error) {
      if (!(error instanceof FailureError) || signal.aborted) throw error
      known = { byName, failure: error.failure }
    }
    listedAt = clock.now()
    return known
  }
}

function factsOf({ metadata: { labels, annotations }, status }: Node): NodeFacts {
  const zone = firstOf(labels, zoneLabels)
  const pool = firstOf(labels, poolLabels)
  const runtime = status.nodeInfo?.containerRuntimeVersion
  return {
    facts: {
      ...(zone !== undefined ? { zone } : {}),
      ...(pool !== undefined ? { pool } : {}),
      ...(runtime !== undefined ? { runtime } : {}),
      // a node that names none says nothing: it always has the images of its own pods
      ...(status.images.length > 0 ? { images: status.images.length } : {}),
    },
    embedded: annotations[embeddedAnnotation] !== undefined,
  }
}

function firstOf(labels: Readonly<Record<string, string>>, names: readonly string[]): string | undefined {
  return names.map((name) => labels[name]).find((value) => value !== undefined && value !== '')
}
