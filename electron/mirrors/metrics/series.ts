import { invalidText } from './invalid.ts'
import { LabelReader, type Labels } from './labels.ts'
import {
  behindLine,
  endOfBlanks,
  endOfName,
  endOfNumber,
  endOfTimestamp,
  endOfWhole,
  noNumber,
  numberOf,
} from './tokens.ts'

/** One series. Its value may be NaN or ±Infinity: the formats allow them. */
export interface Series {
  /** With its ending: `http_request_duration_seconds_count`. */
  name: string
  labels: Labels
  value: number
}

/** Reads the lines that carry series, one at a time; the parts of the last one can be asked for. */
export class SeriesReader {
  /** Whether the last line has the name of the one before. */
  hasSameName = false
  nameEnd = 0
  /** How many of its first bytes at least are those of the line before. */
  shared = 0
  readonly #bytes: Buffer
  readonly #view: DataView
  readonly #isOpen: boolean
  readonly #labels: LabelReader
  /** Of its own: the labels of the series may be asked for behind it. */
  #exemplar: LabelReader | undefined
  /** Begin of the last line; -1 where the next one is to be read whole. */
  #line = -1
  #labelsAt = 0
  #labelsEnd = 0
  #valueAt = 0
  #valueEnd = 0
  #name = ''
  #scope = ''

  constructor(bytes: Buffer, isOpen: boolean) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#isOpen = isOpen
    this.#labels = new LabelReader(bytes, isOpen)
  }

  /**
   * The series of the last line. No other has its `scope` and `last` value: its text before the last value, the same
   * string for lines that share it, or what that would be without the freedoms the format gives.
   */
  series(): { series: Series; scope: string; last: string } {
    // a line before that has the same name, or scope, was asked for, too
    if (!this.hasSameName) this.#name = this.#bytes.toString('latin1', this.#line, this.nameEnd)
    const name = this.#name
    const labels = this.#labels.labels()
    if (!this.#labels.hasSameScope) this.#scope = this.#labels.scope(name, this.#labelsAt, this.#labelsEnd)
    const value = numberOf(this.#bytes, this.#valueAt, this.#valueEnd)
    return { series: { name, labels, value }, scope: this.#scope, last: this.#labels.lastValue() }
  }

  /** Makes the next line be read whole: something else stood before it. */
  forget(): void {
    this.#line = -1
  }

  /** Checks the line that begins at `at`; answers where the next one begins. */
  read(at: number): number {
    const bytes = this.#bytes
    const shared = this.#sharedWithLast(at)
    this.shared = shared
    const nameLength = this.nameEnd - this.#line
    this.hasSameName = shared > nameLength
    this.nameEnd = this.hasSameName ? at + nameLength : endOfName(bytes, at, shared)
    if (this.nameEnd === at) throw invalidText(bytes, at, 'A metric name is expected.')
    this.#line = at
    this.#valueAt = this.#behindGap(this.#readLabels(shared))
    if (this.#valueAt === this.nameEnd) throw invalidText(bytes, at, 'A value is expected behind the name.')
    this.#valueEnd = endOfNumber(bytes, this.#valueAt)
    if (bytes[this.#valueEnd] === 0x0a) return this.#valueEnd + 1
    return this.#isOpen ? this.#readOpenRest() : this.#readClassicRest()
  }

  /**
   * How many bytes at least the line at `at` has in common with the last one: buckets of a histogram differ behind
   * `le="` only. Four at a time, which is what makes it worth it.
   */
  #sharedWithLast(at: number): number {
    const view = this.#view
    const last = this.#line
    if (last === -1) return 0
    // not beyond the last line, or many alike would be compared with all that follows
    const end = Math.min(at - last, view.byteLength - at - 4)
    let shared = 0
    while (shared <= end && view.getInt32(at + shared, true) === view.getInt32(last + shared, true))
      shared += 4
    return shared
  }

  #readLabels(shared: number): number {
    const brace = this.#isOpen ? this.nameEnd : endOfBlanks(this.#bytes, this.nameEnd)
    this.#labelsAt = brace
    if (this.#bytes[brace] === 0x7b /* { */) {
      this.#labelsEnd = this.#labels.read(this.#line, brace, shared)
    } else {
      this.#labels.clear()
      this.#labelsEnd = this.nameEnd
    }
    return this.#labelsEnd
  }

  /** OpenMetrics sets one blank between the parts of a line; in 0.0.4 the one behind a brace may be missing. */
  #behindGap(at: number): number {
    if (!this.#isOpen) return endOfBlanks(this.#bytes, at)
    if (this.#bytes[at] !== 0x20) throw invalidText(this.#bytes, at, 'One blank and a value are expected.')
    return at + 1
  }

  /** Blanks, a timestamp in ms, a carriage return. */
  #readClassicRest(): number {
    const bytes = this.#bytes
    const end = endOfBlanks(bytes, this.#valueEnd)
    const next = behindLine(bytes, endOfWhole(bytes, end), false)
    if (end === this.#valueEnd && bytes[end] !== 0x0d) throw noNumber(bytes, this.#valueAt)
    if (next === -1) throw invalidText(bytes, end, 'One value and at most a timestamp are expected.')
    return next
  }

  /** A timestamp in seconds, an exemplar. */
  #readOpenRest(): number {
    const bytes = this.#bytes
    let end = this.#valueEnd
    if (bytes[end] !== 0x20) throw noNumber(bytes, this.#valueAt)
    if (bytes[end + 1] !== 0x23 /* # */) end = endOfTimestamp(bytes, end + 1)
    if (bytes[end] === 0x20 && bytes[end + 1] === 0x23) end = this.#readExemplar(end + 2)
    if (bytes[end] === 0x0a) return end + 1
    throw invalidText(
      bytes,
      this.#line,
      'One value, at most a timestamp and at most an exemplar are expected.',
    )
  }

  /** ` {labels} value`, and perhaps its timestamp. */
  #readExemplar(at: number): number {
    const bytes = this.#bytes
    if (!/_(?:bucket|total)$/.test(bytes.toString('latin1', this.#line, this.nameEnd))) {
      throw invalidText(bytes, at, 'Only buckets and counters have exemplars.')
    }
    if (bytes[at] !== 0x20 || bytes[at + 1] !== 0x7b) {
      throw invalidText(bytes, at, 'The labels of an exemplar are expected behind "#".')
    }
    this.#exemplar ??= new LabelReader(bytes, this.#isOpen)
    const end = endOfNumber(bytes, this.#behindGap(this.#exemplar.read(at, at + 1, 0)))
    return bytes[end] === 0x20 ? endOfTimestamp(bytes, end + 1) : end
  }
}
