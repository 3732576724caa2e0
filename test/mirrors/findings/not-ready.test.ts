import { expect, test } from 'vitest'
import { notReady } from '../../../electron/mirrors/findings/not-ready.ts'
import { agent, found, source } from './cases.ts'

const probed = (name: string, ready: number, unready: number) =>
  agent(name, { window: { readiness: { ready, notReady: unready } } })
const ready = probed('a', 360, 0)

test.each([
  ['all are ready', [ready, probed('b', 360, 0)], []],
  ['a start takes a probe or two', [ready, probed('b', 3, 2)], []],
  ['some of many failed long ago', [ready, probed('b', 10_000, 200)], []],
  ['one is not ready at times', [ready, probed('b', 300, 60)], ['warn some b']],
  ['one never is', [ready, probed('b', 0, 360)], ['bad some b']],
  ['all never are', [probed('a', 0, 360), probed('b', 0, 360)], ['bad everybody a b']],
  ['a cluster of one node never is', [probed('a', 0, 360)], ['info alone a']],
  [
    'nobody probes, and one is connected to nobody',
    [ready, agent('b', { sample: { peers: 0 } })],
    ['warn no-peers b'],
  ],
  [
    'one was ready for weeks and has just lost its peers',
    [ready, agent('b', { sample: { peers: 0 }, window: { readiness: { ready: 10_000, notReady: 9 } } })],
    ['warn no-peers b'],
  ],
  ['nobody probes, and it has just begun', [ready, agent('b', { up: 0.05, sample: { peers: 0 } })], []],
  ['nobody probes, in a cluster of one', [agent('b', { sample: { peers: 0 } })], []],
  ['nobody probes, and it is connected', [ready, agent('b', { sample: { peers: 2 } })], []],
])('%s', (_, agents, expected) => {
  expect(found(notReady, source(agents, 3600))).toEqual(expected)
})

test('since the start counts where the window has no probes', () => {
  const one = agent('a', { sample: { readiness: { ready: 0, notReady: 9 } }, window: {} })
  expect(notReady(source([one, agent('b')], 3600))[0]?.facts).toMatchObject({
    requests: 9,
    probes: 9,
    ratio: 1,
    since: 'start',
  })
})
