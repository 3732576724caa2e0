import { classicName, endingsOf, type FamilyType, type Format } from './format.ts'
import { invalidText } from './invalid.ts'
import type { Series, SeriesReader } from './series.ts'
import { reads, sameBytes } from './tokens.ts'

export interface Family {
  type: FamilyType
  /** Series in the text; 0 where it is only described. */
  count: number
  /** Empty for a family the caller did not ask to keep. */
  series: Series[]
}

type Description = 'TYPE' | 'HELP' | 'UNIT'

/** A family and what the text said of it so far. */
interface Entry extends Family {
  name: string
  /** Where its name stands in the text. */
  at: number
  endings: readonly string[]
  isKept: boolean
  described: Description[]
  /** Whether it has a type or series; a HELP line alone makes no family. */
  isKnown: boolean
}

/** The families of one text, as its lines make them known. */
export class Families {
  readonly #bytes: Buffer
  readonly #format: Format
  readonly #isWanted: (family: string) => boolean
  /**
   * By the names they have in 0.0.4: client_golang prints a gauge `x` and a counter `x`, whose series is `x_total`, into
   * one text of OpenMetrics (go_memstats_alloc_bytes).
   */
  readonly #entries = new Map<string, Entry>()
  /** Bases of names like `x_bucket` that nobody declared, which a later TYPE of `x` would have made its series. */
  readonly #orphans = new Set<string>()
  /** Kept series by name and labels. */
  readonly #seen = new Set<string>()
  /** Lines of one family stand together, so the last one is tried first: no string is made for most lines. */
  #last: Entry | undefined

  constructor(bytes: Buffer, format: Format, isWanted: (family: string) => boolean) {
    this.#bytes = bytes
    this.#format = format
    this.#isWanted = isWanted
  }

  /** By the name a family has in 0.0.4. */
  result(): ReadonlyMap<string, Family> {
    return this.#entries
  }

  /** A TYPE, HELP or UNIT line about the family whose name is at `at`. */
  describe(what: Description, at: number, end: number, text: string): void {
    const entry = this.#described(at, end)
    if (entry.described.includes(what)) {
      throw invalidText(this.#bytes, at, `The ${what} of ${nameForPeople(entry.name)} is there twice.`)
    }
    entry.described.push(what)
    if (what === 'TYPE') this.#setType(entry, at, text)
    if (what === 'UNIT' && text !== '' && !entry.name.endsWith(`_${text}`)) {
      throw invalidText(this.#bytes, at, `The name of ${nameForPeople(entry.name)} does not end in its unit.`)
    }
  }

  /** The series that follow have the name at `at`. */
  enter(at: number, end: number): void {
    const last = this.#last
    if (last?.isKnown === true && this.#belongs(last, at, end)) return
    this.#last = this.#lookUp(at, end)
    if (this.#last.count > 0 && this.#format === 'open') {
      const name = nameForPeople(this.#last.name)
      throw invalidText(this.#bytes, at, `The series of ${name} do not stand together.`)
    }
  }

  /** Counts the series that was read last, and keeps it where its family is wanted. */
  add(reader: SeriesReader, at: number): void {
    const entry = this.#last
    if (entry === undefined) return
    entry.count += 1
    if (!entry.isKept) return
    const { series, key } = reader.series()
    if (this.#seen.has(key)) {
      throw invalidText(this.#bytes, at, `A series of ${nameForPeople(series.name)} is there twice.`)
    }
    this.#seen.add(key)
    entry.series.push(series)
  }

  #belongs(entry: Entry, at: number, end: number): boolean {
    const nameEnd = at + entry.name.length
    if (nameEnd > end || !sameBytes(this.#bytes, at, nameEnd, entry.at)) return false
    for (const ending of entry.endings) if (reads(this.#bytes, nameEnd, end, ending)) return true
    return false
  }

  #lookUp(at: number, end: number): Entry {
    const name = this.#bytes.toString('latin1', at, end)
    const base = name.replace(/_(?:bucket|sum|count|total|created|info|gsum|gcount)$/, '')
    const candidates = [name, base, `${base}_total`, `${base}_info`].flatMap(
      (key) => this.#entries.get(key) ?? [],
    )
    const found = candidates.find((entry) => entry.endings.some((ending) => entry.name + ending === name))
    if (found !== undefined) return found
    const other = candidates.find((entry) => entry.name === name)
    if (other !== undefined) {
      const endings = other.endings.join(' or ')
      throw invalidText(
        this.#bytes,
        at,
        `Series of the ${other.type} ${nameForPeople(name)} end in ${endings}.`,
      )
    }
    if (base !== name) this.#orphans.add(base)
    const entry = this.#begin(name, at)
    this.#entries.set(name, entry)
    entry.isKnown = true
    return entry
  }

  /** The family that is being described, or that now begins to be. */
  #described(at: number, end: number): Entry {
    const last = this.#last
    const isLast = last?.name.length === end - at && sameBytes(this.#bytes, at, end, last.at)
    if (last !== undefined && isLast && last.count === 0) return last
    const entry = this.#begin(this.#bytes.toString('latin1', at, end), at)
    this.#last = entry
    return entry
  }

  #begin(name: string, at: number): Entry {
    const type = this.#format === 'open' ? 'unknown' : 'untyped'
    return {
      name,
      at,
      type,
      endings: endingsOf(this.#format, type) ?? [],
      isKept: this.#isWanted(name),
      described: [],
      isKnown: false,
      count: 0,
      series: [],
    }
  }

  #setType(entry: Entry, at: number, type: string): void {
    const endings = endingsOf(this.#format, type)
    if (endings === undefined) throw invalidText(this.#bytes, at, `"${type.slice(0, 50)}" is no metric type.`)
    entry.type = type as FamilyType
    entry.endings = endings
    const key = classicName(entry.name, entry.type, this.#format)
    const known = this.#entries.get(key)
    if (known !== undefined || this.#orphans.has(entry.name)) {
      const how = known?.described.includes('TYPE') === true ? 'is there twice' : 'comes after its series'
      throw invalidText(this.#bytes, at, `The TYPE of ${nameForPeople(entry.name)} ${how}.`)
    }
    this.#entries.set(key, entry)
    entry.isKnown = true
    entry.isKept = this.#isWanted(key)
  }
}

function nameForPeople(name: string): string {
  return `"${name.slice(0, 100)}"`
}
