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
}

/** The families of one text, as its lines make them known. */
export class Families {
  readonly #bytes: Buffer
  readonly #format: Format
  readonly #isWanted: (family: string) => boolean
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

  /** By the name a family has in 0.0.4; those that are only described by a HELP or UNIT line are left out. */
  result(): Map<string, Family> {
    const result = new Map<string, Family>()
    for (const entry of this.#entries.values()) {
      if (entry.count > 0 || entry.described.includes('TYPE')) {
        result.set(classicName(entry.name, entry.type, this.#format), entry)
      }
    }
    return result
  }

  /** A TYPE, HELP or UNIT line about the family whose name is at `at`. */
  describe(what: Description, at: number, end: number, text: string): void {
    const entry = this.#described(at, end)
    const name = nameForPeople(entry.name)
    if (entry.described.includes(what)) {
      throw invalidText(this.#bytes, at, `The ${what} of ${name} is there twice.`)
    }
    // 0.0.4 minds it of a TYPE alone
    if ((entry.count > 0 || this.#orphans.has(entry.name)) && (what === 'TYPE' || this.#format === 'open')) {
      throw invalidText(this.#bytes, at, `The ${what} of ${name} comes after its series.`)
    }
    entry.described.push(what)
    if (what === 'TYPE') this.#setType(entry, at, text)
    if (what === 'UNIT' && text !== '' && !entry.name.endsWith(`_${text}`)) {
      throw invalidText(this.#bytes, at, `The name of ${name} does not end in its unit.`)
    }
  }

  /** The series that follow have the name at `at`. */
  enter(at: number, end: number): void {
    const last = this.#last
    if (last !== undefined && this.#belongs(last, at, end)) return
    this.#last = this.#lookUp(at, end)
    if (this.#last.count > 0 && this.#format === 'open') {
      throw invalidText(
        this.#bytes,
        at,
        `The series of ${nameForPeople(this.#last.name)} do not stand together.`,
      )
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
    const exact = this.#entries.get(name)
    if (exact?.endings.includes('') === true) return exact
    const ending = /_(?:bucket|sum|count|total|created|info|gsum|gcount)$/.exec(name)?.[0]
    const base = ending === undefined ? undefined : this.#entries.get(name.slice(0, -ending.length))
    if (base !== undefined && ending !== undefined && base.endings.includes(ending)) return base
    if (exact === undefined) {
      if (ending !== undefined) this.#orphans.add(name.slice(0, -ending.length))
      return this.#add(name, at)
    }
    const endings = exact.endings.join(' or ')
    throw invalidText(
      this.#bytes,
      at,
      `Series of the ${exact.type} ${nameForPeople(name)} end in ${endings}.`,
    )
  }

  #described(at: number, end: number): Entry {
    const last = this.#last
    if (last?.name.length === end - at && sameBytes(this.#bytes, at, end, last.at)) return last
    const name = this.#bytes.toString('latin1', at, end)
    const entry = this.#entries.get(name) ?? this.#add(name, at)
    this.#last = entry
    return entry
  }

  #add(name: string, at: number): Entry {
    const type = this.#format === 'open' ? 'unknown' : 'untyped'
    const entry: Entry = {
      name,
      at,
      type,
      endings: endingsOf(this.#format, type) ?? [],
      isKept: this.#isWanted(name),
      described: [],
      count: 0,
      series: [],
    }
    this.#entries.set(name, entry)
    return entry
  }

  #setType(entry: Entry, at: number, type: string): void {
    const endings = endingsOf(this.#format, type)
    if (endings === undefined) throw invalidText(this.#bytes, at, `"${type.slice(0, 50)}" is no metric type.`)
    entry.type = type as FamilyType
    entry.endings = endings
    entry.isKept = this.#isWanted(classicName(entry.name, entry.type, this.#format))
  }
}

function nameForPeople(name: string): string {
  return `"${name.slice(0, 100)}"`
}
