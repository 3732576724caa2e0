import { FailureError } from '../../../../shared/model/failure.ts'
import type { AccessKeeper } from './access.ts'
import type { KubeQuery } from './api.ts'
import { type Pod, podSchema } from './objects.ts'
import { createPodList, type PodList, type PodListPorts } from './pod-list.ts'

/**
 * Labels of Spegel's chart: the component since 0.4, whatever the chart is named (nameOverride); before, the name and no
 * component. The pod that cleans up after an uninstall is a component of its own.
 */
export const podSelectors = [
  'app.kubernetes.io/component=spegel',
  'app.kubernetes.io/name=spegel,!app.kubernetes.io/component',
]
/** Where Spegel is usually installed, for who may not list the pods of all namespaces. */
const usualNamespaces = ['spegel', 'kube-system']

/** Spegel's pods, wherever the user may see them. */
export interface PodFinder {
  /** None where the cluster has none. Throws a FailureError; `denied` where no namespace may be looked into. */
  current(signal: AbortSignal): Promise<Pod[]>
  close(): void
}

/**
 * Looks in all namespaces, or where that is denied in the context's and the usual ones, and watches where it found
 * pods; while there are none, every `current` looks again.
 */
export function createPodFinder(access: AccessKeeper, ports: PodListPorts): PodFinder {
  let list: PodList | undefined
  let closed = false

  const find = async (namespace: string | undefined, signal: AbortSignal): Promise<Pod[]> => {
    const path = namespace === undefined ? '/api/v1/pods' : `/api/v1/namespaces/${namespace}/pods`
    for (const labelSelector of podSelectors) {
      const query: KubeQuery = { path, query: { labelSelector } }
      const listed = await ports.api.list(query, podSchema, signal)
      if (listed.items.length === 0) continue
      list?.close()
      list = closed ? undefined : createPodList(query, listed, ports)
      return listed.items
    }
    return []
  }

  const search = async (signal: AbortSignal): Promise<Pod[]> => {
    const { namespace } = await access.get(signal)
    const own = namespace === undefined ? [] : [encodeURIComponent(namespace)]
    const narrower = [...new Set([...own, ...usualNamespaces])]
    let denied: FailureError | undefined
    let looked = false
    for (const scope of [undefined, ...narrower]) {
      try {
        const pods = await find(scope, signal)
        // nothing in any namespace is nothing in each of them
        if (pods.length > 0 || scope === undefined) return pods
        looked = true
      } catch (error) {
        if (!(error instanceof FailureError) || error.failure.kind !== 'denied') throw error
        denied ??= error
      }
    }
    if (!looked && denied !== undefined) throw inNone(denied, narrower)
    return []
  }

  return {
    current: async (signal) => {
      const known = (await list?.current(signal)) ?? []
      if (known.length > 0) return known
      list?.close()
      list = undefined
      return search(signal)
    },
    close: () => {
      closed = true
      list?.close()
    },
  }
}

/** What was denied first, over all namespaces, tells the right to ask for. */
function inNone({ failure }: FailureError, namespaces: readonly string[]): FailureError {
  return new FailureError({
    ...failure,
    message: `${failure.message} Nor may pods be listed in ${namespaces.join(', ').slice(0, 500)}.`,
  })
}
