import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { identify, type Standing } from '../../../../electron/mirrors/sources/prometheus/identity.ts'
import { type Labels, placeOf, targetOf } from '../../../../electron/mirrors/sources/prometheus/labels.ts'

const naming = { source: 's', demo: false, mirrorPort: 30_020 }
const start = 1_000_000

function standing(labels: Labels, more: Partial<Standing> = {}): Standing {
  return { target: targetOf(labels), at: start + 60_000, startedAt: start, alive: true, ...more }
}
const idsOf = (standings: Standing[]) => identify(standings, naming).map(({ agent }) => agent.id)

describe('an agent is called', () => {
  test.each<[string, Labels, string]>([
    ['by its node', { node: 'worker-1', pod: 'spegel-a', instance: '10.0.0.1:9090' }, 'worker-1'],
    [
      'by its node under another name',
      { kubernetes_node: 'worker-1', instance: '10.0.0.1:9090' },
      'worker-1',
    ],
    ['by its pod', { node: '', pod: 'spegel-a', instance: '10.0.0.1:9090' }, 'spegel-a'],
    ['by its address', { instance: '10.0.0.1:9090', job: 'spegel' }, '10.0.0.1:9090'],
    ['by its job where nothing else is left', { job: 'spegel' }, 'spegel'],
    ['somehow', {}, 'agent'],
  ])('%s', (_what, labels, id) => {
    expect(idsOf([standing(labels)])).toEqual([id])
  })

  test('with its cluster where there is one, and shows it where there are more', () => {
    const east = standing({ cluster: 'east', node: 'worker-1' })
    const west = standing({ cluster: 'west', node: 'worker-1' })
    const [alone] = identify([east], naming)
    expect([alone?.agent.id, alone?.agent.name]).toEqual(['east/worker-1', 'worker-1'])
    expect(identify([west, east], naming).map(({ agent }) => [agent.id, agent.name])).toEqual([
      ['east/worker-1', 'east/worker-1'],
      ['west/worker-1', 'west/worker-1'],
    ])
  })

  test.each<[string, Labels]>([
    ['two Spegel on one node', { namespace: 'a', pod: 'spegel-a' }],
    ['a label that says where Prometheus runs', { pod: 'spegel-b' }],
  ])('not by a node several living agents share: %s', (_what, labels) => {
    const other = standing({ ...labels, node: 'worker-1', instance: '10.0.0.1:9090' })
    const one = standing({ node: 'worker-1', pod: 'spegel-z', namespace: 'z', instance: '10.0.0.2:9090' })
    expect(idsOf([one, other])).toEqual([labels['pod'], 'spegel-z'])
  })

  test('nor by a pod that two namespaces have', () => {
    const of = (namespace: string, instance: string) => standing({ namespace, pod: 'spegel-0', instance })
    expect(idsOf([of('a', '10.0.0.1:9090'), of('b', '10.0.0.2:9090')])).toEqual([
      '10.0.0.1:9090',
      '10.0.0.2:9090',
    ])
  })
})

describe('of several targets one speaks', () => {
  const of = (name: string, more: Partial<Standing>) =>
    standing({ node: 'worker-1', pod: name, instance: `${name}:9090` }, more)
  const chosen = (standings: Standing[]) =>
    identify(standings, naming).map(({ standing }) => standing.target.pod)

  test.each<[string, Standing[], string[]]>([
    [
      'the one that began after the other was last heard of',
      [of('old', { at: start + 50 }), of('young', { startedAt: start + 60, at: start + 90 })],
      ['young'],
    ],
    ['the living', [of('dead', { alive: false, at: start + 99_000 }), of('living', {})], ['living']],
    [
      'the one heard of last, where both stopped',
      [of('a', { alive: false }), of('b', { alive: false, at: start + 99_000 })],
      ['b'],
    ],
  ])('%s', (_what, standings, pods) => {
    expect(chosen(standings)).toEqual(pods)
    expect(chosen(standings.toReversed())).toEqual(pods)
  })

  test('of two that scrape one agent the latest, of a restart in between the new run', () => {
    const replica = (name: string, more: Partial<Standing>) =>
      standing({ node: 'worker-1', instance: 'i', replica: name }, more)
    const by = (standings: Standing[]) =>
      identify(standings, naming).map(({ standing }) => standing.target.labels['replica'])
    expect(by([replica('a', { at: start + 10 }), replica('b', { at: start + 20 })])).toEqual(['b'])
    const late = replica('a', { at: start + 30_000 })
    const restarted = replica('b', { at: start + 20_000, startedAt: start + 10_000 })
    expect(by([late, restarted])).toEqual(['b'])
  })
})

test('k3s shows one agent on all of its ports: the one that names the node speaks, whichever was heard of last', () => {
  const port = (number: number, job: string, at: number, more: Labels = {}) =>
    standing({ job, instance: `10.0.0.1:${number}`, ...more }, { isMixed: true, at })
  const ports = [
    port(6443, 'apiserver', start + 3),
    port(10_250, 'kubelet', start + 1, { node: 'worker-1' }),
    port(10_257, 'controller', start + 2),
  ]
  expect(idsOf(ports)).toEqual(['worker-1'])
  expect(idsOf(ports.toReversed())).toEqual(['worker-1'])
  const elsewhere = standing({ job: 'apiserver', instance: '10.0.0.2:6443' }, { isMixed: true })
  expect(idsOf([...ports, elsewhere])).toEqual(['10.0.0.2:6443', 'worker-1'])
})

test.each([
  ['10.0.0.1:9090', 'http://10.0.0.1:30020'],
  ['[fd00::5]:9090', 'http://[fd00::5]:30020'],
  ['fd00::5', 'http://[fd00::5]:30020'],
  ['worker-1', 'http://worker-1:30020'],
  ['https://worker-1:9090/metrics', 'http://worker-1:30020'],
  ['a b', undefined],
  ['', undefined],
])('the mirror of "%s" is at %s', (instance, url) => {
  expect(identify([standing({ instance, pod: 'p' })], naming)[0]?.agent.mirrorUrl).toBe(url)
})

test('whatever the labels are, no id is there twice and every place has at most one agent', () => {
  const word = fc.constantFrom('a', 'b', 'c', '', '/', '__proto__')
  const labels = fc.dictionary(
    fc.constantFrom('cluster', 'namespace', 'node', 'pod', 'instance', 'job', 'replica'),
    word,
  )
  const one = fc.record({
    labels,
    at: fc.nat(100_000),
    startedAt: fc.option(fc.nat(100_000)),
    alive: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(one, { maxLength: 12 }), (all) => {
      const standings = all.map(({ labels, startedAt, ...more }) => ({
        target: targetOf(labels),
        ...more,
        ...(startedAt === null ? {} : { startedAt }),
      }))
      const found = identify(standings, naming)
      const ids = found.map(({ agent }) => agent.id)
      expect(new Set(ids).size).toBe(ids.length)
      const places = found.map(({ standing }) => placeOf(standing.target))
      expect(new Set(places).size).toBe(places.length)
      expect(found.length > 0).toBe(all.length > 0)
      expect(ids).toEqual(ids.toSorted((a, b) => (a < b ? -1 : 1)))
    }),
  )
})
