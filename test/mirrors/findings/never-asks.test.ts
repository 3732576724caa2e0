import { expect, test } from 'vitest'
import { neverAsks } from '../../../electron/mirrors/findings/never-asks.ts'
import { agent, asked, found, idle, source } from './cases.ts'

const busy = agent('a')
const quiet = agent('a', { sample: { counts: [asked(2, 6)] } })
const on = (runtime: string) => ({ identity: { runtime } })

test.each([
  ['all ask', [busy, agent('b')], []],
  [
    'one does not: its own configuration, as the same containerd asks elsewhere',
    [busy, idle('b')],
    ['warn own-config b'],
  ],
  [
    'one does not, and no other has its containerd: the colon list',
    [agent('a', on('containerd://1.7.29')), idle('b', on('containerd://2.2.0'))],
    ['warn colon-list b'],
  ],
  [
    'an old containerd has no colon trap',
    [busy, idle('b', on('containerd://1.7.29'))],
    ['warn config-path b'],
  ],
  ['k3s has a list of its own', [busy, idle('b', on('containerd://2.1.5-k3s1'))], ['warn k3s b']],
  ['the runtime is not known', [busy, idle('b', on(''))], ['warn unknown b']],
  ['it began ten minutes ago', [busy, idle('b', { up: 1 / 6 })], []],
  ['it does not say since when it runs', [busy, idle('b', { sample: { startedAt: undefined } })], []],
  ['its node holds no image', [busy, idle('b', { identity: { images: 0 } })], []],
  ['others hardly ask either, soon after the start', [quiet, idle('b', { up: 3 })], []],
  ['others hardly ask either', [quiet, idle('b')], ['info own-config b']],
  ['most are idle: nothing odd about one of them', [busy, idle('b'), idle('c')], ['info own-config b c']],
  ['nobody asks, for an hour', [idle('a', { up: 1 }), idle('b', { up: 1 })], []],
  ['nobody asks, for half a day', [idle('a', { up: 12 }), idle('b', { up: 12 })], ['info nobody a b']],
  ['nobody asks, for two days, and images are there', [idle('a'), idle('b')], ['warn nobody a b']],
  [
    'nobody asks, and nobody knows of images',
    [idle('a', { identity: { images: undefined }, sample: { advertised: [] } })],
    ['info nobody a'],
  ],
])('%s', (_, agents, expected) => {
  expect(found(neverAsks, source(agents))).toEqual(expected)
})

test('what is most likely is to be tried first', () => {
  const stepsOf = (runtime: string) =>
    neverAsks(source([agent('a', on('containerd://1.7.29')), idle('b', on(runtime))]))
  expect(stepsOf('containerd://2.2.0')[0]?.next[0]).toBe('single-config-path')
  expect(stepsOf('containerd://1.7.29')[0]?.next[0]).toBe('set-config-path')
  expect(neverAsks(source([quiet, idle('b')]))[0]?.next[0]).toBe('wait-for-pulls')
})

test('it says how long, and what the others do', () => {
  const [finding] = neverAsks(source([busy, idle('b', { up: 30 })]))
  expect(finding).toMatchObject({
    id: 'lab/never-asks/own-config',
    facts: { hours: 30, asking: 1, typical: 100, runtime: 'containerd://2.1.5', agent: 'b', count: 1 },
    message: 'b: no request reached the mirror in 30 h; others that ask: 1, typically 100 times.',
  })
})
