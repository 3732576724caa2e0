import { expect, test } from 'vitest'
import { registryMisses } from '../../../electron/mirrors/findings/registry-misses.ts'
import { agent, asked, found, source } from './cases.ts'

const nodes = (hits: number, misses: number, count = 3) =>
  ['a', 'b', 'c']
    .slice(0, count)
    .map((name) =>
      agent(name, { sample: { counts: [asked(50, 50), asked(hits, misses, 'private.example')] } }),
    )

test.each([
  ['it hits like the others', nodes(40, 40), []],
  ['it misses on three nodes', nodes(0, 30), ['info private.example a b c']],
  ['it misses hundreds of times', nodes(1, 100), ['warn private.example a b c']],
  ['first pulls: a handful of misses each', nodes(0, 6), []],
  ['two nodes are too few', nodes(0, 100, 2), []],
])('%s', (_, agents, expected) => {
  expect(found(registryMisses, source(agents))).toEqual(expected)
})

test('where no registry hits it is not about one of them', () => {
  const cold = ['a', 'b', 'c'].map((name) =>
    agent(name, { sample: { counts: [asked(0, 200), asked(0, 100, 'private.example')] } }),
  )
  expect(found(registryMisses, source(cold))).toEqual([])
})

test('it says what the others do, over the day where the day was watched', () => {
  const watched = nodes(0, 9).map((one) => ({
    ...one,
    day: { counts: [asked(30, 70), asked(0, 100, 'private.example')], covered: 80_000, restarts: 0 },
  }))
  expect(registryMisses(source(watched))[0]).toMatchObject({
    id: 'lab/registry-misses/private.example',
    registry: 'private.example',
    facts: { requests: 300, hits: 0, ratio: 0, others: 0.3, since: 'day' },
  })
})
