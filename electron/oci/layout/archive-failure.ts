import type { Evidence, FailureError } from '../../../shared/model/failure.ts'
import { failureError } from '../../../shared/model/local-failure.ts'

/** What is offered as an archive or a layout does not hold; with `entry`, `why` is about that entry of it. */
export function archiveInvalid(why: string, entry?: string, evidence: Evidence[] = []): FailureError {
  if (entry === undefined)
    return failureError('archive-invalid', 'input', why, { evidence, next: ['choose-another-file'] })
  return failureError('archive-invalid', 'input', `"${entry.slice(0, 200)}" is refused: ${why}.`, {
    evidence: [{ fact: 'entry', value: entry.slice(0, 2000) }, ...evidence],
    next: ['choose-another-file'],
  })
}

/** A limit of this app was passed. */
export function archiveTooLarge(what: string, limit: number, entry?: string): FailureError {
  const evidence: Evidence[] = [{ fact: 'limit', value: String(limit) }]
  if (entry !== undefined) evidence.push({ fact: 'entry', value: entry.slice(0, 2000) })
  return failureError('file-too-large', 'input', `${what}: the limit is ${limit}.`, {
    evidence,
    next: ['choose-another-file'],
  })
}
