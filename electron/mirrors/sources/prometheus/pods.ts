import { FailureError } from '../../../../shared/model/failure.ts'
import type { QueryAnswer } from './answer.ts'
import type { PrometheusApi, Steps } from './api.ts'
import type { PodPlace } from './identity.ts'
import { type Target, targetOf } from './labels.ts'

/** Where pods run. A pod stays where it is, so what was learned once holds. */
export interface Pods {
  /** Asks for the pods of targets, as far as they are not known; `now` is ms since 1970. */
  learn(targets: Iterable<Target>, now: number | undefined, signal: AbortSignal): Promise<void>
  /** Asks for those of earlier times. */
  learnPast(steps: Steps, signal: AbortSignal): Promise<void>
  placeOf(target: Target): PodPlace | undefined
}

/** Pods that are kept: those of the largest cluster, replaced a few times. */
const maxPods = 20_000

/**
 * What kube-state-metrics says of the agents' pods, where the same Prometheus scrapes it. Prometheus' operator puts a
 * pod's name and address on its series: not its node's, which is what an agent is to be called by, and whose address
 * its mirror is asked at. Where there is none of it, or the query is refused, agents go by their pods.
 */
export function createPods(api: PrometheusApi, query: string): Pods {
  const known = new Map<string, PodPlace>()

  const add = ({ series }: QueryAnswer): void => {
    for (const { labels } of series) {
      const { node, host_ip: hostAddress } = labels
      if (node === undefined || node === '') continue
      known.set(keyOf(targetOf(labels)), {
        node,
        ...(hostAddress !== undefined && hostAddress !== '' ? { hostAddress } : {}),
      })
    }
    for (const key of known.keys()) {
      if (known.size <= maxPods) break
      known.delete(key)
    }
  }

  const ask = async (answer: Promise<QueryAnswer>, signal: AbortSignal): Promise<void> => {
    try {
      add(await answer)
    } catch (error) {
      // the numbers are worth more than a better name
      if (signal.aborted || !(error instanceof FailureError)) throw error
    }
  }

  return {
    learn: async (targets, now, signal) => {
      const lacks = [...targets].some((target) => target.pod !== undefined && !known.has(keyOf(target)))
      if (lacks) await ask(api.instant(query, now, signal), signal)
    },
    learnPast: (steps, signal) => ask(api.range(query, steps, signal), signal),
    placeOf: (target) => (target.pod === undefined ? undefined : known.get(keyOf(target))),
  }
}

function keyOf({ cluster = '', namespace = '', pod = '' }: Target): string {
  return JSON.stringify([cluster, namespace, pod])
}
