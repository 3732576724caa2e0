import { expect, test } from 'vitest'
import { advertisedNotHeld } from '../../../electron/mirrors/findings/advertised-not-held.ts'
import { agent, asked, found, source, took } from './cases.ts'

const searched = (peers: number, hits: number, misses: number) =>
  agent('a', { sample: { resolve: took({ 0.005: peers }), counts: [asked(hits, misses)] } })

test.each([
  ['peers are found and have it', searched(200, 120, 60), []],
  ['three peers for each hit', searched(300, 100, 60), []],
  ['peers are found and have nothing', searched(200, 1, 150), ['warn a']],
  ['nobody is found', searched(0, 0, 150), []],
  ['one image that is gone', searched(20, 0, 20), []],
])('%s', (_, one, expected) => {
  expect(found(advertisedNotHeld, source([one]))).toEqual(expected)
})

test('it gives the numbers it guesses from', () => {
  expect(advertisedNotHeld(source([searched(200, 1, 150)]))[0]?.facts).toMatchObject({
    found: 200,
    hits: 1,
    requests: 151,
    since: 'start',
  })
})
