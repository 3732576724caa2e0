import { failureError } from '../../../../shared/model/local-failure.ts'
import type { Failure } from '../../../../shared/model/failure.ts'
import type { AgentSample } from '../../metrics/sample.ts'

const kinds = [
  'startedAt',
  'lastSuccessAt',
  'answers',
  'served',
  'notFound',
  'bytes',
  'resolve',
  'readiness',
] as const
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
  const { startedAt } = before
  const moved =
    startedAt !== undefined &&
    after.startedAt !== undefined &&
    Math.abs(after.startedAt - startedAt) > startTolerance
  const registries = new Set(after.counts.map(({ registry }) => registry))
  const lacks =
    kinds.some((kind) => before[kind] !== undefined && after[kind] === undefined) ||
    before.counts.some(({ registry }) => !registries.has(registry))
  if (moved || !lacks) return undefined
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
