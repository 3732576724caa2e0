import { afterEach, beforeEach, expect, test } from 'vitest'
import { containerStatus, spegelPod } from '../../../fakes/kubernetes/objects.ts'
import { failureOf, hitsOf, type Lab, never, nextChange, openLab, podsOf, roundWhere } from './cluster.ts'

let lab: Lab
beforeEach(async () => {
  lab = await openLab()
  lab.api.store.put(spegelPod({ name: 'spegel-aaaaa', node: 'node-1' }))
  await lab.agent('spegel/spegel-aaaaa:9090', 1)
})
afterEach(() => lab.close())

/** A source after its first round, whose watch runs. */
async function watching() {
  const source = lab.open()
  await source.round(never)
  await lab.api.watched(1)
  return source
}

const lists = () =>
  lab.api.asked.filter(({ verb, resource }) => verb === 'list' && resource === 'pods').length
const watches = () => lab.api.asked.filter(({ verb }) => verb === 'watch')
const lastWatch = () => {
  const watch = lab.api.watches.at(-1)
  if (watch === undefined) throw new Error('nobody watches')
  return watch
}

test('pods that come and go are told, and no list is read again', async () => {
  const source = await watching()
  const before = lists()
  lab.api.store.put(spegelPod({ name: 'spegel-bbbbb', node: 'node-2' }))
  await lab.agent('spegel/spegel-bbbbb:9090', 2)
  const both = await roundWhere(source, ({ agents }) => agents.length === 2)
  expect(hitsOf(both)).toEqual({ 'node-1': 1, 'node-2': 2 })
  lab.api.store.remove('Pod', 'spegel-aaaaa', 'spegel')
  const one = await roundWhere(source, ({ agents }) => agents.length === 1)
  expect(hitsOf(one)).toEqual({ 'node-2': 2 })
  expect(lists()).toBe(before)
  expect(watches()).toHaveLength(1)
})

test('a pod that takes the place of another is the same agent, asked at once though the other failed', async () => {
  const source = await watching()
  lab.api.backends.delete('spegel/spegel-aaaaa:9090')
  for (let round = 0; round < 3; round += 1)
    expect(hitsOf(await source.round(never))).toEqual({ 'node-1': 'gateway-fault' })
  lab.api.store.put(
    spegelPod({
      name: 'spegel-aaaaa',
      node: 'node-1',
      metadata: { deletionTimestamp: '2026-11-22T12:00:00Z' },
    }),
  )
  lab.api.store.put(spegelPod({ name: 'spegel-bbbbb', node: 'node-1' }))
  await lab.agent('spegel/spegel-bbbbb:9090', 5)
  const during = await roundWhere(source, (round) => podsOf(round)[0] === 'spegel/spegel-bbbbb')
  expect(hitsOf(during)).toEqual({ 'node-1': 5 })
  lab.api.store.remove('Pod', 'spegel-aaaaa', 'spegel')
  expect(hitsOf(await source.round(never))).toEqual({ 'node-1': 5 })
})

test('a DaemonSet that rolls over three nodes is followed pod by pod', async () => {
  for (const at of [2, 3]) {
    lab.api.store.put(spegelPod({ name: `spegel-old-${at}`, node: `node-${at}` }))
    await lab.agent(`spegel/spegel-old-${at}:9090`, at)
  }
  lab.api.store.remove('Pod', 'spegel-aaaaa', 'spegel')
  lab.api.store.put(spegelPod({ name: 'spegel-old-1', node: 'node-1' }))
  await lab.agent('spegel/spegel-old-1:9090', 1)
  const source = await watching()
  for (const at of [1, 2, 3]) {
    const node = `node-${at}`
    lab.api.store.remove('Pod', `spegel-old-${at}`, 'spegel')
    const gone = await roundWhere(source, ({ agents }) => agents.length === 2)
    expect(gone.agents.map(({ agent }) => agent.id)).not.toContain(node)
    const status = {
      phase: 'Pending',
      initContainerStatuses: [],
      containerStatuses: [containerStatus({ waiting: { reason: 'ContainerCreating' } })],
    }
    lab.api.store.put(spegelPod({ name: `spegel-new-${at}`, node, image: 'spegel:v0.8.0', status }))
    const starting = await roundWhere(source, ({ agents }) => agents.length === 3)
    expect(failureOf(starting, node).message).toContain('does not run: ContainerCreating')
    lab.api.store.put(spegelPod({ name: `spegel-new-${at}`, node, image: 'spegel:v0.8.0' }))
    await lab.agent(`spegel/spegel-new-${at}:9090`, 10 + at)
    const back = await roundWhere(source, ({ agents }) => agents.every(({ ok }) => ok))
    expect(hitsOf(back)).toMatchObject({ [node]: 10 + at })
  }
  const last = await source.round(never)
  expect(last.agents.map(({ agent }) => agent.image)).toEqual(
    Array.from({ length: 3 }, () => 'spegel:v0.8.0'),
  )
})

test('a change of nothing the map shows is not told', async () => {
  const source = await watching()
  let told = 0
  source.onChange?.(() => (told += 1))
  lab.api.store.put(
    spegelPod({ name: 'spegel-aaaaa', node: 'node-1', metadata: { annotations: { seen: 'yes' } } }),
  )
  const change = nextChange(source)
  lab.api.store.put(spegelPod({ name: 'spegel-bbbbb', node: 'node-2' }))
  await change
  expect(told).toBe(1)
})

test('a watch that the API server ends goes on from its last bookmark without a list', async () => {
  const source = await watching()
  const before = lists()
  for (let at = 0; at < 5; at += 1)
    lab.api.store.put(spegelPod({ name: 'x', namespace: 'other', labels: {} }))
  lastWatch().bookmark()
  const version = lab.api.store.version()
  lastWatch().end()
  await lab.api.watched(2)
  expect(watches().at(-1)?.query.get('resourceVersion')).toBe(String(version))
  expect(lists()).toBe(before)
  lab.api.store.put(spegelPod({ name: 'spegel-bbbbb', node: 'node-2' }))
  await roundWhere(source, ({ agents }) => agents.length === 2)
})

test('410 in the middle of a watch: the list is read anew, and what was missed is told', async () => {
  const source = await watching()
  const change = nextChange(source)
  const watch = lastWatch()
  // nothing of this is told any more: it is forgotten before the watch hears of it
  watch.expire()
  lab.api.store.remove('Pod', 'spegel-aaaaa', 'spegel')
  lab.api.store.put(spegelPod({ name: 'spegel-bbbbb', node: 'node-2' }))
  lab.api.store.compact()
  await change
  const round = await roundWhere(source, (each) => podsOf(each)[0] === 'spegel/spegel-bbbbb')
  expect(round.agents.map(({ agent }) => agent.id)).toEqual(['node-2'])
  await lab.api.watched(2)
  lab.api.store.put(spegelPod({ name: 'spegel-ccccc', node: 'node-3' }))
  await roundWhere(source, ({ agents }) => agents.length === 2)
})

test('410 as an answer is the same', async () => {
  let refused = 0
  lab.api.intercept = ({ verb }, response) => {
    if (verb !== 'watch' || refused > 0) return false
    refused += 1
    response.writeHead(410, { 'content-type': 'application/json' })
    response.end(
      '{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","message":"too old","code":410}',
    )
    return true
  }
  const source = lab.open()
  await source.round(never)
  await lab.api.watched(1)
  expect(refused).toBe(1)
  lab.api.store.put(spegelPod({ name: 'spegel-bbbbb', node: 'node-2' }))
  await roundWhere(source, ({ agents }) => agents.length === 2)
})

test('while no watch runs every round lists, and sees what is there', async () => {
  const source = await watching()
  lab.api.intercept = ({ verb }, response) => {
    if (verb !== 'watch') return false
    response.destroy()
    return true
  }
  const broken = nextWatchRefused()
  lastWatch().cut()
  await broken
  lab.api.store.put(spegelPod({ name: 'spegel-bbbbb', node: 'node-2' }))
  expect((await source.round(never)).agents).toHaveLength(2)
  lab.api.store.remove('Pod', 'spegel-bbbbb', 'spegel')
  expect((await source.round(never)).agents).toHaveLength(1)
  lab.api.intercept = () => false
  await lab.api.watched(2)
  const before = lists()
  lab.api.store.put(spegelPod({ name: 'spegel-ccccc', node: 'node-3' }))
  await roundWhere(source, ({ agents }) => agents.length === 2)
  expect(lists()).toBeLessThanOrEqual(before + 1)
})

/** Resolves when a watch was asked for and refused. */
function nextWatchRefused(): Promise<void> {
  const inner = lab.api.intercept
  return new Promise((resolve) => {
    lab.api.intercept = (asked, response) => {
      const done = inner(asked, response)
      if (done && asked.verb === 'watch') resolve()
      return done
    }
  })
}

test('who may list but not watch sees every change in the next round', async () => {
  lab.api.allow = ({ verb }) => verb !== 'watch'
  const source = lab.open()
  await source.round(never)
  lab.api.store.put(spegelPod({ name: 'spegel-bbbbb', node: 'node-2' }))
  expect((await source.round(never)).agents).toHaveLength(2)
  expect((await source.round(never)).failure).toBeUndefined()
  expect(watches().length).toBeLessThanOrEqual(1)
})

test.each([
  ['no JSON', 'nonsense\n'],
  ['an unknown type', '{"type":"RENAMED","object":{}}\n'],
  ['no object', '{"type":"ADDED"}\n'],
  ['a pod without a name', '{"type":"ADDED","object":{"metadata":{"resourceVersion":"5"},"spec":{}}}\n'],
  [
    'a name that leads elsewhere',
    '{"type":"ADDED","object":{"metadata":{"name":"../x","namespace":"a","uid":"u","resourceVersion":"5"},"spec":{"containers":[]}}}\n',
  ],
  ['a line without end', 'x'.repeat(5 * 1024 * 1024)],
  [
    'a fault of its own',
    '{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","code":500,"message":"etcd"}}\n',
  ],
])('a watch that sends %s is given up and begun again', async (_what, line) => {
  const source = await watching()
  lastWatch().write(line)
  await lab.api.watched(2)
  lab.api.store.put(spegelPod({ name: 'spegel-bbbbb', node: 'node-2' }))
  const round = await roundWhere(source, ({ agents }) => agents.length === 2)
  expect(round.failure).toBeUndefined()
})

test('closing ends the watch, and nothing is asked afterwards', async () => {
  const source = await watching()
  const before = lab.api.asked.length
  source.close()
  await lastWatch().closed
  expect(lab.api.asked).toHaveLength(before)
  expect(lab.exchanges.find(({ url }) => url.includes('watch=true'))).toMatchObject({ failure: 'cancelled' })
})
