import { expect, test } from 'vitest'
import { guardHistory } from '../../electron/mirrors/guarded-history.ts'
import type { History } from '../../electron/mirrors/history/history.ts'
import type { Log } from '../../electron/log.ts'
import { failureError } from '../../shared/model/local-failure.ts'

const range = { from: 0, to: 1 }
const full = failureError('internal', 'scrape', 'The history cannot be written: the disk is full.')

/** A history that works as long as the disk has room, which the test decides. */
function overDisk() {
  const disk = { isFull: false, opened: 0, closed: 0, recorded: 0 }
  const need = <T>(answer: T): T => {
    if (disk.isFull) throw full
    return answer
  }
  const history: History = {
    record: (readings) => void (disk.recorded += need(readings.length)),
    last: (source, agent) =>
      need({ source, agent, at: 1, sample: { counts: [], advertised: [], traits: [] } }),
    growth: () => need(new Map([['a', { counts: [], covered: 1, restarts: 0 }]])),
    growthOf: () => need({ counts: [], covered: 1, restarts: 0 }),
    series: () => need([{ at: 0, restarts: 0 }]),
    forget: () => need(undefined),
    close: () => void (disk.closed += 1),
  }
  const logged: string[] = []
  const log = { warn: (_: object, words: string) => void logged.push(words) } as unknown as Log
  const open = () => {
    disk.opened += 1
    return need(history)
  }
  return { disk, logged, guarded: guardHistory(open, log) }
}

const reading = { source: 's', agent: 'a', at: 1, sample: { counts: [], advertised: [], traits: [] } }

test('a history that works is used, and opened when it is first needed', () => {
  const { disk, guarded, logged } = overDisk()
  expect(disk.opened).toBe(0)
  guarded.record([reading])
  expect(guarded.last('s', 'a')).toMatchObject({ at: 1 })
  expect(guarded.growth('s', range).get('a')).toMatchObject({ covered: 1 })
  expect(guarded.growthOf('s', 'a', range)).toMatchObject({ covered: 1 })
  expect(guarded.series({ sources: ['s'] }, range, 1)).toHaveLength(1)
  guarded.close()
  expect([disk, logged, guarded.failure()]).toEqual([
    { isFull: false, opened: 1, closed: 1, recorded: 1 },
    [],
    undefined,
  ])
})

test('one that cannot be written is said and logged once, knows nothing, and is tried again', () => {
  const { disk, guarded, logged } = overDisk()
  disk.isFull = true
  guarded.record([reading])
  guarded.record([reading])
  expect(guarded.last('s', 'a')).toBeUndefined()
  expect(guarded.growth('s', range).size).toBe(0)
  expect(guarded.growthOf('s', 'a', range)).toBeUndefined()
  expect(guarded.series({ sources: ['s'] }, range, 1)).toEqual([])
  guarded.forget('s')
  expect(guarded.failure()).toEqual(full.failure)
  expect(logged).toEqual(['the history of the mirrors cannot be used'])
  disk.isFull = false
  guarded.record([reading])
  expect([guarded.failure(), disk.recorded]).toEqual([undefined, 1])
})

test('one that fails for a reason nobody thought of says so', () => {
  const guarded = guardHistory(
    () => {
      throw new TypeError('a bug')
    },
    { warn: () => undefined } as unknown as Log,
  )
  guarded.record([reading])
  expect(guarded.failure()).toMatchObject({ kind: 'internal', next: ['report-bug'] })
})
