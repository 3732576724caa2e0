import { expect, test } from 'vitest'
import { neverHits } from '../../../electron/mirrors/findings/never-hits.ts'
import { agent, asked, found, idle, source } from './cases.ts'

const misses = (name: string, count: number, registry?: string) =>
  agent(name, { sample: { counts: [asked(0, count, registry)] } })

test.each([
  ['all hit at times', [agent('a'), agent('b')], []],
  ['a first pull is a handful of misses', [agent('a'), misses('b', 6)], []],
  ['a large first pull may be one', [agent('a'), misses('b', 25)], ['info others-hit b']],
  ['hundreds of requests are no first pull', [agent('a'), misses('b', 300)], ['warn others-hit b']],
  ['one hit is enough', [agent('a'), agent('b', { sample: { counts: [asked(1, 300)] } })], []],
  ['nobody hits for the registry it asks for', [agent('a'), misses('b', 300, 'private.example')], []],
  ['nobody hits: one finding', [misses('a', 90), misses('b', 90), idle('c')], ['warn nobody a b']],
  ['nobody hits, of a few requests', [misses('a', 40), misses('b', 40)], []],
  ['one node alone has nobody to hit', [misses('a', 300), idle('b')], []],
])('%s', (_, agents, expected) => {
  expect(found(neverHits, source(agents))).toEqual(expected)
})

test('an agent that is connected to peers is not alone, though it is the only one on the list', () => {
  const one = agent('a', { sample: { counts: [asked(0, 300)], peers: 4 } })
  expect(found(neverHits, source([one]))).toEqual(['warn nobody a'])
})

test('500 nodes that never hit are one finding', () => {
  const nodes = Array.from({ length: 500 }, (_, index) => misses(`node-${index}`, 30))
  const [finding, ...more] = neverHits(source(nodes))
  expect(more).toEqual([])
  expect(finding?.facts).toMatchObject({ count: 500, requests: 15_000 })
})
