import { FailureError } from '../../../../shared/model/failure.ts'
import type { PrometheusApi } from './api.ts'
import type { Target } from './labels.ts'

/** Why scrapes fail, in the words of whoever scrapes. */
export interface Reasons {
  /** Asks about those that are not known yet, and forgets whoever is not among them. */
  learn(down: readonly Target[], signal: AbortSignal): Promise<void>
  of(target: Target): string | undefined
}

const longest = 500

/**
 * `up` says that a scrape failed, and the list of targets says how: refused, timed out, 404. Prometheus has that list,
 * and VictoriaMetrics and Thanos where they know; Mimir has none. It names everything that is scraped, so it is asked
 * for once when an agent stops, not in every round.
 */
export function createReasons(api: PrometheusApi): Reasons {
  let known = new Map<string, string>()
  return {
    learn: async (down, signal) => {
      const said = down.every(({ key }) => known.has(key)) ? [] : await lastErrors(api, signal)
      const errors = new Map(said)
      // an empty one is kept: nobody is to be asked again
      known = new Map(
        down.map((target) => [target.key, known.get(target.key) ?? errors.get(addressOf(target)) ?? '']),
      )
    },
    of: ({ key }) => known.get(key) || undefined,
  }
}

async function lastErrors(
  api: PrometheusApi,
  signal: AbortSignal,
): Promise<Array<[address: string, error: string]>> {
  try {
    const json = await api.activeTargets(signal)
    return json.flatMap(({ labels, lastError }) =>
      lastError === '' ? [] : [[addressOf(labels), lastError.slice(0, longest)]],
    )
  } catch (error) {
    // why is worth less than what
    if (signal.aborted || !(error instanceof FailureError)) throw error
    return []
  }
}

/** The labels a target has before any of the source's own (cluster, replica) come to them. */
function addressOf({
  job = '',
  instance = '',
}: {
  job?: string | undefined
  instance?: string | undefined
}): string {
  return JSON.stringify([job, instance])
}
