import { closeSync, existsSync, mkdirSync, openSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Of the tables below. A file of another version is of no use to this app. */
const version = 1

/**
 * A step is one row for all agents of a source: a round then writes a few pages in a row instead of one for every agent
 * and registry, and a day is read as some dozens of rows. Its sums stand beside, for series. A gap is a growth that no
 * step finer than those of tier `finest` holds.
 */
const tables = {
  source: '(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, newest INTEGER NOT NULL)',
  name: '(id INTEGER PRIMARY KEY, source INTEGER, kind TEXT, text TEXT, UNIQUE (source, kind, text))',
  agent:
    '(id INTEGER PRIMARY KEY, source INTEGER, name TEXT, at INTEGER, sample BLOB, UNIQUE (source, name))',
  step: `(source INTEGER, tier INTEGER, at INTEGER,
    covered, restarts, hits, misses, answered, ok, notFound, serverFaults, other,
    agents BLOB, PRIMARY KEY (source, tier, at))`,
  gap: `(source INTEGER, until INTEGER, agent INTEGER, since INTEGER, finest INTEGER, growth BLOB,
    PRIMARY KEY (source, until, agent)) WITHOUT ROWID`,
  complete: '(tier INTEGER PRIMARY KEY, since INTEGER NOT NULL)',
}

/** The file is a database, but not one of this version of the app. */
export class OtherDatabaseError extends Error {}

/**
 * Opens the file, or makes it, readable by the user alone. Throws an OtherDatabaseError, or what SQLite throws; the
 * file is closed then.
 */
export function openDatabase(path: string): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  closeSync(openSync(path, 'a', 0o600))
  // milliseconds to wait for another process
  const database = new DatabaseSync(path, { timeout: 2000 })
  try {
    // before the first table, or never
    database.exec('PRAGMA auto_vacuum = INCREMENTAL')
    database.exec('PRAGMA journal_mode = WAL')
    database.exec('PRAGMA synchronous = NORMAL')
    database.exec(`PRAGMA journal_size_limit = ${16 * 1024 * 1024}`)
    database.exec('BEGIN IMMEDIATE')
    makeTables(database)
    database.exec('COMMIT')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function makeTables(database: DatabaseSync): void {
  const found = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
  const there = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  const names = new Set(there.map(({ name }) => name))
  if (found === 0 && names.size === 0) {
    for (const [name, columns] of Object.entries(tables)) database.exec(`CREATE TABLE ${name} ${columns}`)
    database.exec(`PRAGMA user_version = ${version}`)
  } else if (found !== version || !Object.keys(tables).every((name) => names.has(name))) {
    throw new OtherDatabaseError(`The database has version ${found}.`)
  }
}

/** Renames the file, and what SQLite keeps beside it. Returns the new path. */
export function moveAside(path: string, now: number): string {
  const aside = `${path}.broken-${new Date(now).toISOString().replaceAll(':', '')}`
  renameSync(path, aside)
  for (const beside of ['-wal', '-shm']) {
    if (existsSync(path + beside)) renameSync(path + beside, aside + beside)
  }
  return aside
}
