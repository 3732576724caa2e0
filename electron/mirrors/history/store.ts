import { basename, join } from 'node:path'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { type Failure, FailureError } from '../../../shared/model/failure.ts'
import { localFailure } from '../../../shared/model/local-failure.ts'
import { BrokenBytesError } from './bytes.ts'
import { moveAside, openDatabase, OtherDatabaseError } from './database.ts'

/** A prepared statement, kept for the next time. */
export type Sql = (text: string) => StatementSync

/** Jobs on mirrors.sqlite. They throw a FailureError where it can be neither used nor moved aside: no room, no right. */
export interface Store {
  /** One consistent look. */
  read<T>(job: (sql: Sql) => T): T
  /** All of it or nothing. */
  write<T>(job: (sql: Sql) => T): T
  close(): void
}

export interface StorePorts {
  directory: string
  now: () => number
  /** What was remembered of the content no longer holds: somebody else wrote, a write failed, the file is new. */
  onStale: () => void
  /** A file that was of no use was moved aside. */
  onTrouble: (failure: Failure) => void
}

/** The database of a directory. One that turns out to be broken is moved aside, and the job done on a new one. */
export function createStore(ports: StorePorts): Store {
  const path = join(ports.directory, 'mirrors.sqlite')
  let opened: DatabaseSync | undefined
  let statements = new Map<string, StatementSync>()
  let dataVersion: unknown

  const database = (): DatabaseSync => (opened ??= openDatabase(path))

  const sql: Sql = (text) => {
    const statement = statements.get(text) ?? database().prepare(text)
    statements.set(text, statement)
    return statement
  }

  const shut = (): void => {
    const closing = opened
    opened = undefined
    statements = new Map()
    ports.onStale()
    closing?.close()
  }

  const transact = <T>(begin: string, job: (sql: Sql) => T): T => {
    database().exec(begin)
    try {
      // it moves when another connection has written
      const version = sql('PRAGMA data_version').get()?.['data_version']
      if (version !== dataVersion) ports.onStale()
      dataVersion = version
      const result = job(sql)
      database().exec('COMMIT')
      return result
    } catch (error) {
      ports.onStale()
      // SQLite itself rolls back where the disk is full
      if (opened?.isTransaction === true) opened.exec('ROLLBACK')
      throw error
    }
  }

  const mended = <T>(job: () => T): T => {
    try {
      return job()
    } catch (error) {
      if (!isBroken(error)) throw error
      shut()
      const aside = moveAside(path, ports.now())
      ports.onTrouble(movedAside(basename(aside), error))
      return job()
    }
  }

  const explained = <T>(job: () => T): T => {
    try {
      return mended(job)
    } catch (error) {
      throw isOutside(error) ? new FailureError(cannotBeUsed(error), { cause: error }) : error
    }
  }

  return {
    read: (job) => explained(() => transact('BEGIN', job)),
    write: (job) => explained(() => transact('BEGIN IMMEDIATE', job)),
    // the last to close a database also brings its log home
    close: shut,
  }
}

const sqliteCorrupt = 11
const sqliteNotADatabase = 26

function isBroken(error: unknown): error is Error {
  if (error instanceof BrokenBytesError || error instanceof OtherDatabaseError) return true
  const code = (error as { errcode?: number }).errcode
  // the rest of the number says where it was noticed
  return code !== undefined && [sqliteCorrupt, sqliteNotADatabase].includes(code % 256)
}

/** Of SQLite or the file system. */
function isOutside(error: unknown): error is Error & { code: string } {
  return error instanceof Error && ('errcode' in error || 'syscall' in error)
}

function movedAside(name: string, error: Error): Failure {
  return localFailure(
    'internal',
    'scrape',
    `The history of the mirrors could not be read. It was kept as ${name}, and a new one was begun.`,
    {
      evidence: [
        { fact: 'entry', value: name },
        { fact: 'message', value: error.message },
      ],
    },
  )
}

function cannotBeUsed(error: Error & { code: string }): Failure {
  return localFailure('internal', 'scrape', 'The history of the mirrors cannot be read or written.', {
    evidence: [
      { fact: 'error-code', value: error.code },
      { fact: 'message', value: error.message },
    ],
    retryable: true,
    next: ['wait-and-retry'],
  })
}
