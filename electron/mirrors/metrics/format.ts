/** `classic` is the Prometheus text format 0.0.4, `open` is OpenMetrics 1.0. */
export type Format = 'classic' | 'open'

export type FamilyType =
  | 'counter'
  | 'gauge'
  | 'histogram'
  | 'summary'
  | 'untyped' // of 0.0.4
  | 'unknown' // OpenMetrics' word for it
  | 'info'
  | 'stateset'
  | 'gaugehistogram'

/** What the series of a family are called behind its name, by its type. In 0.0.4 the bare name is read of any type. */
const endings: Record<Format, ReadonlyMap<string, readonly string[]>> = {
  classic: new Map([
    ['counter', ['']],
    ['gauge', ['']],
    ['histogram', ['_bucket', '_sum', '_count', '']],
    ['summary', ['', '_sum', '_count']],
    ['untyped', ['']],
  ]),
  open: new Map([
    ['counter', ['_total', '_created']],
    ['gauge', ['']],
    ['histogram', ['_bucket', '_sum', '_count', '_created']],
    ['summary', ['', '_sum', '_count', '_created']],
    ['unknown', ['']],
    ['info', ['_info']],
    ['stateset', ['']],
    ['gaugehistogram', ['_bucket', '_gsum', '_gcount']],
  ]),
}

/** Undefined where the format knows no such type. */
export function endingsOf(format: Format, type: string): readonly string[] | undefined {
  return endings[format].get(type)
}

/** The name a family has in 0.0.4, where counters carry their _total and infos their _info. */
export function classicName(name: string, type: FamilyType, format: Format): string {
  if (format === 'classic') return name
  if (type === 'counter') return `${name}_total`
  return type === 'info' ? `${name}_info` : name
}

/**
 * Which of the two a text is. A content-type that names one decides; without, a text that ends in `# EOF` or has a
 * UNIT line is OpenMetrics: in 0.0.4 both would be no more than comments.
 */
export function formatOf(bytes: Buffer, contentType = ''): Format {
  if (/^\s*application\/openmetrics-text\b/i.test(contentType)) return 'open'
  if (/^\s*text\/plain\b.*\bversion=["']?0\.0\.4\b/i.test(contentType)) return 'classic'
  return endOfMetrics(bytes) !== -1 || bytes.includes('\n# UNIT ') ? 'open' : 'classic'
}

/** Where the closing `# EOF` of OpenMetrics begins; its line feed may be missing. -1 where there is none. */
export function endOfMetrics(bytes: Buffer): number {
  const end = bytes.at(-1) === 0x0a ? bytes.length - 1 : bytes.length
  const begin = end - '# EOF'.length
  const isThere = bytes.toString('latin1', Math.max(0, begin), end) === '# EOF'
  return isThere && (begin === 0 || bytes[begin - 1] === 0x0a) ? begin : -1
}
