import { failureError } from '../../shared/model/local-failure.ts'

/** Levels an answer may nest: far above any schema of ours, far below what a stack holds. */
const maxDepth = 200

/**
 * Throws a FailureError of kind `internal` unless `value` means the same after JSON: a function, a symbol, a
 * class instance or a ring would get lost or cut a stream in two on the way, each carrier in its own manner.
 */
export function assertSendable(value: unknown, depth = 0): void {
  if (value === undefined || value === null) return
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return
  if (typeof value !== 'object') throw unsendable(`a ${typeof value}`)
  if (depth === maxDepth) throw unsendable(`nesting deeper than ${maxDepth} levels`)
  if (Array.isArray(value)) {
    for (const item of value) assertSendable(item, depth + 1)
    return
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    throw unsendable(`a ${value.constructor.name || 'nameless class'}`)
  }
  for (const item of Object.values(value)) assertSendable(item, depth + 1)
}

function unsendable(what: string): Error {
  return failureError('internal', 'wire', `An answer held ${what}, which cannot cross the wire.`, {
    next: ['report-bug'],
  })
}
