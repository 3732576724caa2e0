import { expect, test } from 'vitest'
import { counterJump } from '../../../electron/mirrors/findings/counter-jump.ts'
import { agent, asked, found, source } from './cases.ts'

test.each([
  ['a busy node', agent('a', { window: { counts: [asked(90_000, 9000)] } }), []],
  ['a million requests in an hour', agent('a', { window: { counts: [asked(1e6, 0)] } }), []],
  ['a hundred million in an hour', agent('a', { window: { counts: [asked(1e8, 0)] } }), ['warn a']],
  [
    'thousands of millions in a month',
    agent('a', { window: { counts: [asked(0, 2e9)], covered: 2_500_000 } }),
    ['warn a'],
  ],
  [
    'an impossible count since the start',
    agent('a', { up: 1, sample: { counts: [asked(1e12, 0)] } }),
    ['warn a'],
  ],
  [
    'the same, of an agent that does not say since when',
    agent('a', { sample: { counts: [asked(1e12, 0)], startedAt: undefined } }),
    [],
  ],
])('%s', (_, one, expected) => {
  expect(found(counterJump, source([one, agent('b')], 3600))).toEqual(expected)
})
