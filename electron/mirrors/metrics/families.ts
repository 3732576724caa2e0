import { classicName, endingsOf, type FamilyType, type Format } from './format.ts'
import { invalidText, tooLarge } from './invalid.ts'
import type { Series, SeriesReader } from './series.ts'
import { reads, sameBytes } from './tokens.ts'

export interface Family {
  type: FamilyType
  /** Series in the text; 0 where it is only described. */
  count: number
  /** Empty for a family the caller did not ask to keep. */
  series: Series[]
}

/** Whether series of a name, with its ending, are to be kept, or one of them is enough. */
export type IsWanted = (series: string) => boolean | 'first'

/** Families that are read at most from one text; a k3s node has some 2,000. */
export const maxFamilies = 50_000

type Description = 'TYPE' | 'HELP' | 'UNIT'

/** A family and what the text said of it so far. */
interface Entry extends Family {
  name: string
  /** Where its name stands in the text. */
  at: number
  endings: readonly string[]
  /** Of each ending, once it was met, how many more of its series are to be kept. */
  wanted: number[]
  described: Description[]
  /** Whether it has a type or series; a HELP line alone makes no family. */
  isKnown: boolean
}

/** The families of one text, as its lines make them known. */
export class Families {
  readonly #bytes: Buffer
  readonly #format: Format
  readonly #isWanted: IsWanted
  /**
   * By the names they have in 0.0.4: client_golang prints a gauge `x` and a counter `x`, whose series is `x_total`, into
   * one text of OpenMetrics (go_memstats_alloc_bytes).
   */
  readonly #entries = new Map<string, Entry>()
  /** Bases of names like `x_bucket` that nobody declared, which a later TYPE of `x` would have made its series. */
  readonly #orphans = new Set<string>()
  /** Kept series: their names and labels up to the last value, and those last values. */
  readonly #seen = new Map<string, Set<string>>()
  #scope: string | undefined
  #values = new Set<string>()
  /** Lines of one family stand together, so the last one is tried first: no string is made for most lines. */
  #last: Entry | undefined
  /** Which of its endings the last name has. */
  #ending = 0

  constructor(bytes: Buffer, format: Format, isWanted: IsWanted) {
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

  /** The series that was read last and those that follow have the name at `at`. */
  enter(reader: SeriesReader, at: number): void {
    const last = this.#last
    if (last?.isKnown === true) {
      this.#ending = this.#endingOf(last, at, reader.nameEnd, reader.shared)
      if (this.#ending !== -1) return
    }
    const entry = this.#lookUp(at, reader.nameEnd)
    if (entry.count > 0 && this.#format === 'open') {
      throw invalidText(this.#bytes, at, `The series of ${nameForPeople(entry.name)} do not stand together.`)
    }
    this.#last = entry
    this.#ending = this.#endingOf(entry, at, reader.nameEnd, 0)
  }

  /** Counts the series that was read last, and keeps it where it is wanted. */
  add(reader: SeriesReader, at: number): void {
    const entry = this.#last
    if (entry === undefined) return
    entry.count += 1
    const ending = this.#ending
    const wanted = (entry.wanted[ending] ??= this.#howMany(entry.name + (entry.endings[ending] ?? '')))
    if (wanted === 0) return
    entry.wanted[ending] = wanted - 1
    const { series, scope, last } = reader.series()
    if (scope !== this.#scope) this.#enterScope(scope)
    const known = this.#values.size
    if (this.#values.add(last).size === known) {
      throw invalidText(this.#bytes, at, `A series of ${nameForPeople(series.name)} is there twice.`)
    }
    entry.series.push(series)
  }

  #enterScope(scope: string): void {
    this.#scope = scope
    this.#values = this.#seen.get(scope) ?? new Set()
    this.#seen.set(scope, this.#values)
  }

  #howMany(series: string): number {
    const wanted = this.#isWanted(series)
    return wanted === 'first' ? 1 : wanted ? Infinity : 0
  }

  /** Which of the family's endings makes the name at `at`, of which `same` bytes need no look; -1 where none does. */
  #endingOf({ name, at: known, endings }: Entry, at: number, end: number, same: number): number {
    const nameEnd = at + name.length
    if (nameEnd > end || !sameBytes(this.#bytes, at + same, nameEnd, known + same)) return -1
    for (let index = 0; index < endings.length; index += 1) {
      if (reads(this.#bytes, nameEnd, end, endings[index] ?? '')) return index
    }
    return -1
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
    this.#add(name, entry)
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
      wanted: [],
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
    this.#add(key, entry)
  }

  #add(key: string, entry: Entry): void {
    if (this.#entries.size === maxFamilies) throw tooLarge(this.#bytes, entry.at, `${maxFamilies} families`)
    this.#entries.set(key, entry)
    entry.isKnown = true
  }
}

function nameForPeople(name: string): string {
  return `"${name.slice(0, 100)}"`
}
