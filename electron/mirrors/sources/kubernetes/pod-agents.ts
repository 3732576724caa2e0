import type { Container, Pod } from './objects.ts'
import { goMilliseconds } from './go-duration.ts'

/** One pod for one agent: the node's, or one of several installations on that node. */
export interface PodAgent {
  /** The node's name; of a second installation there, `node (namespace/owner)`. */
  id: string
  node: string | undefined
  pod: Pod
}

/**
 * The agents of Spegel's pods, sorted by id. A pod that takes the place of another is the same agent; of two pods of one
 * installation on one node, as there are while it is replaced, the one that runs counts.
 */
export function podAgents(pods: readonly Pod[]): PodAgent[] {
  const byPlace = new Map<string, Map<string, Pod>>()
  for (const pod of pods) {
    const place = nodeOf(pod) ?? `${pod.metadata.namespace}/${pod.metadata.name}`
    const there = byPlace.get(place) ?? new Map<string, Pod>()
    byPlace.set(place, there)
    const owner = installationOf(pod)
    const other = there.get(owner)
    if (other === undefined || isBetter(pod, other)) there.set(owner, pod)
  }
  return [...byPlace]
    .flatMap(([place, there]) =>
      [...there].sort(byKey).map(([owner, pod], index) => ({
        id: index === 0 ? place : `${place} (${owner})`,
        node: nodeOf(pod),
        pod,
      })),
    )
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** What the container with Spegel in it says of itself, by the names its chart gives. */
export function spegelOf({ spec }: Pod): {
  container: Container | undefined
  metricsPort: number
  mirrorPort: number
  resolveTimeout: number | undefined
} {
  const ports = spec.containers.flatMap((container) =>
    container.ports.map(({ name, containerPort }) => ({ container, name, containerPort })),
  )
  const metrics = ports.find(({ name }) => name === 'metrics')
  const registry = ports.find(({ name }) => name === 'registry')
  const container = registry?.container ?? metrics?.container ?? spec.containers[0]
  return {
    container,
    metricsPort: metrics?.containerPort ?? 9090,
    mirrorPort: registry?.containerPort ?? 5000,
    resolveTimeout: container === undefined ? undefined : resolveTimeoutOf(container),
  }
}

/** `--mirror-resolve-timeout=20ms`, the same in two words, or its variable. */
function resolveTimeoutOf({ args, env }: Container): number | undefined {
  const flag = '--mirror-resolve-timeout'
  const joined = args.find((word) => word.startsWith(`${flag}=`))?.slice(flag.length + 1)
  const at = args.indexOf(flag)
  const apart = at === -1 ? undefined : args[at + 1]
  const variable = env.find(({ name }) => name === 'MIRROR_RESOLVE_TIMEOUT')?.value
  return goMilliseconds(joined ?? apart ?? variable ?? '')
}

/** A pod of a DaemonSet that has no node yet names the one it is for. */
function nodeOf({ spec }: Pod): string | undefined {
  if (spec.nodeName !== undefined) return spec.nodeName
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  const fields = terms?.flatMap(({ matchFields }) => matchFields) ?? []
  return fields.find(({ key, operator }) => key === 'metadata.name' && operator === 'In')?.values[0]
}

function installationOf({ metadata: { namespace, ownerReferences } }: Pod): string {
  const owner = ownerReferences.find(({ kind }) => kind === 'DaemonSet')?.name
  return owner === undefined ? namespace : `${namespace}/${owner}`
}

function isBetter(pod: Pod, than: Pod): boolean {
  const [mine, theirs] = [standing(pod), standing(than)]
  return mine > theirs || (mine === theirs && created(pod) > created(than))
}

/** Higher is better: one that runs, before one that only stays. */
function standing({ metadata, status }: Pod): number {
  const runs = status.containerStatuses.some(({ state }) => state.running !== undefined)
  return (runs ? 2 : 0) + (metadata.deletionTimestamp === undefined ? 1 : 0)
}

function created({ metadata }: Pod): string {
  return metadata.creationTimestamp ?? ''
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}
