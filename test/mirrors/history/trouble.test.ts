import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { FailureError } from '../../../shared/model/failure.ts'
import { freshDirectory, hits, minute, monday, sampleOf, second, toldHistory } from './samples.ts'

const range = { from: monday, to: monday + minute }
const four = [{ registry: 'docker.io', hits: 4, misses: 0 }]

/** A profile with a history of a few readings, closed. */
function usedDirectory(): string {
  const { history, read, directory } = toldHistory()
  read(monday, hits(1))
  read(monday + 15 * second, hits(5))
  history.close()
  return directory
}

function change(directory: string, sql: string): void {
  const database = new DatabaseSync(join(directory, 'mirrors.sqlite'))
  database.exec(sql)
  database.close()
}

function overwrite(directory: string, from: number, to: number): void {
  const path = join(directory, 'mirrors.sqlite')
  const bytes = readFileSync(path)
  bytes.fill(0xa5, from, Math.min(to, bytes.length))
  writeFileSync(path, bytes)
}

const aside = (directory: string) => readdirSync(directory).filter((name) => name.includes('.broken-'))

describe('a file that is of no use', () => {
  it.each([
    ['is no database', (directory: string) => overwrite(directory, 0, Infinity)],
    ['is damaged behind its head', (directory: string) => overwrite(directory, 100, Infinity)],
    ['is cut off', (directory: string) => cut(directory, 5000)],
    ['has tables of its own', (directory: string) => change(directory, 'PRAGMA user_version = 0')],
    ['is of a newer version', (directory: string) => change(directory, 'PRAGMA user_version = 2')],
    ['lacks a table', (directory: string) => change(directory, 'DROP TABLE gap')],
    ['holds bytes that end too early', (directory: string) => change(directory, shortBytes)],
    ['holds a name that is not there', (directory: string) => change(directory, 'DELETE FROM name')],
  ])('that %s is kept aside and said, and a new one is begun', (_, spoil) => {
    const directory = usedDirectory()
    spoil(directory)
    const { history, read, troubles } = toldHistory({ directory })
    history.growth('s', range)
    history.growthOf('s', 'a', range)
    history.last('s', 'a')
    expect(troubles).toHaveLength(1)
    expect(troubles[0]).toMatchObject({ kind: 'internal', phase: 'scrape', answeredBy: 'chartroom' })
    const [kept] = aside(directory)
    expect(troubles[0]?.evidence).toContainEqual({ fact: 'entry', value: kept })
    expect(statSync(join(directory, kept ?? '')).size).toBeGreaterThan(0)

    read(monday + 20 * second, hits(1))
    read(monday + 40 * second, hits(5))
    expect(history.growthOf('s', 'a', range)?.counts).toEqual(four)
    expect(troubles).toHaveLength(1)
  })

  it('is moved with all that belongs to it while another process has it open', () => {
    const { history, read, directory, troubles, again } = toldHistory()
    read(monday, hits(1))
    change(directory, 'PRAGMA user_version = 2')
    const other = again()
    expect(other.last('s', 'a')).toBeUndefined()
    expect(troubles).toHaveLength(1)
    expect(aside(directory).map((name) => name.replace(/.*Z/, ''))).toEqual(['', '-shm', '-wal'])
    history.close()
    read(monday + 15 * second, hits(1))
    expect(other.last('s', 'a')?.at).toBe(monday + 15 * second)
  })

  it('is noticed while it is written, too', () => {
    const directory = usedDirectory()
    change(directory, "UPDATE agent SET sample = x'05'")
    const { history, read, troubles } = toldHistory({ directory })
    read(monday + 20 * second, hits(1))
    read(monday + 40 * second, hits(5))
    expect(troubles).toHaveLength(1)
    expect(history.growthOf('s', 'a', range)?.counts).toEqual(four)
  })

  it('is none when it is empty: that is a new one', () => {
    const directory = freshDirectory()
    writeFileSync(join(directory, 'mirrors.sqlite'), '')
    const { read, troubles } = toldHistory({ directory })
    read(monday, hits(1))
    expect(troubles).toEqual([])
    expect(aside(directory)).toEqual([])
  })
})

const shortBytes = 'UPDATE step SET agents = substr(agents, 1, length(agents) - 1)'

function cut(directory: string, length: number): void {
  const path = join(directory, 'mirrors.sqlite')
  writeFileSync(path, readFileSync(path).subarray(0, length))
}

describe('a place where nothing can be kept', () => {
  it('is a FailureError, and the next attempt begins anew', () => {
    const directory = join(freshDirectory(), 'taken')
    writeFileSync(directory, 'a file where the profile should be')
    const { history, read, troubles } = toldHistory({ directory })
    const thrown = caught(() => read(monday, hits(1)))
    expect(thrown).toBeInstanceOf(FailureError)
    expect((thrown as FailureError).failure).toMatchObject({ kind: 'internal', retryable: true })
    expect((thrown as FailureError).failure.evidence).toContainEqual({ fact: 'error-code', value: 'EEXIST' })
    expect(caught(() => history.growth('s', range))).toBeInstanceOf(FailureError)
    expect(troubles).toEqual([])
  })

  it('leaves what was there as it was when a round cannot be written', () => {
    const directory = usedDirectory()
    // a trigger stands in for the full disk, in the middle of the round
    const full = "BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    change(directory, `CREATE TRIGGER full BEFORE INSERT ON step WHEN NEW.hits > 40 ${full}`)
    const { history, read, again, troubles } = toldHistory({ directory })
    const more = (hitsOfNew: number) =>
      sampleOf({ counts: [...hits(7).counts, ...hits(hitsOfNew, 0, 'new.example.com').counts] })
    expect(caught(() => read(monday + 30 * second, more(50)))).toBeInstanceOf(FailureError)
    expect(history.last('s', 'a')).toMatchObject({ at: monday + 15 * second, sample: hits(5) })
    expect(history.growthOf('s', 'a', range)?.counts).toEqual(four)
    read(monday + 45 * second, more(10))
    for (const each of [history, again()]) {
      expect(each.growthOf('s', 'a', range)?.counts).toEqual([
        { registry: 'docker.io', hits: 6, misses: 0 },
        { registry: 'new.example.com', hits: 10, misses: 0 },
      ])
    }
    expect(troubles).toEqual([])
  })
})

function caught(job: () => unknown): unknown {
  try {
    return job()
  } catch (error) {
    return error
  }
}

describe('a profile that is open twice', () => {
  it('counts every growth once, whoever read it, and shares the names', () => {
    const { history, read, again, at } = toldHistory()
    const other = again()
    for (let round = 0; round < 20; round++) {
      const others = Array.from({ length: round }, (_, index) => `r${index}.example.com`)
      const counts = ['docker.io', ...others].map((registry) => ({ registry, hits: round, misses: 0 }))
      const reading = {
        source: 's',
        agent: 'a',
        at: at(monday + round * 5 * second),
        sample: sampleOf({ counts }),
      }
      ;(round % 2 === 0 ? history : other).record([reading])
    }
    read(monday + 100 * second, { ...hits(19), startedAt: monday + 99 * second }, 'b', 'third')
    for (const each of [history, other]) {
      const growth = each.growthOf('s', 'a', { from: monday, to: monday + 2 * minute })
      expect(growth?.restarts).toBe(0)
      expect(growth?.counts[0]).toEqual({ registry: 'docker.io', hits: 19, misses: 0 })
      expect(growth?.counts).toHaveLength(20)
      expect(each.growth('third', { from: monday, to: monday + 2 * minute }).size).toBe(1)
    }
    other.forget('s')
    expect(history.last('s', 'a')).toBeUndefined()
    expect(history.growth('s', range)).toEqual(new Map())
  })

  it('is left as one file when it is closed', () => {
    const { history, read, directory } = toldHistory()
    read(monday, hits(1))
    history.close()
    history.close()
    expect(readdirSync(directory)).toEqual(['mirrors.sqlite'])
    expect(statSync(join(directory, 'mirrors.sqlite')).mode % 0o1000).toBe(0o600)
  })
})
