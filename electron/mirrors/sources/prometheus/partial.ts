import { failureError } from '../../../../shared/model/local-failure.ts'
import type { Failure } from '../../../../shared/model/failure.ts'
import { growthBetween } from '../../metrics/growth.ts'
import type { AgentSample } from '../../metrics/sample.ts'

/** Milliseconds by which a start wanders without a restart: see `growthBetween`. */
const startTolerance = 2000

/**
 * Thanos and VictoriaMetrics answer with what they have where a part of them does not answer, and say so in a warning.
 * Of an agent that goes on running nothing gets lost; what is missing next to an earlier sample was left out, and would
 * be taken for a restart. Undefined where nothing is missing.
 */
export function leftOut(
  before: AgentSample,
  after: AgentSample,
  { host, warnings }: { host: string; warnings: readonly string[] },
): Failure | undefined {
  if (before.startedAt === undefined) return undefined
  const moved = after.startedAt !== undefined && Math.abs(after.startedAt - before.startedAt) > startTolerance
  if (moved || !growthBetween(before, after).restarted) return undefined
  return {
    ...failureError('answer-invalid', 'scrape', `${host} left out a part of what it knows of this agent.`, {
      host,
      evidence: warnings.slice(0, 5).map((value) => ({ fact: 'message', value })),
      retryable: true,
      next: ['wait-and-retry', 'check-prometheus'],
    }).failure,
    answeredBy: 'prometheus',
  }
}
