import { invalidText, tooLarge } from './invalid.ts'
import { closingQuote, endOfBlanks, endOfLabelName, reads, sameBytes } from './tokens.ts'

/** The names of a label set in the order of the text: one object for all series that look alike. */
interface Shape {
  names: readonly string[]
  /** The order in which these labels came first; series are compared in it. */
  leading: readonly string[]
}

/** The labels of one series: names that many series share, and their values. */
export class Labels {
  readonly #names: readonly string[]
  readonly #values: readonly string[]

  constructor(names: readonly string[], values: readonly string[]) {
    this.#names = names
    this.#values = values
  }

  get(name: string): string | undefined {
    const index = this.#names.indexOf(name)
    return index === -1 ? undefined : this.#values[index]
  }

  /** In the order of the text. */
  entries(): [name: string, value: string][] {
    return this.#names.map((name, index) => [name, this.#values[index] ?? ''])
  }
}

/** Labels of one series that are read at most; an agent has six. */
export const maxLabels = 128
/** Bytes of a label value that is kept. */
export const maxValueBytes = 16 * 1024

/**
 * Reads label sets. It remembers where the parts of the last one are: only who wants them pays for strings, and what
 * a line shares with the one before is not read again.
 */
export class LabelReader {
  readonly #bytes: Buffer
  readonly #isOpen: boolean
  /** Of each label: begin and end of its name, begin and end of its value, counted from the begin of the line. */
  readonly #places = new Int32Array(4 * maxLabels)
  /** Whether nothing but the value of the last label differs from the set before. */
  #differsInLast = false
  #line = 0
  #count = 0
  /** Values that were met, by a hash of their ends: bounds and codes come again and again. */
  readonly #met: (string | undefined)[] = []
  /** Values of the first `#known` labels: the next line may share them. */
  readonly #values: string[] = []
  #known = 0
  /** The last shape with that many labels: a bucket has one more than the sum and the count of its histogram. */
  readonly #shapes: Shape[] = []
  #shape: Shape = { names: [], leading: [] }
  /** Orders that came first, by their sorted names. */
  readonly #leading = new Map<string, readonly string[]>()

  constructor(bytes: Buffer, isOpen: boolean) {
    this.#bytes = bytes
    this.#isOpen = isOpen
  }

  /** Forgets the last set: for a line without braces. */
  clear(): void {
    this.#count = 0
    this.#known = 0
    this.#differsInLast = false
  }

  /**
   * Checks the set whose brace opens at `at` in the line that begins at `line` and whose first `shared` bytes are those
   * of the line of the last set; answers the position behind the closing brace.
   */
  read(line: number, at: number, shared: number): number {
    const bytes = this.#bytes
    const count = this.#count
    const sharesLast = count > 0 && shared >= (this.#places[4 * count - 2] as number)
    let end = this.#resume(line, shared)
    if (end === -1) end = this.#behindBlanks(at + 1)
    this.#line = line
    this.#known = Math.min(this.#known, this.#count)
    while (bytes[end] !== 0x7d /* } */) {
      end = this.#behindBlanks(this.#readLabel(end))
      if (bytes[end] === 0x7d) break
      if (bytes[end] !== 0x2c /* , */) throw invalidText(bytes, at, '"," or "}" is expected behind a label.')
      end = this.#behindBlanks(end + 1)
      // 0.0.4 lets a comma stand behind the last label
      if (this.#isOpen && bytes[end] === 0x7d) throw invalidText(bytes, at, 'A label is expected behind ",".')
    }
    this.#differsInLast = sharesLast && this.#count === count && end === this.#place(count - 1, 3) + 1
    return end + 1
  }

  /** The last set, escapes resolved. */
  labels(): Labels {
    this.#shape = this.#shapeOfLast()
    for (; this.#known < this.#count; this.#known += 1) {
      this.#values[this.#known] = this.#valueOf(this.#known)
    }
    return new Labels(this.#shape.names, this.#values.slice(0, this.#count))
  }

  /** Whether the scope of the last set is that of the one before; after `labels()`. */
  get hasSameScope(): boolean {
    return this.#differsInLast && this.#shape.names === this.#shape.leading
  }

  /**
   * All of the last set but one value, after `labels()`: the same for the same labels in whatever order and with whatever
   * blanks. It is the text from `line` on where that has nothing in another order or between its parts.
   */
  scope(name: string, begin: number, end: number): string {
    const { names, leading } = this.#shape
    if (this.#count === 0) return name
    if (names === leading && begin === this.#line + name.length && end - begin === this.#tightLength()) {
      return this.#bytes.toString('latin1', this.#line, this.#place(this.#count - 1, 2))
    }
    const others = leading.slice(0, -1).map((label) => {
      const index = names.indexOf(label)
      return `${label}="${this.#bytes.toString('latin1', this.#place(index, 2), this.#place(index, 3))}",`
    })
    return `${name}{${others.join('')}${leading.at(-1)}="`
  }

  /** The value that `scope` leaves out. */
  lastValue(): string {
    const { names, leading } = this.#shape
    const last = names === leading ? this.#count - 1 : names.indexOf(leading.at(-1) ?? '')
    return this.#values[last] ?? ''
  }

  /** Where the last label begins up to which the line is the same as the one before; -1 where that is none. */
  #resume(line: number, shared: number): number {
    while (this.#count > 0) {
      this.#count -= 1
      const begin = this.#places[4 * this.#count] as number
      if (begin <= shared) return line + begin
    }
    return -1
  }

  #readLabel(at: number): number {
    const bytes = this.#bytes
    const nameEnd = endOfLabelName(bytes, at)
    const equals = this.#behindBlanks(nameEnd)
    const opening = this.#behindBlanks(equals + 1)
    if (nameEnd === at || bytes[equals] !== 0x3d /* = */ || bytes[opening] !== 0x22 /* " */) {
      throw invalidText(bytes, at, 'A label name, "=" and a quoted value are expected.')
    }
    const closing = closingQuote(bytes, opening + 1, this.#isOpen)
    this.#add(at, nameEnd, opening + 1, closing)
    return closing + 1
  }

  #add(name: number, nameEnd: number, value: number, valueEnd: number): void {
    const places = this.#places
    const line = this.#line
    const free = 4 * this.#count
    if (free === places.length) throw tooLarge(this.#bytes, name, `${maxLabels} labels`)
    for (let other = 0; other < free; other += 4) {
      const begin = line + (places[other] as number)
      const end = line + (places[other + 1] as number)
      if (end - begin === nameEnd - name && sameBytes(this.#bytes, begin, end, name)) {
        const text = this.#bytes.toString('latin1', name, Math.min(nameEnd, name + 100))
        throw invalidText(this.#bytes, name, `The label "${text}" is there twice.`)
      }
    }
    places[free] = name - line
    places[free + 1] = nameEnd - line
    places[free + 2] = value - line
    places[free + 3] = valueEnd - line
    this.#count += 1
  }

  #shapeOfLast(): Shape {
    const last = this.#shapes[this.#count]
    // of known labels the names are those of the set before
    if (last !== undefined && this.#fits(last, last === this.#shape ? this.#known : 0)) return last
    const names = Array.from({ length: this.#count }, (_, index) =>
      this.#bytes.toString('latin1', this.#place(index, 0), this.#place(index, 1)),
    )
    const sorted = names.toSorted().join()
    const leading = this.#leading.get(sorted) ?? names
    this.#leading.set(sorted, leading)
    // the very same array says that the order is the leading one
    const shape = { names: leading.join() === names.join() ? leading : names, leading }
    this.#shapes[this.#count] = shape
    return shape
  }

  #fits({ names }: Shape, from: number): boolean {
    for (let index = from; index < this.#count; index += 1) {
      if (!reads(this.#bytes, this.#place(index, 0), this.#place(index, 1), names[index] ?? '')) return false
    }
    return true
  }

  #valueOf(index: number): string {
    const begin = this.#place(index, 2)
    const end = this.#place(index, 3)
    const slot = (end - begin + 7 * (this.#bytes[begin] ?? 0) + 31 * (this.#bytes[end - 1] ?? 0)) & 127
    const met = this.#met[slot]
    if (met !== undefined && reads(this.#bytes, begin, end, met)) return met
    if (end - begin > maxValueBytes) throw tooLarge(this.#bytes, begin, `${maxValueBytes} bytes of a label`)
    const text = this.#bytes.toString('utf8', begin, end)
    if (text.includes('\\')) return unescaped(text)
    // only of ASCII a character is a byte
    if (text.length === end - begin) this.#met[slot] = text
    return text
  }

  /** Length of the set where nothing stands between its parts. */
  #tightLength(): number {
    let length = 1 + this.#count
    for (let index = 0; index < this.#count; index += 1) {
      length +=
        this.#place(index, 1) - this.#place(index, 0) + this.#place(index, 3) - this.#place(index, 2) + 3
    }
    return length
  }

  /** Where a part of a label is: begin and end of its name, begin and end of its value. */
  #place(index: number, part: 0 | 1 | 2 | 3): number {
    return this.#line + (this.#places[4 * index + part] as number)
  }

  #behindBlanks(at: number): number {
    return this.#isOpen ? at : endOfBlanks(this.#bytes, at)
  }
}

/** OpenMetrics keeps the backslash of an escape it does not know. */
function unescaped(text: string): string {
  return text.replaceAll(/\\(["\\n])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
}
