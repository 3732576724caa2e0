import { isUtf8 } from 'node:buffer'
import { readDescription } from './description.ts'
import { Families, type Family, type IsWanted } from './families.ts'
import { endOfMetrics, type Format, formatOf } from './format.ts'
import { invalidText, tooLarge } from './invalid.ts'
import { SeriesReader } from './series.ts'
import { behindLine, endOfBlanks } from './tokens.ts'

/** Largest metrics text that is read, in bytes; a k3s node mixes some MiB of kubelet lines into it. */
export const maxMetricsBytes = 16 * 1024 * 1024
/** Series that are read at most from one text. */
export const maxSeries = 200_000

/**
 * Parses a metrics text: the Prometheus text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats) or
 * OpenMetrics 1.0, whichever `contentType` or the text itself says. Every line is checked; of series for whose name (with
 * its ending, `x_sum`) `isWanted` says true all are kept, or the first alone, the others are counted. No series that is
 * kept may be there twice. Families go by the name they have in 0.0.4. Throws a FailureError of kind `metrics-invalid`
 * that names the line.
 */
export function parseMetrics(
  body: Uint8Array,
  isWanted: IsWanted,
  contentType?: string,
): ReadonlyMap<string, Family> {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  if (bytes.length > maxMetricsBytes) throw tooLarge(bytes, maxMetricsBytes, `${maxMetricsBytes} bytes`)
  if (isPage(bytes)) throw invalidText(bytes, 0, 'That is a page, not metrics: the text begins with "<".')
  const format = formatOf(bytes, contentType)
  const end = endOfLines(bytes, format)
  if (!isUtf8(bytes)) throw notUtf8(bytes)
  const families = new Families(bytes, format, isWanted)
  readLines(bytes, end, format === 'open', families)
  return families.result()
}

function readLines(bytes: Buffer, end: number, isOpen: boolean, families: Families): void {
  const reader = new SeriesReader(bytes, isOpen)
  let count = 0
  for (let line = 0; line < end;) {
    const at = isOpen ? line : endOfBlanks(bytes, line)
    if (bytes[at] === 0x23 /* # */) {
      line = readDescription(bytes, at, isOpen, families)
      reader.forget()
    } else if (
      !isOpen &&
      (bytes[at] === 0x0a || bytes[at] === 0x0d) &&
      behindLine(bytes, at, isOpen) !== -1
    ) {
      line = behindLine(bytes, at, isOpen)
    } else {
      count += 1
      if (count > maxSeries) throw tooLarge(bytes, at, `${maxSeries} series`)
      line = reader.read(at)
      if (!reader.hasSameName) families.enter(reader, at)
      families.add(reader, at)
    }
  }
}

function isPage(bytes: Buffer): boolean {
  return /^\s*</.test(bytes.toString('latin1', 0, 1000))
}

/** Where the lines end: a text that was cut is none, since its last number may be cut too. */
function endOfLines(bytes: Buffer, format: Format): number {
  if (format === 'open') {
    const end = endOfMetrics(bytes)
    if (end !== -1) return end
    throw invalidText(bytes, bytes.length, 'The metrics break off: OpenMetrics ends in "# EOF".')
  }
  if (bytes.length === 0 || bytes.at(-1) === 0x0a) return bytes.length
  throw invalidText(bytes, bytes.length, 'The metrics break off: the last line does not end.')
}

function notUtf8(bytes: Buffer) {
  let line = 0
  for (;;) {
    const end = bytes.indexOf(0x0a, line)
    if (end === -1 || !isUtf8(bytes.subarray(line, end)))
      return invalidText(bytes, line, 'That is not UTF-8.')
    line = end + 1
  }
}
