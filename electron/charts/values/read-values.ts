import { parseAllDocuments } from 'yaml'
import { hasEscapeOfJson, helmTags } from '../chart-yaml.ts'
import { isTable, type Table } from './tables.ts'

/** What is read of one values.yaml: bytes, depth, and values once aliases are followed. */
export const valuesLimits = { bytes: 1024 * 1024, depth: 200, values: 500_000 } as const

/** Why values.yaml cannot be read, or not be looked at. */
export class ValuesError extends Error {
  readonly reason: 'malformed' | 'too-large'

  constructor(reason: 'malformed' | 'too-large', message: string) {
    super(message)
    this.reason = reason
  }
}

/**
 * Reads values.yaml as Helm does: YAML 1.1, its documents merged in their order, every one of them a map or empty.
 * Throws ValuesError.
 */
export function readValues(bytes: Uint8Array): Table {
  if (bytes.length > valuesLimits.bytes) throw new ValuesError('too-large', 'it is too large')
  try {
    return parse(bytes)
  } catch (error) {
    if (error instanceof ValuesError) throw error
    if (error instanceof RangeError) throw tooDeep()
    // an alias of nothing
    if (error instanceof ReferenceError) throw new ValuesError('malformed', error.message)
    throw error
  }
}

function parse(bytes: Uint8Array): Table {
  const text = new TextDecoder().decode(bytes)
  const options = { version: '1.1', intAsBigInt: true, uniqueKeys: false, customTags: helmTags } as const
  const documents = parseAllDocuments(text, options)
  const budget = { values: 0 }
  let values: Table = {}
  for (const document of Array.isArray(documents) ? documents : []) {
    const [error] = document.errors
    // the reader says so of what is nested deeper than its stack
    if (error?.message.startsWith('Maximum call stack') === true) throw tooDeep()
    if (error !== undefined) throw new ValuesError('malformed', error.message.split('\n', 1)[0] ?? '')
    if (hasEscapeOfJson(document, text)) throw new ValuesError('malformed', 'it has an escape of JSON')
    // aliases share what they name, and the copy counts it
    const value = plain(document.toJS({ maxAliasCount: -1 }), budget, 0)
    if (value === null) continue
    if (!isTable(value)) throw new ValuesError('malformed', 'it is no map')
    values = overlay(values, value)
  }
  return values
}

function tooDeep(): ValuesError {
  return new ValuesError('too-large', 'it is nested too deep')
}

/** What JSON has of a value. */
function plain(value: unknown, budget: { values: number }, depth: number): unknown {
  budget.values += 1
  if (budget.values > valuesLimits.values || depth > valuesLimits.depth) {
    throw new ValuesError('too-large', 'it holds too many values')
  }
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map((item) => plain(item, budget, depth + 1))
  if (!isTable(value)) return value ?? null
  const entries = Object.entries(value).filter(([key]) => key !== '__proto__')
  return Object.fromEntries(entries.map(([key, item]) => [key, plain(item, budget, depth + 1)]))
}

/** Of two documents the later one counts. */
function overlay(below: Table, above: Table): Table {
  const merged = { ...below }
  for (const [key, value] of Object.entries(above)) {
    const before = Object.hasOwn(merged, key) ? merged[key] : undefined
    merged[key] = isTable(value) && isTable(before) ? overlay(before, value) : value
  }
  return merged
}
