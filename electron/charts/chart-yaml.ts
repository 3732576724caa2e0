import { type CollectionTag, type Document, parseDocument, type ScalarTag, type Tags, visit } from 'yaml'
import { type ChartMetadata, chartMetadataSchema } from '../../shared/model/chart.ts'
import { FailureError } from '../../shared/model/failure.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import { goMap, goText } from './go-json.ts'

type Fields = Record<string, unknown>

/** What each field of Chart.yaml holds; a field that is not named here is kept and means nothing to Helm. */
const chartFields = {
  apiVersion: 'text',
  name: 'text',
  version: 'text',
  kubeVersion: 'text',
  description: 'text',
  type: 'text',
  keywords: 'texts',
  home: 'text',
  sources: 'texts',
  dependencies: 'dependencies',
  maintainers: 'maintainers',
  icon: 'text',
  appVersion: 'text',
  deprecated: 'flag',
  annotations: 'text map',
  condition: 'text',
  tags: 'text',
} as const
const maintainerFields = { name: 'text', email: 'text', url: 'text' } as const
const dependencyFields = {
  name: 'text',
  version: 'text',
  repository: 'text',
  condition: 'text',
  tags: 'texts',
  enabled: 'flag',
  'import-values': 'any list',
  alias: 'text',
} as const
type Shape =
  | (typeof chartFields)[keyof typeof chartFields]
  | (typeof dependencyFields)[keyof typeof dependencyFields]

/** A version as Masterminds/semver's NewVersion takes it: `v1`, `1.2` and `1.2.3-rc.1+build` are all one. */
const versionPattern =
  /^v?\d+(?:\.\d+){0,2}(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/

/**
 * Reads Chart.yaml, and requirements.yaml of charts of apiVersion v1, as Helm loads them: YAML 1.1, numbers
 * where text is wanted become text, field names in any case, control characters dropped from single-line
 * fields. Throws a FailureError of kind `chart-invalid` that names the field or the line.
 */
export function readChartYaml(chartYaml: Uint8Array, requirementsYaml?: Uint8Array): ChartMetadata {
  const fields = shaped('', parseFields('Chart.yaml', chartYaml), chartFields)
  if (requirementsYaml !== undefined) {
    Object.assign(fields, shaped('', parseFields('requirements.yaml', requirementsYaml), chartFields))
  }
  // Helm 2 let charts leave it out, and Helm still reads those as v1
  if (fields['apiVersion'] === undefined || fields['apiVersion'] === '') fields['apiVersion'] = 'v1'
  const parsed = chartMetadataSchema.safeParse(fields)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw invalid(`"${issue?.path.join('.') ?? ''}" is missing or of the wrong kind`)
  }
  checkRules(parsed.data)
  return parsed.data
}

/** What Chart.lock, or requirements.lock of a v1 chart, says; null where it names no dependencies at all. */
export interface ChartLock {
  generated?: string
  digest: string
  dependencies: Fields[] | null
}

/** Reads Chart.lock as Helm loads it. Throws a FailureError of kind `chart-invalid`: Helm takes no chart with a broken one. */
export function readChartLock(file: string, bytes: Uint8Array): ChartLock {
  const fields = shaped('', parseFields(file, bytes), {
    generated: 'text',
    digest: 'text',
    dependencies: 'dependencies',
  })
  const { generated, digest = '', dependencies = null } = fields as Partial<ChartLock>
  return { ...(generated !== undefined ? { generated } : {}), digest, dependencies }
}

function parseFields(file: string, bytes: Uint8Array): Fields {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    const document = parseDocument(text, {
      version: '1.1',
      intAsBigInt: true,
      uniqueKeys: false,
      customTags: helmTags,
    })
    // Helm reads the first document of a file and leaves the others
    const error = document.errors.find(({ code }) => code !== 'MULTIPLE_DOCS')
    if (error !== undefined) {
      throw invalid(`${file} is no YAML: ${error.message.split('\n', 1)[0]}`, error.linePos?.[0].line)
    }
    if (hasEscapeOfJson(document, text))
      throw invalid(`${file} has an escape that JSON has and YAML 1.1 has not`)
    // a file of nothing but comments is one without fields
    const value: unknown = document.toJS({ maxAliasCount: 100 }) ?? {}
    if (!isFields(value)) throw invalid(`${file} holds no fields`)
    return value
  } catch (error) {
    if (error instanceof FailureError) throw error
    // aliases that multiply, nesting too deep for the stack, bytes that are no UTF-8
    throw invalid(`${file} cannot be read: ${error instanceof Error ? error.message : 'it is malformed'}`)
  }
}

/** Go's reader stops at `\/` and at halves of a pair like `\ud83d`, which programs that write JSON put into text. */
export function hasEscapeOfJson(document: Document, text: string): boolean {
  let found = false
  visit(document, {
    Scalar: (_key, { type, range }) => {
      if (type !== 'QUOTE_DOUBLE' || !range) return undefined
      const source = text.slice(range[0], range[1]).replaceAll('\\\\', '')
      found ||= /\\(?:\/|u[dD][89a-fA-F])/.test(source)
      return found ? visit.BREAK : undefined
    },
  })
  return found
}

/** YAML 1.1 without what Go's reader has not: dates and sexagesimal numbers stay text, as does a float past its range. */
export function helmTags(tags: Tags): Tags {
  const kept = tags.flatMap((tag): Tags => {
    if (typeof tag === 'string') return [tag]
    if (tag.tag === 'tag:yaml.org,2002:timestamp' || formatOf(tag) === 'TIME') return []
    return [tag.collection === undefined ? asGo(tag) : tag]
  })
  return [goInteger, ...kept]
}

function asGo(tag: ScalarTag): ScalarTag {
  if (tag.test?.test('.') === true) return { ...tag, test: fraction }
  return tag.format === 'EXP' ? { ...tag, resolve: exponentOrText } : tag
}

/** A dot alone is no number. */
const fraction = /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*|[-+]\._*[0-9][0-9_]*|\.[0-9]+)$/

/** Go reads integers with its own prefixes too: `0o17`, and all of them in upper case. */
const goInteger: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?0(?:[oO]_*[0-7][0-7_]*|X_*[0-9a-fA-F][0-9a-fA-F_]*|B_*[01][01_]*)$/,
  resolve: (text) => {
    const value = BigInt(text.replaceAll('_', '').replace(/^[-+]/, '').toLowerCase())
    return text.startsWith('-') ? -value : value
  },
}

function formatOf(tag: ScalarTag | CollectionTag): string | undefined {
  return 'format' in tag ? tag.format : undefined
}

/** A short commit hash may look like 1234e567. */
function exponentOrText(text: string): number | string {
  const value = Number(text.replaceAll('_', ''))
  return Number.isFinite(value) ? value : text
}

/** Brings each known field into its Go type; what is null is as if it were not there. */
function shaped(where: string, given: Fields, shapes: Readonly<Record<string, Shape>>): Fields {
  // encoding/json matches the names of struct fields in any case
  const spelling = new Map(Object.keys(shapes).map((name) => [name.toLowerCase(), name]))
  const fields: Fields = {}
  // in the order of the JSON that Helm reads: where two spellings name one field, the last one counts
  for (const [key, value] of Object.entries(goMap(given))) {
    const name = spelling.get(key.toLowerCase()) ?? key
    if (value === null || value === undefined) continue
    const shape = Object.hasOwn(shapes, name) ? shapes[name] : undefined
    fields[name] = shape === undefined ? plain(value) : inShape(`${where}${name}`, value, shape)
  }
  return fields
}

function inShape(name: string, value: unknown, shape: Shape): unknown {
  switch (shape) {
    case 'text':
      return textOf(name, value)
    case 'flag':
      if (typeof value !== 'boolean') throw invalid(`"${name}" must be true or false`)
      return value
    case 'texts':
      return listOf(name, value).map((item, index) =>
        item === null ? '' : textOf(`${name}[${index}]`, item),
      )
    case 'any list':
      return plain(listOf(name, value))
    case 'text map':
      if (!isFields(value)) throw invalid(`"${name}" must be a map`)
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [
          key,
          item === null ? '' : textOf(`${name}.${key}`, item, false),
        ]),
      )
    case 'maintainers':
      return structsOf(name, value, maintainerFields)
    case 'dependencies':
      return structsOf(name, value, dependencyFields)
  }
}

function structsOf(name: string, value: unknown, shapes: Readonly<Record<string, Shape>>): Fields[] {
  return listOf(name, value).map((item, index) => {
    if (!isFields(item)) throw invalid(`"${name}[${index}]" must be a map`)
    return { name: '', ...shaped(`${name}[${index}].`, item, shapes) }
  })
}

function textOf(name: string, value: unknown, clean = true): string {
  const text = goText(value)
  if (text === undefined) throw invalid(`"${name}" must be text`)
  return clean && !verbatim.has(name) ? sanitized(text) : text
}

/** Fields that Helm checks instead of cleaning. */
const verbatim = new Set(['apiVersion', 'version', 'type'])

/** White space of any kind becomes a space, what cannot be printed goes: Helm's rule for text that is shown. */
function sanitized(text: string): string {
  return text.replace(/\p{White_Space}/gu, ' ').replace(/[^ \p{L}\p{M}\p{N}\p{P}\p{S}]/gu, '')
}

function checkRules(metadata: ChartMetadata): void {
  const { apiVersion, name, version, type = '', dependencies = [] } = metadata
  if (apiVersion !== 'v1' && apiVersion !== 'v2') {
    throw invalid(`"apiVersion" must be v1 or v2, not "${apiVersion.slice(0, 100)}"`)
  }
  if (name === '') throw invalid('"name" is empty')
  if (/[/\\]/.test(name) || name === '.' || name === '..') throw invalid('"name" must not be a path')
  if (!versionPattern.test(version)) {
    throw invalid(`"version" must be a semantic version, not "${version.slice(0, 100)}"`)
  }
  if (!['', 'application', 'library'].includes(type)) {
    throw invalid('"type" must be application or library')
  }
  const known = new Set<string>()
  for (const dependency of dependencies) {
    const { alias = '' } = dependency
    if (alias !== '' && !/^[a-zA-Z0-9_-]+$/.test(alias)) {
      throw invalid(`"dependencies" has an alias that is none: "${alias.slice(0, 100)}"`)
    }
    const called = alias === '' ? dependency.name : alias
    if (known.has(called)) throw invalid(`"dependencies" has "${called.slice(0, 100)}" twice`)
    known.add(called)
  }
}

/** The same as JSON has it, so that it can cross the wire. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? Number(item) : item)),
  )
}

function listOf(name: string, value: unknown): unknown[] {
  if (!Array.isArray(value)) throw invalid(`"${name}" must be a list`)
  return value
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(why: string, line?: number): FailureError {
  return failureError('chart-invalid', 'input', `The chart's metadata is invalid: ${why.slice(0, 500)}.`, {
    ...(line !== undefined ? { evidence: [{ fact: 'line', value: String(line) }] } : {}),
    next: ['repackage-chart', 'choose-another-file'],
  })
}
