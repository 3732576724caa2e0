/** A map of values, as it is in YAML. No key is `__proto__`: `readValues` drops it. */
export type Table = Record<string, unknown>

export function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A copy that shares nothing with the original. */
export function copyOf(table: Table): Table {
  return structuredClone(table)
}

/** The table at a path of names, undefined where there is none. */
export function tableAt(table: Table, path: readonly string[]): Table | undefined {
  let found: unknown = table
  for (const name of path) found = isTable(found) && Object.hasOwn(found, name) ? found[name] : undefined
  return isTable(found) ? found : undefined
}

/**
 * Helm's merge of tables: what is in `into` counts, tables are merged, everything else is replaced. With `keepNulls` a
 * null stays a value; without it a null in `into` takes the default away.
 */
export function mergeTables(into: Table, defaults: Table, keepNulls: boolean): Table {
  for (const [key, value] of Object.entries(defaults)) {
    if (!Object.hasOwn(into, key)) into[key] = value
    else if (into[key] === null && !keepNulls && value !== null) delete into[key]
    else if (isTable(value) && isTable(into[key])) mergeTables(into[key], value, keepNulls)
  }
  return into
}

/** Takes nulls away at every depth. */
export function withoutNulls(table: Table): Table {
  for (const [key, value] of Object.entries(table)) {
    if (value === null) delete table[key]
    else if (isTable(value)) withoutNulls(value)
  }
  return table
}
