import { accessRows } from './explain-access.ts'
import { answererOf } from './explain-answerer.ts'
import { clusterRows } from './explain-cluster.ts'
import { contentRows } from './explain-content.ts'
import { evidenceOf, type ExplainInput, factsOf } from './explain-facts.ts'
import { faultRows } from './explain-faults.ts'
import { prometheusRows } from './explain-prometheus.ts'
import type { Answered, Row } from './explain-row.ts'
import { uploadRows } from './explain-upload.ts'
import { addressRows, wayRows } from './explain-way.ts'
import type { Answerer, Failure } from './failure.ts'

/**
 * THE table: what an answer means and what to try next. It reads from top to bottom and the first row that holds
 * decides. Codes are those of distribution-spec v1.1 ("Error Codes"), of distribution's registry/api/errcode and of
 * single registries; rows without a code go by author and status together. Every row has its test in
 * test/shared/explain.*.test.ts, by the sections of the notes it comes from.
 */
export const table: readonly Row[] = [
  ...addressRows,
  ...clusterRows,
  ...prometheusRows,
  // any other 5xx is decided here and nowhere below, whatever its body says
  ...faultRows,
  ...accessRows,
  ...uploadRows,
  ...contentRows,
  ...wayRows,
]

/** Who answered, decided from evidence and never from the status alone; for answers of any status. */
export function whoAnswered(input: ExplainInput): Answerer {
  return answererOf(factsOf(input))
}

/** Explains an answer that is not what was asked for: its kind, its author, the evidence and what to try next. */
export function explainAnswer(input: ExplainInput): Failure {
  const facts = factsOf(input)
  const answer: Answered = { ...facts, by: answererOf(facts) }
  const row = table.find(({ when }) => when(answer))
  if (row === undefined) throw new Error('the last row of the table holds for every answer')
  const say = typeof row.say === 'function' ? row.say(answer) : row.say
  const said = answer.ociErrors[0]
  const detail = said === undefined ? '' : ` (${[said.code, said.message].filter(Boolean).join(': ')})`
  return {
    kind: row.kind,
    phase: input.phase,
    message: `${input.host} ${say}: HTTP ${input.status}${detail}.`,
    host: input.host,
    status: input.status,
    ociErrors: answer.ociErrors,
    answeredBy: answer.by,
    evidence: evidenceOf(facts),
    retryable: row.retryable ?? false,
    next: typeof row.next === 'function' ? row.next(answer) : row.next,
  }
}
