import { Ajv, type AnySchema, type ErrorObject, type Options, type ValidateFunction } from 'ajv'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { Ajv2020 } from 'ajv/dist/2020.js'
import draft06 from 'ajv/dist/refs/json-schema-draft-06.json' with { type: 'json' }
import { fullFormats } from 'ajv-formats/dist/formats.js'
import { RE2JS } from 're2js'
import { isTable, type Table } from './tables.ts'

/** Bytes of a schema, how deep it goes and how many schemas of one address may be missing. */
export const schemaLimits = { bytes: 1024 * 1024, depth: 200, missing: 20 } as const

/** What became of holding values against a schema. */
export type SchemaResult =
  | { outcome: 'ok' }
  | { outcome: 'mismatch'; problems: readonly Problem[] }
  /** Helm cannot use the schema either. */
  | { outcome: 'invalid'; why: string }
  /** It refers to a schema elsewhere, which is never fetched. */
  | { outcome: 'remote'; address: string }
  /** It is too large to be looked at. */
  | { outcome: 'unknown'; why: string }

/** Where the values are wrong, as a JSON pointer, and what is wrong there. */
export interface Problem {
  path: string
  why: string
}

/** Formats Helm's library asserts, and only of drafts up to 7 (santhosh-tekuri/jsonschema v6, format.go and draft.go). */
const formats = [
  'json-pointer',
  'relative-json-pointer',
  'uuid',
  'duration',
  'ipv4',
  'ipv6',
  'hostname',
  'email',
  'date',
  'time',
  'date-time',
  'uri',
  'uri-reference',
  'uri-template',
] as const

/**
 * Holds values against a values.schema.json as Helm does: by the draft it names, else 2020-12, patterns in Go's syntax.
 * Nothing is fetched. Time is for the caller to bound: a schema can be written to take for ever.
 *
 * @param all whether to name every problem, or the first one only
 */
export function validate(values: Table, schemaBytes: Uint8Array, all: boolean): SchemaResult {
  if (schemaBytes.length > schemaLimits.bytes) return { outcome: 'unknown', why: 'it is too large' }
  let schema: unknown
  try {
    schema = JSON.parse(new TextDecoder().decode(schemaBytes))
  } catch (error) {
    return { outcome: 'invalid', why: messageOf(error) }
  }
  if (depthOf(schema) > schemaLimits.depth) return { outcome: 'unknown', why: 'it is nested too deep' }
  const draft = draftOf(schema)
  if (draft === undefined) {
    const address = isTable(schema) ? String(schema['$schema']).slice(0, 300) : ''
    return { outcome: 'remote', address }
  }
  try {
    return compare(values, draft >= 2019 ? schema : rewritten(schema, draft), draft, all)
  } catch (error) {
    if (error instanceof RangeError) return { outcome: 'invalid', why: 'it refers to itself without end' }
    throw error
  }
}

function compare(values: Table, schema: unknown, draft: Draft, all: boolean): SchemaResult {
  const compiled = compile(schema, draft, all)
  if (typeof compiled !== 'function') return compiled
  if (compiled(values)) return { outcome: 'ok' }
  return { outcome: 'mismatch', problems: (compiled.errors ?? []).map(problemOf) }
}

type Draft = 2020 | 2019 | 7 | 6 | 4

function draftOf(schema: unknown): Draft | undefined {
  const named = isTable(schema) ? schema['$schema'] : undefined
  if (typeof named !== 'string') return 2020
  switch (named.replace(/^https?:\/\//, '').replace(/#$/, '')) {
    case 'json-schema.org/schema':
    case 'json-schema.org/draft/2020-12/schema':
      return 2020
    case 'json-schema.org/draft/2019-09/schema':
      return 2019
    case 'json-schema.org/draft-07/schema':
      return 7
    case 'json-schema.org/draft-06/schema':
      return 6
    case 'json-schema.org/draft-04/schema':
      return 4
    default:
      return undefined
  }
}

/** Compiles the schema; addresses of kind `urn:` are taken for schemas that allow everything, as Helm takes them. */
function compile(schema: unknown, draft: Draft, all: boolean): ValidateFunction | SchemaResult {
  const ajv = validatorOf(draft, all)
  for (let missing = 0; ; missing += 1) {
    try {
      return ajv.compile(withoutDraft(schema, draft))
    } catch (error) {
      if (error instanceof RangeError) throw error
      const address = missingOf(error)
      if (address === undefined) return { outcome: 'invalid', why: messageOf(error) }
      if (!address.startsWith('urn:') || missing >= schemaLimits.missing)
        return { outcome: 'remote', address }
      ajv.addSchema({}, address)
    }
  }
}

/** The many spellings of an address of a draft are not all known to the library. */
function withoutDraft(schema: unknown, draft: Draft): AnySchema {
  if (!isTable(schema)) return schema as AnySchema
  const { $schema: _, ...rest } = schema
  return draft === 6 || draft === 4 ? { $schema: draft06.$id, ...rest } : rest
}

function validatorOf(draft: Draft, all: boolean): Ajv {
  const asserted = draft <= 7
  const options: Options = {
    strict: false,
    allErrors: all,
    inlineRefs: false,
    logger: false,
    validateFormats: asserted,
    code: { regExp: goRegExp },
  }
  const ajv = draft === 2020 ? new Ajv2020(options) : draft === 2019 ? new Ajv2019(options) : new Ajv(options)
  if (draft === 6 || draft === 4) ajv.addMetaSchema(draft06)
  if (asserted) for (const name of formats) ajv.addFormat(name, fullFormats[name])
  ajv.addFormat('regex', isGoRegExp)
  return ajv
}

/** Go's regular expressions: no look-around and no back-references, and linear in time. */
const goRegExp = Object.assign((pattern: string) => RE2JS.compile(pattern), { code: 'goRegExp' })

function isGoRegExp(pattern: string): boolean {
  try {
    RE2JS.compile(pattern)
    return true
  } catch {
    return false
  }
}

/**
 * Up to draft 7 what stands beside a `$ref` does not count, but may be referred to. Draft 4 becomes draft 6, which differs
 * from it in the name of an address and in limits that are to be passed.
 */
function rewritten(schema: unknown, draft: Draft): unknown {
  if (Array.isArray(schema)) return schema.map((item) => rewritten(item, draft))
  if (!isTable(schema)) return schema
  const isReference = typeof schema['$ref'] === 'string'
  const kept = Object.entries(schema).filter(([key]) => !isReference || besideReference.has(key))
  const inside = Object.fromEntries(
    kept.map(([key, value]) => [key, data.has(key) ? value : rewritten(value, draft)]),
  )
  return draft === 4 ? fromDraft4(inside) : inside
}

function fromDraft4(schema: Table): Table {
  const { id, ...rest } = schema
  const named = typeof id === 'string' ? { ...rest, $id: id } : schema
  return exclusive(exclusive(named, 'minimum', 'exclusiveMinimum'), 'maximum', 'exclusiveMaximum')
}

function exclusive(schema: Table, limit: string, flag: string): Table {
  if (typeof schema[flag] !== 'boolean') return schema
  const { [limit]: value, [flag]: isExclusive, ...rest } = schema
  return { ...rest, ...(value === undefined ? {} : { [isExclusive === true ? flag : limit]: value }) }
}

const besideReference: ReadonlySet<string> = new Set(['$ref', '$schema', 'definitions', '$defs'])
/** Keywords whose values are no schemas. */
const data: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'examples'])

function depthOf(value: unknown): number {
  let level: unknown[] = [value]
  let depth = 0
  while (level.length > 0) {
    depth += 1
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []))
  }
  return depth
}

function missingOf(error: unknown): string | undefined {
  const { missingSchema } = error as { missingSchema?: unknown }
  return typeof missingSchema === 'string' && missingSchema !== '' ? missingSchema.slice(0, 300) : undefined
}

function problemOf({ instancePath, message = 'is wrong', keyword, params }: ErrorObject): Problem {
  const extra: unknown = keyword === 'additionalProperties' ? params['additionalProperty'] : undefined
  const choices: unknown = keyword === 'enum' ? params['allowedValues'] : undefined
  const more =
    typeof extra === 'string' ? `: ${extra}` : Array.isArray(choices) ? `: ${choices.join(', ')}` : ''
  return {
    path: instancePath === '' ? '/' : instancePath.slice(0, 300),
    why: `${message}${more}`.slice(0, 300),
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 300) : 'it is malformed'
}
