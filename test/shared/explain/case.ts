import type { ExplainInput } from '../../../shared/model/explain-facts.ts'
import type { Answerer, FailureKind, NextStep } from '../../../shared/model/failure.ts'

/** An answer as it was seen, and what it must be called. */
export interface Case {
  what: string
  input: ExplainInput
  verdict: `${FailureKind} by ${Answerer}`
  next: NextStep[]
}

export type Seen = Partial<ExplainInput> & { status: number }

/** One line of a table: what happened, the answer, its verdict, and what to try, in this order. */
export function seen(what: string, answer: Seen, verdict: Case['verdict'], next: NextStep[]): Case {
  const asked = { phase: 'manifest', role: 'registry', method: 'GET', host: 'registry.invalid' } as const
  return { what, input: { ...asked, headers: {}, body: '', ...answer }, verdict, next }
}

const json = { 'content-type': 'application/json; charset=utf-8' }
const version = { 'docker-distribution-api-version': 'registry/2.0' }
const errors = (code: string, message: string, detail: unknown) =>
  JSON.stringify({ errors: [{ code, message, detail }] })

/** distribution: an OCI error and its API version. */
export const distribution = (status: number, code: string, message = '', detail: unknown = {}): Seen => ({
  status,
  headers: { ...json, ...version },
  body: errors(code, message, detail),
})
/** distribution where it says nothing. */
export const distributionBare = (status: number): Seen => ({ status, headers: version })
/** Any other registry: an OCI error and no API version. */
export const oci = (status: number, code: string, message = '', detail: unknown = null): Seen => ({
  status,
  headers: json,
  body: errors(code, message, detail),
})
/** A page of HTML. */
export const page = (status: number, title = String(status), server = 'nginx/1.27.0'): Seen => ({
  status,
  headers: { 'content-type': 'text/html', ...(server === '' ? {} : { server }) },
  body: `<html><head><title>${title}</title></head><body></body></html>`,
})
/** One line of text, as Go's net/http and Spegel up to 0.3 write it. */
export const text = (status: number, line: string): Seen => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: line,
})

export const patch = { phase: 'upload-body', method: 'PATCH', strategy: 'streamed-patch' } as const
export const put = { phase: 'upload-body', method: 'PUT', strategy: 'buffered' } as const
export const streamedPut = { phase: 'upload-body', method: 'PUT', strategy: 'streamed-put' } as const
export const chunk = { phase: 'upload-body', method: 'PATCH', strategy: 'chunked' } as const
export const commit = { phase: 'upload-commit', method: 'PUT' } as const
export const session = { phase: 'upload-session', method: 'POST' } as const
export const manifestPut = { phase: 'manifest-put', method: 'PUT' } as const
export const mirror = { role: 'mirror', phase: 'pull' } as const
