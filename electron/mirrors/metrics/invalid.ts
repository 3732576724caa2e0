import type { FailureError } from '../../../shared/model/failure.ts'
import { failureError } from '../../../shared/model/local-failure.ts'

const lineFeed = 10

/** The Failure of a metrics text: `why` ends in a full stop; the line is counted only now, from the byte that is wrong. */
export function invalidText(bytes: Uint8Array, at: number, why: string): FailureError {
  const line = String(lineOf(bytes, at))
  return failureError('metrics-invalid', 'scrape', `Line ${line}: ${why}`, {
    evidence: [{ fact: 'line', value: line }],
    next: ['check-address'],
  })
}

/** A text that is larger than anything an agent says. */
export function tooLarge(bytes: Uint8Array, at: number, limit: string): FailureError {
  const line = String(lineOf(bytes, at))
  return failureError('metrics-invalid', 'scrape', `Line ${line}: more than ${limit}.`, {
    evidence: [
      { fact: 'line', value: line },
      { fact: 'limit', value: limit },
    ],
    next: ['check-address'],
  })
}

/** Number of the line a byte is in, from 1. */
function lineOf(bytes: Uint8Array, at: number): number {
  let line = 1
  for (let end = bytes.indexOf(lineFeed); end !== -1 && end < at; end = bytes.indexOf(lineFeed, end + 1)) {
    line += 1
  }
  return line
}
