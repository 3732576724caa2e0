import { type Names, readNames } from './names.ts'
import type { Sql } from './store.ts'

/** A source in the database. */
export interface KnownSource {
  id: number
  /** Its youngest reading, ms since 1970. */
  newest: number
  names: Names
}

/** Sources that are remembered between jobs, until `clear`. */
export interface KnownSources {
  find(sql: Sql, name: string): KnownSource | undefined
  /** Only inside a write. */
  findOrAdd(sql: Sql, name: string): KnownSource
  clear(): void
}

export function rememberSources(): KnownSources {
  const known = new Map<string, KnownSource>()

  const remember = (sql: Sql, name: string, id: number, newest: number): KnownSource => {
    const source = { id, newest, names: readNames(id, sql) }
    known.set(name, source)
    return source
  }

  const find = (sql: Sql, name: string): KnownSource | undefined => {
    const remembered = known.get(name)
    if (remembered !== undefined) return remembered
    const row = sql('SELECT id, newest FROM source WHERE name = ?').get(name)
    return row && remember(sql, name, Number(row['id']), Number(row['newest']))
  }

  return {
    find,
    findOrAdd: (sql, name) => {
      const found = find(sql, name)
      if (found !== undefined) return found
      const { lastInsertRowid } = sql('INSERT INTO source (name, newest) VALUES (?, 0)').run(name)
      return remember(sql, name, Number(lastInsertRowid), 0)
    },
    clear: () => known.clear(),
  }
}
