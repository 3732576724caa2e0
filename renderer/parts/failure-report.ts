import type { Failure } from '../../shared/model/failure.ts'

/**
 * A Failure as text for a ticket or a chat. English and by id whatever the window's language is: it goes to
 * people and tools elsewhere. A Failure holds no secret, so neither does this.
 */
export function failureReport(failure: Failure): string {
  const lines = [
    failure.message,
    `kind: ${failure.kind}`,
    `step: ${failure.phase}`,
    `answered by: ${failure.answeredBy}`,
    ...(failure.host === undefined ? [] : [`host: ${failure.host}`]),
    ...(failure.status === undefined ? [] : [`status: ${failure.status}`]),
    ...failure.ociErrors.map((one) => `registry error: ${one.code}${one.message ? `: ${one.message}` : ''}`),
    ...failure.evidence.map((one) => `evidence: ${one.fact} = ${one.value}`),
    ...(failure.next.length === 0 ? [] : [`next: ${failure.next.join(', ')}`]),
  ]
  return lines.join('\n')
}
