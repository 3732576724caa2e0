import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { failureSchema } from '../../../../shared/model/failure.ts'
import { kubeNode, spegelPod } from '../../../fakes/kubernetes/objects.ts'
import { hitsOf, type Lab, never, openLab, podsOf } from './cluster.ts'

let lab: Lab
beforeEach(async () => {
  lab = await openLab()
})
afterEach(() => lab.close())

const listsPods = ({ verb, resource }: { verb: string; resource: string }) =>
  verb === 'list' && resource === 'pods'

/** The failure of a round as a whole, which is one that may cross the wire. */
async function failing(source = lab.open()) {
  const round = await source.round(never)
  if (round.failure === undefined) throw new Error('the round did not fail')
  return { ...round, failure: failureSchema.parse(round.failure) }
}

describe('what may not be seen', () => {
  test('pods of all namespaces: those of the context’s namespace are taken', async () => {
    await lab.configure(undefined, { namespace: 'tools' })
    lab.api.allow = ({ namespace }) => namespace === 'tools'
    lab.api.store.put(spegelPod({ name: 'spegel-aaaaa', node: 'node-1', namespace: 'tools' }))
    lab.api.store.put(spegelPod({ name: 'spegel-bbbbb', node: 'node-2', namespace: 'spegel' }))
    await lab.agent('tools/spegel-aaaaa:9090', 1)
    const round = await lab.open().round(never)
    expect(round.failure).toBeUndefined()
    expect(hitsOf(round)).toEqual({ 'node-1': 1 })
    await lab.api.watched(1)
    expect(lab.api.watches[0]?.namespace).toBe('tools')
  })

  test.each(['spegel', 'kube-system'])('or those of %s', async (allowed) => {
    lab.api.allow = ({ namespace }) => namespace === allowed
    lab.api.store.put(spegelPod({ name: 'spegel-aaaaa', node: 'node-1', namespace: allowed }))
    expect(podsOf(await lab.open().round(never))).toEqual([`${allowed}/spegel-aaaaa`])
  })

  test('pods of any namespace: the Failure names verb and resource, and where it was tried', async () => {
    await lab.configure(undefined, { namespace: 'tools' })
    lab.api.allow = () => false
    const { failure, agents } = await failing()
    expect(failure).toMatchObject({
      kind: 'denied',
      status: 403,
      answeredBy: 'api-server',
      host: lab.api.host,
      next: ['ask-cluster-admin', 'check-kubeconfig'],
    })
    expect(failure.message).toContain(
      'User "ada" cannot list resource "pods" in API group "" at the cluster scope',
    )
    expect(failure.message).toContain('Nor may pods be listed in tools, spegel, kube-system.')
    expect(agents).toEqual([])
  })

  test('nodes: the map works without zones', async () => {
    lab.api.allow = ({ resource }) => resource !== 'nodes'
    lab.api.store.put(kubeNode('node-1', { labels: { 'topology.kubernetes.io/zone': 'zone-a' } }))
    lab.api.store.put(spegelPod({ name: 'spegel-aaaaa', node: 'node-1' }))
    await lab.agent('spegel/spegel-aaaaa:9090', 3)
    const source = lab.open()
    const round = await source.round(never)
    expect(round.failure).toBeUndefined()
    expect(hitsOf(round)).toEqual({ 'node-1': 3 })
    expect(round.agents[0]?.agent).not.toHaveProperty('zone')
    // the right is given later
    lab.api.allow = () => true
    lab.clock.at += 5 * 60_000
    expect((await source.round(never)).agents[0]?.agent.zone).toBe('zone-a')
  })
})

describe('no agents', () => {
  test('the Failure says what was looked for and asks whether Spegel is installed', async () => {
    lab.api.store.put(kubeNode('node-1'))
    lab.api.store.put(spegelPod({ name: 'nginx', node: 'node-1', labels: { app: 'nginx' } }))
    const { failure } = await failing()
    expect(failure).toMatchObject({ kind: 'no-agents', next: ['install-mirror', 'check-kubeconfig'] })
    expect(failure.evidence).toContainEqual({
      fact: 'expected',
      value:
        'app.kubernetes.io/component=spegel or app.kubernetes.io/name=spegel,!app.kubernetes.io/component',
    })
    expect(failure.message).toContain('no node runs it inside k3s or RKE2')
  })

  test('pods that come later are found', async () => {
    const source = lab.open()
    await failing(source)
    lab.api.store.put(spegelPod({ name: 'spegel-aaaaa', node: 'node-1' }))
    const round = await source.round(never)
    expect(round.failure).toBeUndefined()
    expect(podsOf(round)).toEqual(['spegel/spegel-aaaaa'])
  })

  test('where the nodes may not be listed, that is said too', async () => {
    lab.api.allow = ({ resource }) => resource !== 'nodes'
    expect((await failing()).failure.message).toContain(
      'its nodes, where k3s and RKE2 run it, could not be listed',
    )
  })
})

describe('k3s and RKE2', () => {
  const embedded = { 'p2p.k3s.cattle.io/node-address': '/ip4/10.0.0.5/tcp/5001/p2p/12D3KooW' }

  test('nodes are read through the node proxy; nothing leads to their mirrors', async () => {
    lab.api.store.put(
      kubeNode('server-1', { annotations: embedded, labels: { 'topology.kubernetes.io/zone': 'a' } }),
    )
    lab.api.store.put(kubeNode('server-2', { annotations: embedded }))
    lab.api.store.put(kubeNode('without'))
    await lab.agent('server-1', 4)
    const source = lab.open()
    const round = await source.round(never)
    expect(round).toMatchObject({ way: 'node-proxy' })
    expect(hitsOf(round)).toEqual({ 'server-1': 4, 'server-2': 'gateway-fault' })
    const first = round.agents[0]?.agent
    expect(first).toMatchObject({
      id: 'server-1',
      name: 'server-1',
      zone: 'a',
      runtime: 'containerd://2.1.5',
    })
    if (first === undefined) throw new Error('no agent')
    expect(source.mirrorOf(first)).toBeUndefined()
    expect(source.metricsOf?.(first)).toBeUndefined()
  })

  test('a kubelet without Spegel among its metrics is told from one that does not answer', async () => {
    lab.api.store.put(kubeNode('server-1', { annotations: embedded }))
    lab.api.backends.set('server-1', {
      answer: (_path, response) => {
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' })
        response.end('# TYPE kubelet_node_name gauge\nkubelet_node_name{node="server-1"} 1\n')
      },
    })
    expect(hitsOf(await lab.open().round(never))).toEqual({ 'server-1': 'metrics-invalid' })
  })

  test('pods come first where both are there', async () => {
    lab.api.store.put(kubeNode('server-1', { annotations: embedded }))
    lab.api.store.put(spegelPod({ name: 'spegel-aaaaa', node: 'server-1' }))
    await lab.agent('spegel/spegel-aaaaa:9090', 1)
    expect(await lab.open().round(never)).toMatchObject({ way: 'pod-proxy' })
  })
})

describe('lists', () => {
  test('2,000 pods come in pages', async () => {
    for (let at = 0; at < 2000; at += 1) {
      lab.api.store.put(
        spegelPod({
          name: `spegel-${at}`,
          node: `node-${at}`,
          status: { phase: 'Pending', containerStatuses: [] },
        }),
      )
    }
    const { agents } = await lab.open().round(never)
    expect(agents).toHaveLength(2000)
    expect(new Set(agents.map(({ agent }) => agent.id)).size).toBe(2000)
    expect(lab.api.asked.filter(listsPods).map(({ query }) => query.get('limit'))).toEqual([
      '500',
      '500',
      '500',
      '500',
    ])
  })

  test('a continuation that expires on the way begins the list anew', async () => {
    for (let at = 0; at < 700; at += 1) {
      lab.api.store.put(
        spegelPod({ name: `spegel-${at}`, node: `node-${at}`, status: { containerStatuses: [] } }),
      )
    }
    let pages = 0
    lab.api.intercept = (asked) => {
      if (listsPods(asked)) pages += 1
      if (pages === 1) queueMicrotask(() => lab.api.expireContinuations())
      return false
    }
    expect((await lab.open().round(never)).agents).toHaveLength(700)
    expect(pages).toBe(4)
  })

  const item = JSON.stringify(spegelPod({ name: 'spegel-aaaaa', node: 'node-1' }))
  const page = (metadata: object, items: string) =>
    `{"kind":"PodList","apiVersion":"v1","metadata":${JSON.stringify(metadata)},"items":${items}}`
  test.each([
    ['a page of HTML', '<html><title>Sign in</title></html>', 'answer-invalid'],
    ['half a list', '{"kind":"PodList","items":[', 'answer-invalid'],
    ['another object', '{"kind":"Pod","metadata":{}}', 'answer-invalid'],
    ['a list without an end', page({ continue: 'again' }, '[]'), 'answer-invalid'],
    [
      'pods without containers',
      page({}, '[{"metadata":{"name":"a","namespace":"b","uid":"c"}}]'),
      'answer-invalid',
    ],
    [
      'a name that leads elsewhere',
      page({}, `[${item.replace('spegel-aaaaa', '../../nodes')}]`),
      'answer-invalid',
    ],
    ['a name with a slash', page({}, `[${item.replace('spegel-aaaaa', 'a/b')}]`), 'answer-invalid'],
  ])('an API server that answers with %s', async (_what, body, kind) => {
    lab.api.intercept = (_asked, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(body)
      return true
    }
    const { failure, agents } = await failing()
    expect(failure).toMatchObject({ kind, host: lab.api.host })
    expect(failure.message).toContain('not as a Kubernetes API')
    expect(agents).toEqual([])
  })

  test('a list that does not end is cut off', async () => {
    let sent = 0
    lab.api.intercept = (asked, response) => {
      if (!listsPods(asked)) return false
      response.writeHead(200, { 'content-type': 'application/json' })
      const chunk = Buffer.alloc(1024 * 1024, 'x')
      const more = () => {
        while (!response.destroyed) {
          sent += chunk.length
          if (!response.write(chunk)) return
        }
      }
      response.on('drain', more)
      more()
      return true
    }
    const { failure } = await failing()
    expect(failure).toMatchObject({ kind: 'answer-invalid' })
    expect(failure.message).toContain('sent more than 67108864 bytes')
    expect(sent).toBeLessThan(200 * 1024 * 1024)
  })

  test.each([
    ['a gateway in front', 502, '<html><title>502 Bad Gateway</title></html>', 'gateway-fault', 'proxy'],
    [
      'its own fault',
      500,
      '{"kind":"Status","apiVersion":"v1","message":"etcdserver: request timed out","code":500}',
      'server-fault',
      'api-server',
    ],
    [
      'too many requests',
      429,
      '{"kind":"Status","apiVersion":"v1","message":"please try again later","code":429}',
      'rate-limited',
      'api-server',
    ],
  ])('%s is told as such', async (_what, code, body, kind, answeredBy) => {
    lab.api.intercept = (_asked, response) => {
      response.writeHead(code, { 'content-type': body.startsWith('<') ? 'text/html' : 'application/json' })
      response.end(body)
      return true
    }
    expect((await failing()).failure).toMatchObject({ kind, answeredBy, status: code })
  })
})

describe('rounds', () => {
  test('agents known from before stand with the failure of the cluster, and come back with it', async () => {
    lab.api.store.put(spegelPod({ name: 'spegel-aaaaa', node: 'node-1' }))
    await lab.agent('spegel/spegel-aaaaa:9090', 2)
    lab.api.allow = ({ verb }) => verb !== 'watch'
    const source = lab.open()
    await source.round(never)
    lab.api.tokens.clear()
    const { failure, agents } = await failing(source)
    expect(failure.kind).toBe('unauthorized')
    expect(agents).toMatchObject([{ agent: { id: 'node-1' }, ok: false, failure: { kind: 'unauthorized' } }])
    lab.api.tokens.set('secret-token', 'ada')
    expect(hitsOf(await source.round(never))).toEqual({ 'node-1': 2 })
  })

  test('each agent is told as soon as it answered', async () => {
    lab.api.store.put(spegelPod({ name: 'spegel-aaaaa', node: 'node-1' }))
    lab.api.store.put(spegelPod({ name: 'spegel-bbbbb', node: 'node-2', status: { containerStatuses: [] } }))
    lab.api.store.put(spegelPod({ name: 'spegel-ccccc', node: 'node-3' }))
    await lab.agent('spegel/spegel-aaaaa:9090', 2)
    const told: string[] = []
    const round = await lab.open().round(never, { onResult: ({ agent }) => told.push(agent.id) })
    expect(told.toSorted()).toEqual(['node-1', 'node-2', 'node-3'])
    expect(round.agents.map(({ agent }) => agent.id)).toEqual(['node-1', 'node-2', 'node-3'])
  })

  test('cancelling ends the round at once', async () => {
    const controller = new AbortController()
    lab.api.intercept = (asked) => {
      if (listsPods(asked)) controller.abort()
      return listsPods(asked)
    }
    await expect(lab.open().round(controller.signal)).rejects.toThrow()
  })

  test('a context that does not exist is the failure of the round', async () => {
    const { failure } = await failing(lab.open({ context: 'elsewhere' }))
    expect(failure).toMatchObject({ kind: 'input-invalid', next: ['check-kubeconfig'] })
    expect(failure.message).toContain('The context "elsewhere" does not exist')
    const given = await failing(lab.open({ kubeconfig: '/nowhere/config' }))
    expect(given.failure.message).toContain('/nowhere/config cannot be used: there is no such file')
  })
})
