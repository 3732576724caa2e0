import { expect, test } from 'vitest'
import { twoAgentsOneNode } from '../../../electron/mirrors/findings/two-agents-one-node.ts'
import { agent, asked, at, found, idle, source } from './cases.ts'

const pod = (id: string, node: string) =>
  idle(id, { identity: { pod: `spegel/${id}`, mirrorUrl: `http://${node}:30020` } })
const forwarded = (id: string) => idle(id, { identity: { mirrorUrl: 'http://127.0.0.1:30020' } })
const started = at - 90_000_000
const twin = (id: string, hits = 3) =>
  agent(id, { sample: { startedAt: started, lastSuccessAt: at - 5000, counts: [asked(hits, 4)] } })

test.each([
  ['a node each', [pod('a', '10.0.0.1'), pod('b', '10.0.0.2')], []],
  [
    'two pods on one node',
    [pod('a', '10.0.0.1'), pod('b', '10.0.0.1'), pod('c', '10.0.0.2')],
    ['warn one-node a b'],
  ],
  [
    'two with one name',
    [idle('a', { identity: { name: 'node-1' } }), idle('b', { identity: { name: 'node-1' } })],
    ['warn one-node a b'],
  ],
  ['forwarded ports share an address', [forwarded('a'), forwarded('b')], []],
  ['one agent listed by name and address', [twin('a'), twin('b'), twin('c', 9)], ['warn listed-twice a b']],
  [
    'a rollout starts two at the same moment',
    [idle('a', { sample: { startedAt: started } }), idle('b', { sample: { startedAt: started } })],
    [],
  ],
])('%s', (_, agents, expected) => {
  expect(found(twoAgentsOneNode, source(agents))).toEqual(expected)
})
