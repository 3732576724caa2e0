import { FailureError } from '../../../../shared/model/failure.ts'
import type { Wait } from '../../../oci/retry.ts'
import type { Clock } from '../../../ports.ts'
import { isGone, type KubeApi, type KubeQuery, type Listed } from './api.ts'
import { type Pod, podSchema } from './objects.ts'
import { watchOnce } from './watch.ts'

/** Milliseconds before a watch is begun again at most: at first, and where none lasts. */
const firstDelay = 1000
const longestDelay = 30_000
/** Milliseconds after which a watch has lasted. */
const steadyMilliseconds = 10_000

/** The pods one query selects, kept up to date as long as their watch runs. */
export interface PodList {
  /** The pods as they stand: from the watch, or listed where none runs. Throws a FailureError. */
  current(signal: AbortSignal): Promise<Pod[]>
  close(): void
}

export interface PodListPorts {
  api: KubeApi
  clock: Clock
  wait: Wait
  /** A number from 0 up to 1. */
  random: () => number
  /** Pods came, went or became others. */
  changed: () => void
}

/** Keeps `first`, which was listed for `query` just now, and watches on from there. */
export function createPodList(query: KubeQuery, first: Listed<Pod>, ports: PodListPorts): PodList {
  const { api, clock, wait, random, changed } = ports
  const closing = new AbortController()
  const { signal: closed } = closing
  let pods = byUid(first.items)
  let { resourceVersion } = first
  /** Whether all that happens is told. */
  let live = false

  const relist = async (signal: AbortSignal) => {
    const listed = await api.list(query, podSchema, signal)
    const before = pods
    pods = byUid(listed.items)
    resourceVersion = listed.resourceVersion
    if (before.size !== pods.size || listed.items.some((pod) => differs(before, pod))) changed()
  }

  const told = {
    begun: () => {
      live = true
    },
    put: (pod: Pod, version: string) => {
      resourceVersion = version
      const news = differs(pods, pod)
      pods.set(pod.metadata.uid, pod)
      if (news) changed()
    },
    removed: (pod: Pod, version: string) => {
      resourceVersion = version
      if (pods.delete(pod.metadata.uid)) changed()
    },
    bookmark: (version: string) => {
      resourceVersion = version
    },
  }

  /** Watches until closed: goes on where the API server ended it, and waits longer each time one did not last. */
  const follow = async () => {
    for (let failures = 0; !closed.aborted;) {
      const since = clock.now()
      const watch = watchOnce(api, query, { resourceVersion, item: podSchema, signal: closed }, told)
      const error = await watch.then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      live = false
      // whoever may list but not watch has the pods listed in every round
      if (closed.aborted || (error instanceof FailureError && error.failure.kind === 'denied')) return
      if (isGone(error)) await relist(closed).catch(() => undefined)
      failures = clock.now() - since < steadyMilliseconds ? failures + 1 : 0
      await wait(Math.min(firstDelay * 2 ** failures, longestDelay) * random(), closed).catch(() => undefined)
    }
  }
  void follow()

  return {
    current: async (signal) => {
      if (!live) await relist(signal)
      return [...pods.values()]
    },
    close: () => closing.abort(),
  }
}

function byUid(pods: readonly Pod[]): Map<string, Pod> {
  return new Map(pods.map((pod) => [pod.metadata.uid, pod]))
}

/** The parts of a pod that are kept are those the map shows. */
function differs(before: ReadonlyMap<string, Pod>, pod: Pod): boolean {
  return JSON.stringify(before.get(pod.metadata.uid)) !== JSON.stringify(pod)
}
