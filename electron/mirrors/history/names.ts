import type { StatementSync } from 'node:sqlite'
import { BrokenBytesError } from './bytes.ts'

/** `answer` is a code and a method, `bounds` those of a histogram as JSON, `word` a trait or what is advertised. */
export type NameKind = 'registry' | 'answer' | 'bounds' | 'word'

/** How many names one source may bring; the rest is counted under `others`. */
const limits: Record<NameKind, { most: number; others: string }> = {
  registry: { most: 1000, others: '(others)' },
  answer: { most: 200, others: '(others)\n(others)' },
  // without bounds there is nothing to say but how many there were
  bounds: { most: 100, others: '[]' },
  word: { most: 1000, others: '(others)' },
}

/** Numbers for the names of one source. They stay as long as the source, so that a name is never taken for another. */
export interface Names {
  /** Its number, or that of the others where the source has brought too many. New ones only inside a write. */
  id(kind: NameKind, text: string): number
  /** Throws a BrokenBytesError where there is none. */
  text(id: number): string
  /** The same array for the same number. */
  bounds(id: number): number[]
  boundsId(bounds: number[]): number
}

/** Reads the names of a source; they hold until somebody else writes or a write is taken back. */
export function readNames(source: number, sql: (text: string) => StatementSync): Names {
  const ids: Record<NameKind, Map<string, number>> = {
    registry: new Map(),
    answer: new Map(),
    bounds: new Map(),
    word: new Map(),
  }
  const texts = new Map<number, string>()
  const bounds = new Map<number, number[]>()
  const boundsIds = new WeakMap<number[], number>()
  for (const { id, kind, text } of sql('SELECT id, kind, text FROM name WHERE source = ?').iterate(source)) {
    ids[kind as NameKind].set(String(text), Number(id))
    texts.set(Number(id), String(text))
  }

  const textOf = (id: number): string => {
    const text = texts.get(id)
    if (text === undefined) throw new BrokenBytesError(`There is no name ${id}.`)
    return text
  }
  const add = (kind: NameKind, text: string): number => {
    const insert = sql('INSERT INTO name (source, kind, text) VALUES (?, ?, ?)')
    const id = Number(insert.run(source, kind, text).lastInsertRowid)
    ids[kind].set(text, id)
    texts.set(id, text)
    return id
  }

  const idOf = (kind: NameKind, text: string): number => {
    const known = ids[kind].get(text)
    if (known !== undefined) return known
    const { most, others } = limits[kind]
    if (ids[kind].size < most) return add(kind, text)
    return ids[kind].get(others) ?? add(kind, others)
  }

  return {
    id: idOf,
    text: textOf,
    bounds: (id) => {
      const known = bounds.get(id) ?? (JSON.parse(textOf(id)) as number[])
      bounds.set(id, known)
      boundsIds.set(known, id)
      return known
    },
    boundsId: (of) => boundsIds.get(of) ?? idOf('bounds', JSON.stringify(of)),
  }
}
