import { expect, test } from 'vitest'
import { clockSkew } from '../../../electron/mirrors/findings/clock-skew.ts'
import { agent, at, found, source } from './cases.ts'

const clocks = (...offsets: number[]) =>
  offsets.map((offset, index) => agent('abcd'[index] ?? '', { offset }))

test.each([
  ['a second is what the header resolves', clocks(-1000, 0, 900), []],
  ['one is ahead', clocks(0, 200, 8000), ['info nodes c']],
  ['one is two minutes behind', clocks(0, 200, -120_000), ['warn nodes c']],
  ['two differ, and nobody knows which is right', clocks(0, 8000), ['info nodes a b']],
  ['two camps', clocks(-4000, -4000, 4000, 4000), ['info nodes a b c d']],
  ['all are the same hour from this computer', clocks(3_600_000, 3_600_200), ['info ours ']],
  ['a start that lies ahead', [agent('a', { up: -1 }), agent('b')], ['warn nodes a']],
  [
    'a last success that lies ahead',
    [agent('a', { sample: { lastSuccessAt: at + 9000 } })],
    ['info nodes a'],
  ],
])('%s', (_, agents, expected) => {
  expect(found(clockSkew, source(agents))).toEqual(expected)
})
