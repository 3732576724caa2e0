import { beforeEach, expect, test } from 'vitest'
import { type BackOff, createBackOff } from '../../../electron/mirrors/sources/back-off.ts'
import { localFailure } from '../../../shared/model/local-failure.ts'

const failure = localFailure('refused', 'scrape', 'nobody listens')
let now: number
let backOff: BackOff

beforeEach(() => {
  now = 0
  backOff = createBackOff({ now: () => now })
})

/** The rounds in which `id` was asked and failed, beside one that always answers. */
function roundsAsked(id: string, rounds: number, interval: number): number[] {
  return Array.from({ length: rounds }, (_, round) => round).filter(() => {
    now += interval
    const isDue = backOff.due([id, 'fine']).has(id)
    if (isDue) backOff.failed(id, failure)
    return isDue
  })
}

test('an agent that keeps failing is asked after 1, 2, 4 … rounds', () => {
  expect(roundsAsked('a', 33, 15_000)).toEqual([0, 1, 3, 7, 15, 31])
})

test('it is left alone for 5 minutes at most, however long a round is', () => {
  expect(roundsAsked('a', 20, 120_000)).toEqual([0, 1, 3, 6, 9, 12, 15, 18])
})

test('it stands with what it failed with until it answers, and then counts from the start again', () => {
  roundsAsked('a', 10, 15_000)
  expect(backOff.failureOf('a')).toEqual(failure)
  backOff.answered('a')
  expect(backOff.failureOf('a')).toBeUndefined()
  expect(roundsAsked('a', 4, 15_000)).toEqual([0, 1, 3])
})

test('where all are to be left alone a few are asked nevertheless', () => {
  const ids = Array.from({ length: 100 }, (_, n) => `agent-${n}`)
  for (const round of [1, 2]) {
    expect([round, backOff.due(ids).size]).toEqual([round, 100])
    for (const id of ids) backOff.failed(id, failure)
  }
  expect([...backOff.due(ids)]).toEqual(ids.slice(0, 16))
  backOff.forget()
  expect(backOff.due(ids).size).toBe(100)
})

test('one that was gone for a round begins anew', () => {
  roundsAsked('a', 4, 15_000)
  backOff.due(['fine'])
  expect(backOff.due(['a', 'fine']).has('a')).toBe(true)
})
