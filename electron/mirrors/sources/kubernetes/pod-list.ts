import { FailureError } from '../../../../shared/model/failure.ts'
import type { Wait } from '../../../oci/retry.ts'
import { isGone, type KubeApi, type KubeQuery, type Listed } from './api.ts'
import { type Pod, podSchema } from './objects.ts'
import { watchOnce } from './watch.ts'

/** Milliseconds before a watch is begun again: at first, and at most where it keeps failing. */
const firstDelay = 1000
const longestDelay = 30_000

/** The pods one query selects, kept up to date as long as their watch runs. */
export interface PodList {
  /** The pods as they stand: from the watch, or listed where none runs. Throws a FailureError. */
  current(signal: AbortSignal): Promise<Pod[]>
  close(): void
}

export interface PodListPorts {
  api: KubeApi
  wait: Wait
  /** A number from 0 up to 1. */
  random: () => number
  /** Pods came, went or became others. */
  changed: () => void
}

/** Keeps `first`, which was listed for `query` just now, and watches on from there. */
export function createPodList(query: KubeQuery, first: Listed<Pod>, ports: PodListPorts): PodList {
  const { api, wait, random, changed } = ports
  const closing = new AbortController()
  const { signal: closed } = closing
  let pods = byUid(first.items)
  let { resourceVersion } = first
  /** Whether all that happens is told. */
  let live = false
  let failures = 0

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
      failures = 0
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

  /** Watches until closed. One that the API server ended goes on where it was; one that failed waits longer each time. */
  const follow = async () => {
    for (;;) {
      try {
        await watchOnce(api, query, { resourceVersion, item: podSchema, signal: closed }, told)
      } catch (error) {
        live = false
        failures += 1
        // whoever may list but not watch has the pods listed in every round
        if (closed.aborted || (error instanceof FailureError && error.failure.kind === 'denied')) return
        if (isGone(error)) await relist(closed).catch(() => undefined)
      }
      const delay = Math.min(firstDelay * 2 ** Math.max(0, failures - 1), longestDelay)
      await wait(delay * random(), closed).catch(() => undefined)
      if (closed.aborted) return
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
