import { failureError } from '../../shared/model/local-failure.ts'

/** One series of a scrape. Values may be NaN or ±Infinity: the format allows them. */
export interface Sample {
  name: string
  labels: ReadonlyMap<string, string>
  value: number
}

export type FamilyType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'untyped'

export interface Family {
  type: FamilyType
  /** Empty for a family the caller did not ask to keep: that it exists is known, its series are not. */
  samples: Sample[]
}

/** Largest metrics text that is read, in bytes; a k3s node mixes some MiB of kubelet lines into it. */
export const maxMetricsBytes = 16 * 1024 * 1024
/** Series that are read at most from one text. */
export const maxSeries = 200_000

const blank = /^[ \t]*$/
const comment = /^[ \t]*#/
const types: ReadonlySet<string> = new Set(['counter', 'gauge', 'histogram', 'summary', 'untyped'])
const metricName = /[a-zA-Z_:][a-zA-Z0-9_:]*/y
const opening = /[ \t]*\{/y
const closing = /[ \t]*\}/y
const labelStart = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"/y
const labelChunk = /[^"\\]*/y
const labelEnd = /[ \t]*(?:,|(?=\}))/y
const rest = /[ \t]+([^ \t]+)(?:[ \t]+(-?[0-9]+))?[ \t]*$/y
const decimal = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/

/**
 * Parses the Prometheus text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats). Every line
 * is checked; the series of families for which `keep` says true are returned, of the others the type alone.
 * Series ending in _bucket, _sum and _count belong to the histogram or summary declared without the ending.
 * Throws a FailureError of kind `metrics-invalid` that names the line.
 */
export function parseMetrics(text: string, keep: (family: string) => boolean): Map<string, Family> {
  if (/^\s*</.test(text)) throw invalid('That is a page, not metrics: the text begins with "<".', 1)
  if (text !== '' && !text.endsWith('\n')) {
    throw invalid('The metrics break off: the last line does not end.', countLines(text))
  }
  const families = new Map<string, Family>()
  let series = 0
  let number = 0
  for (const line of linesOf(text)) {
    number += 1
    if (blank.test(line)) continue
    if (comment.test(line)) {
      readComment(line, number, families)
      continue
    }
    series += 1
    if (series > maxSeries) throw tooMany(number)
    const sample = readSample(line.replace(/^[ \t]+/, ''), number)
    const familyName = familyOf(sample.name, families)
    const family = families.get(familyName) ?? { type: 'untyped', samples: [] }
    families.set(familyName, family)
    if (keep(familyName)) family.samples.push(sample)
  }
  return families
}

/** Lines one by one, so that a text of many MiB is not held twice. */
function* linesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n', start)
    yield text.slice(start, end).replace(/\r$/, '')
    start = end + 1
  }
}

function readComment(line: string, number: number, families: Map<string, Family>): void {
  const type = /^[ \t]*#[ \t]+TYPE[ \t]+([^ \t]+)[ \t]+([^ \t]+)[ \t]*$/.exec(line)
  if (type === null) {
    if (/^[ \t]*#[ \t]+TYPE\b/.test(line)) throw invalid('A TYPE line names a metric and a type.', number)
    return
  }
  const [, name = '', kind = ''] = type
  if (!types.has(kind)) throw invalid(`"${kind.slice(0, 50)}" is no metric type.`, number)
  if (families.has(name)) {
    throw invalid(`The type of "${name.slice(0, 100)}" is named twice or after its series.`, number)
  }
  families.set(name, { type: kind as FamilyType, samples: [] })
}

function readSample(line: string, number: number): Sample {
  metricName.lastIndex = 0
  const name = metricName.exec(line)?.[0]
  if (name === undefined) throw invalid('A metric name is expected.', number)
  opening.lastIndex = name.length
  const labelled = opening.test(line)
  const { labels, end } = labelled
    ? readLabels(line, opening.lastIndex, number)
    : { labels: new Map<string, string>(), end: name.length }
  // the blank before the value may be left out behind a brace
  const tail = labelled ? ` ${line.slice(end)}` : line.slice(end)
  rest.lastIndex = 0
  const value = rest.exec(tail)?.[1]
  if (value === undefined) throw invalid('One value and at most a timestamp are expected.', number)
  return { name, labels, value: readValue(value, number) }
}

function readLabels(
  line: string,
  start: number,
  number: number,
): { labels: Map<string, string>; end: number } {
  const labels = new Map<string, string>()
  let at = start
  for (;;) {
    closing.lastIndex = at
    if (closing.test(line)) return { labels, end: closing.lastIndex }
    labelStart.lastIndex = at
    const label = labelStart.exec(line)?.[1]
    if (label === undefined) throw invalid('A label name, "=" and a quoted value are expected.', number)
    if (labels.has(label)) throw invalid(`The label "${label}" is there twice.`, number)
    const value = readQuoted(line, labelStart.lastIndex, number)
    labels.set(label, value.text)
    labelEnd.lastIndex = value.end
    if (!labelEnd.test(line)) throw invalid('"," or "}" is expected behind a label.', number)
    at = labelEnd.lastIndex
  }
}

function readQuoted(line: string, start: number, number: number): { text: string; end: number } {
  let text = ''
  let at = start
  for (;;) {
    labelChunk.lastIndex = at
    text += labelChunk.exec(line)?.[0] ?? ''
    at = labelChunk.lastIndex
    if (line[at] === '"') return { text, end: at + 1 }
    const escaped = line[at + 1]
    if (line[at] !== '\\' || escaped === undefined) throw invalid('A label value does not end.', number)
    if (escaped === 'n') text += '\n'
    else if (escaped === '"' || escaped === '\\') text += escaped
    else throw invalid(`"\\${escaped}" is no escape of this format.`, number)
    at += 2
  }
}

function readValue(text: string, number: number): number {
  if (decimal.test(text)) return Number(text)
  const special = /^([+-]?)(?:inf|infinity)$/i.exec(text)
  if (special !== null) return special[1] === '-' ? -Infinity : Infinity
  if (/^nan$/i.test(text)) return NaN
  throw invalid(`"${text.slice(0, 50)}" is no number.`, number)
}

function familyOf(series: string, families: ReadonlyMap<string, Family>): string {
  if (families.has(series)) return series
  const base = series.replace(/_(?:bucket|sum|count)$/, '')
  const type = families.get(base)?.type
  return type === 'histogram' || type === 'summary' ? base : series
}

function countLines(text: string): number {
  let lines = 1
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines += 1
  return lines
}

function invalid(why: string, line: number) {
  return failureError('metrics-invalid', 'scrape', `Line ${line}: ${why}`, {
    evidence: [{ fact: 'line', value: String(line) }],
    next: ['check-address'],
  })
}

function tooMany(line: number) {
  return failureError('metrics-invalid', 'scrape', `Line ${line}: more than ${maxSeries} series.`, {
    evidence: [
      { fact: 'line', value: String(line) },
      { fact: 'limit', value: `${maxSeries} series` },
    ],
    next: ['check-address'],
  })
}
