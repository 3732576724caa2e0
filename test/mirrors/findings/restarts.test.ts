import { expect, test } from 'vitest'
import { restarts } from '../../../electron/mirrors/findings/restarts.ts'
import { agent, found, source } from './cases.ts'

const nearLimit = { resident: 120 * 1024 * 1024 }

test.each([
  ['none began anew', agent('a', { window: {}, day: {} }), []],
  [
    'one did, in the window',
    agent('a', { up: 0.5, window: { restarts: 1 }, day: { restarts: 1 } }),
    ['info seldom a'],
  ],
  ['one did, before the window', agent('a', { up: 3, window: {}, day: { restarts: 1 } }), []],
  ['three in a day', agent('a', { up: 3, window: {}, day: { restarts: 3 } }), ['warn again a']],
  ['ten in a day', agent('a', { up: 0.5, window: { restarts: 1 }, day: { restarts: 10 } }), ['bad again a']],
  [
    'with the memory nearly full',
    agent('a', { up: 3, sample: nearLimit, window: {}, day: { restarts: 4 } }),
    ['warn memory a'],
  ],
  [
    'counters fell, and the process is older than the window',
    agent('a', { up: 5, window: { restarts: 1 } }),
    ['warn several-agents a'],
  ],
])('%s', (_, one, expected) => {
  expect(found(restarts, source([one, agent('b', { window: {}, day: {} })], 3600))).toEqual(expected)
})

test('a rollout is one finding', () => {
  const nodes = ['a', 'b', 'c'].map((name) =>
    agent(name, { up: 0.2, window: { restarts: 1 }, day: { restarts: 1 } }),
  )
  expect(found(restarts, source(nodes, 3600))).toEqual(['info seldom a b c'])
})

test('since the start, the past day counts', () => {
  const young = agent('a', { up: 3, day: { restarts: 1 } })
  expect(found(restarts, source([young, agent('b')]))).toEqual(['info seldom a'])
})

test('a clock that is behind makes no restart a different agent', () => {
  const behind = agent('a', { up: 5, offset: -4.8 * 3_600_000, window: { restarts: 1 } })
  expect(found(restarts, source([behind], 3600))).toEqual(['info seldom a'])
})
