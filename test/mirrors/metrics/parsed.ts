import { parseMetrics } from '../../../electron/mirrors/metrics/parse.ts'
import { type Failure, FailureError } from '../../../shared/model/failure.ts'

export const openMetrics = 'application/openmetrics-text; version=1.0.0; charset=utf-8'
export const classic = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'

/** All families of a text with all their series, as plain values. */
export function parsed(text: string | Uint8Array, contentType?: string) {
  const families = parseMetrics(Buffer.from(text), () => true, contentType)
  return [...families].map(([name, { type, count, series }]) => ({
    name,
    type,
    count,
    series: series.map((one) => ({
      name: one.name,
      labels: Object.fromEntries(one.labels.entries()),
      value: one.value,
    })),
  }))
}

/** The Failure a reader throws; anything else it throws goes on. */
export function failureOf(read: () => unknown): Failure {
  try {
    read()
  } catch (error) {
    if (error instanceof FailureError) return error.failure
    throw error
  }
  throw new Error('it was read')
}

/** What is wrong with a text, and in which line. */
export function wrong(text: string | Uint8Array, contentType?: string): { line: string; why: string } {
  const { kind, evidence, message } = failureOf(() => parsed(text, contentType))
  if (kind !== 'metrics-invalid') throw new Error(`it is ${kind}`)
  return { line: evidence.find(({ fact }) => fact === 'line')?.value ?? '', why: message }
}
