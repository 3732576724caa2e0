import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { failureSchema } from '../../../../shared/model/failure.ts'
import { agentIdentitySchema } from '../../../../shared/model/mirror.ts'
import { containerStatus, kubeNode, spegelPod } from '../../../fakes/kubernetes/objects.ts'
import { failureOf, hitsOf, type Lab, never, openLab } from './cluster.ts'

let lab: Lab
beforeEach(async () => {
  lab = await openLab()
})
afterEach(() => lab.close())

describe('agents of a cluster', () => {
  test('Spegel’s pods are read through the pod proxy, and say what their nodes say', async () => {
    lab.api.store.put(
      kubeNode('node-1', {
        labels: { 'topology.kubernetes.io/zone': 'zone-a', 'cloud.google.com/gke-nodepool': 'blue' },
        images: 50,
      }),
    )
    lab.api.store.put(kubeNode('node-2', { labels: { 'karpenter.sh/nodepool': 'spot' } }))
    lab.api.store.put(spegelPod({ name: 'spegel-aaaaa', node: 'node-1' }))
    lab.api.store.put(
      spegelPod({ name: 'spegel-bbbbb', node: 'node-2', namespace: 'tools', args: ['registry'] }),
    )
    lab.api.store.put(spegelPod({ name: 'other', node: 'node-2', labels: { app: 'nginx' } }))
    await lab.agent('spegel/spegel-aaaaa:9090', 7)
    await lab.agent('tools/spegel-bbbbb:9090', 3)
    const source = lab.open()
    const round = await source.round(never)
    expect(round).toMatchObject({ at: lab.clock.at, way: 'pod-proxy' })
    expect(round.failure).toBeUndefined()
    expect(hitsOf(round)).toEqual({ 'node-1': 7, 'node-2': 3 })
    const [first, second] = round.agents.map(({ agent }) => agentIdentitySchema.parse(agent))
    expect(first).toEqual({
      source: 'cluster',
      id: 'node-1',
      name: 'node-1',
      address: 'spegel/spegel-aaaaa:9090',
      mirrorUrl: `${lab.api.url}/api/v1/namespaces/spegel/pods/spegel-aaaaa:5000/proxy`,
      zone: 'zone-a',
      pool: 'blue',
      pod: 'spegel/spegel-aaaaa',
      image: 'ghcr.io/spegel-org/spegel:v0.7.4',
      runtime: 'containerd://2.1.5',
      images: 50,
      resolveTimeout: 20,
      demo: false,
    })
    expect(second).toMatchObject({ pool: 'spot', images: 12 })
    expect(second).not.toHaveProperty('zone')
    expect(second).not.toHaveProperty('resolveTimeout')
  })

  test('everything that was asked of the cluster stands in Activity, without the token', async () => {
    lab.api.store.put(spegelPod({ name: 'spegel-aaaaa', node: 'node-1' }))
    await lab.agent('spegel/spegel-aaaaa:9090', 7)
    await lab.open().round(never)
    const paths = lab.exchanges.map(({ url }) => new URL(url).pathname)
    expect(paths).toContain('/api/v1/pods')
    expect(paths).toContain('/api/v1/nodes')
    expect(paths).toContain('/api/v1/namespaces/spegel/pods/spegel-aaaaa:9090/proxy/metrics')
    expect(JSON.stringify(lab.exchanges)).not.toContain('secret-token')
    expect(
      lab.exchanges.every(({ requestHeaders }) => requestHeaders['authorization'] === 'Bearer •••'),
    ).toBe(true)
  })

  test('the credential stays with the API server: an agent does not see it', async () => {
    lab.api.store.put(spegelPod({ name: 'spegel-aaaaa', node: 'node-1' }))
    await lab.agent('spegel/spegel-aaaaa:9090', 7)
    const source = lab.open()
    const round = await source.round(never)
    const [{ agent } = { agent: undefined }] = round.agents
    if (agent === undefined) throw new Error('no agent')
    const mirror = source.mirrorOf(agent)
    const elsewhere = await lab.agent('unused', 1)
    await mirror?.transport.send({
      method: 'GET',
      url: `http://${elsewhere.address}/metrics`,
      phase: 'pull',
      role: 'mirror',
      maxBytes: 100_000,
    })
    expect(lab.exchanges.at(-1)?.requestHeaders).not.toHaveProperty('authorization')
  })

  test('a mirror is asked through the pod proxy too, with its query and headers', async () => {
    lab.api.store.put(spegelPod({ name: 'spegel-aaaaa', node: 'node-1' }))
    await lab.agent('spegel/spegel-aaaaa:9090', 7)
    const heard: string[] = []
    lab.api.backends.set('spegel/spegel-aaaaa:5000', {
      answer: (path, response) => {
        heard.push(path)
        response.writeHead(404, { 'content-type': 'application/json' })
        response.end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"could not find peer"}]}')
      },
    })
    const source = lab.open()
    const { agents } = await source.round(never)
    const lead = agents[0] === undefined ? undefined : source.mirrorOf(agents[0].agent)
    const answer = await lead?.transport.send({
      method: 'HEAD',
      url: `${lead.url}/v2/library/nginx/manifests/latest?ns=docker.io`,
      phase: 'pull',
      role: 'mirror',
      headers: { 'x-spegel-mirrored': 'true' },
      maxBytes: 1000,
    })
    expect(answer?.status).toBe(404)
    expect(heard).toEqual(['/v2/library/nginx/manifests/latest?ns=docker.io'])
    expect(lab.api.asked.at(-1)?.headers['x-spegel-mirrored']).toBe('true')
    expect(agents[0] === undefined ? undefined : source.metricsOf?.(agents[0].agent)?.url).toBe(
      `${lab.api.url}/api/v1/namespaces/spegel/pods/spegel-aaaaa:9090/proxy/metrics`,
    )
  })

  test('ports and the time limit of lookups are those of the pod', async () => {
    lab.api.store.put(
      spegelPod({
        name: 'spegel-aaaaa',
        node: 'node-1',
        ports: [
          { name: 'registry', containerPort: 5005 },
          { name: 'metrics', containerPort: 9191 },
        ],
        args: ['registry', '--mirror-resolve-timeout', '1m0.5s'],
      }),
    )
    await lab.agent('spegel/spegel-aaaaa:9191', 2)
    const source = lab.open()
    const round = await source.round(never)
    expect(hitsOf(round)).toEqual({ 'node-1': 2 })
    expect(round.agents[0]?.agent).toMatchObject({ resolveTimeout: 60_500 })
    expect(round.agents[0]?.agent.mirrorUrl).toContain('/spegel-aaaaa:5005/proxy')
  })

  test('a chart of another name is found by its component, one before 0.2 by its name', async () => {
    lab.api.store.put(
      spegelPod({
        name: 'mirror-aaaaa',
        node: 'node-1',
        labels: { 'app.kubernetes.io/name': 'mirror', 'app.kubernetes.io/component': 'spegel' },
      }),
    )
    await lab.agent('spegel/mirror-aaaaa:9090', 4)
    expect(hitsOf(await lab.open().round(never))).toEqual({ 'node-1': 4 })
    lab.api.store.remove('Pod', 'mirror-aaaaa', 'spegel')
    const old = { 'app.kubernetes.io/name': 'spegel' }
    lab.api.store.put(spegelPod({ name: 'spegel-old', node: 'node-2', labels: old }))
    const cleanup = { ...old, 'app.kubernetes.io/component': 'cleanup' }
    lab.api.store.put(spegelPod({ name: 'spegel-cleanup', node: 'node-3', labels: cleanup }))
    await lab.agent('spegel/spegel-old:9090', 5)
    expect(hitsOf(await lab.open().round(never))).toEqual({ 'node-2': 5 })
  })

  test('two installations on one node are two agents, whatever order they come in', async () => {
    lab.api.store.put(spegelPod({ name: 'spegel-aaaaa', node: 'node-1', namespace: 'tools', owner: 'blue' }))
    lab.api.store.put(spegelPod({ name: 'spegel-bbbbb', node: 'node-1', namespace: 'spegel' }))
    await lab.agent('tools/spegel-aaaaa:9090', 1)
    await lab.agent('spegel/spegel-bbbbb:9090', 2)
    expect(hitsOf(await lab.open().round(never))).toEqual({ 'node-1': 2, 'node-1 (tools/blue)': 1 })
  })
})

describe('pods that do not run', () => {
  const failing: Array<[string, Parameters<typeof spegelPod>[0]['status'], string, string]> = [
    [
      'crashes again and again',
      {
        containerStatuses: [
          containerStatus(
            { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s restarting failed container' } },
            { restartCount: 7, lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } } },
          ),
        ],
      },
      'CrashLoopBackOff (OOMKilled, exit code 137), restarted 7 times',
      'back-off 5m0s restarting failed container',
    ],
    [
      'cannot pull its own image',
      {
        phase: 'Pending',
        containerStatuses: [
          containerStatus({ waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling' } }),
        ],
      },
      'ImagePullBackOff',
      'Back-off pulling',
    ],
    [
      'fails in its init container',
      {
        phase: 'Pending',
        initContainerStatuses: [
          {
            ...containerStatus({ waiting: { reason: 'CrashLoopBackOff' } }, { restartCount: 3 }),
            name: 'configuration',
            lastState: { terminated: { reason: 'Error', exitCode: 1, message: 'config_path is not set' } },
          },
        ],
        containerStatuses: [containerStatus({ waiting: { reason: 'PodInitializing' } })],
      },
      'Init: CrashLoopBackOff (Error, exit code 1), restarted 3 times',
      'config_path is not set',
    ],
    [
      'was evicted',
      {
        phase: 'Failed',
        reason: 'Evicted',
        message: 'The node was low on resource: memory.',
        containerStatuses: [],
      },
      'Evicted',
      'The node was low on resource: memory.',
    ],
  ]

  test.each(failing)(
    'a pod that %s is an agent with a Failure that says so',
    async (_what, status, reason, said) => {
      lab.api.store.put(spegelPod({ name: 'spegel-aaaaa', node: 'node-1', status: status ?? {} }))
      const round = await lab.open().round(never)
      const failure = failureSchema.parse(failureOf(round, 'node-1'))
      expect(failure).toMatchObject({ kind: 'not-running', answeredBy: 'api-server', host: lab.api.host })
      expect(failure.message).toBe(`The pod spegel/spegel-aaaaa does not run: ${reason}.`)
      expect(failure.evidence).toContainEqual({ fact: 'message', value: said })
      expect(lab.api.asked.some(({ resource }) => resource === 'pods/proxy')).toBe(false)
    },
  )

  test('a pod the scheduler has no place for is the agent of the node it is meant for', async () => {
    const affinity = {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-9'] }] },
          ],
        },
      },
    }
    const conditions = [
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '1 Insufficient memory.' },
    ]
    lab.api.store.put(
      spegelPod({
        name: 'spegel-aaaaa',
        spec: { affinity },
        status: { phase: 'Pending', conditions, initContainerStatuses: [], containerStatuses: [] },
      }),
    )
    const failure = failureOf(await lab.open().round(never), 'node-9')
    expect(failure.message).toBe('The pod spegel/spegel-aaaaa does not run: Unschedulable.')
    expect(failure.evidence).toContainEqual({ fact: 'message', value: '1 Insufficient memory.' })
  })

  test('a pod that runs and is not ready is asked: Spegel on a single node never gets ready', async () => {
    const status = {
      conditions: [{ type: 'Ready', status: 'False', reason: 'ContainersNotReady' }],
      containerStatuses: [containerStatus({ running: {} }, { ready: false, restartCount: 2 })],
    }
    lab.api.store.put(spegelPod({ name: 'spegel-aaaaa', node: 'node-1', status }))
    const agent = await lab.agent('spegel/spegel-aaaaa:9090', 1)
    const source = lab.open()
    expect(hitsOf(await source.round(never))).toEqual({ 'node-1': 1 })
    agent.say({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' })
    const failure = failureOf(await source.round(never), 'node-1')
    expect(failure.kind).toBe('metrics-invalid')
    expect(failure.evidence).toContainEqual({
      fact: 'actual',
      value: 'ContainersNotReady, restarted 2 times',
    })
    expect(failure.evidence).toContainEqual({ fact: 'route', value: 'pod proxy of spegel/spegel-aaaaa' })
  })

  test('a pod that takes requests and says nothing is given up, and the way there is told', async () => {
    lab.api.store.put(spegelPod({ name: 'spegel-aaaaa', node: 'node-1' }))
    lab.api.store.put(spegelPod({ name: 'spegel-bbbbb', node: 'node-2' }))
    lab.api.backends.set('spegel/spegel-aaaaa:9090', { answer: () => undefined })
    await lab.agent('spegel/spegel-bbbbb:9090', 1)
    const round = await lab.open({}, { scrapeLimits: { spread: 0, patience: 1000 } }).round(never)
    expect(hitsOf(round)).toEqual({ 'node-1': 'timeout', 'node-2': 1 })
    expect(failureOf(round, 'node-1').evidence).toContainEqual({
      fact: 'route',
      value: 'pod proxy of spegel/spegel-aaaaa',
    })
  })

  test('who answered is told apart: the API server that does not get through, and the agent itself', async () => {
    lab.api.store.put(spegelPod({ name: 'spegel-aaaaa', node: 'node-1' }))
    lab.api.store.put(spegelPod({ name: 'spegel-bbbbb', node: 'node-2' }))
    lab.api.store.put(spegelPod({ name: 'spegel-ccccc', node: 'node-3' }))
    lab.api.backends.set('spegel/spegel-aaaaa:9090', { url: 'http://127.0.0.1:1' })
    lab.api.backends.set('spegel/spegel-bbbbb:9090', {
      answer: (_path, response) => {
        response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
        response.end('404 page not found\n')
      },
    })
    lab.api.allow = ({ name }) => name !== 'spegel-ccccc:9090'
    const round = await lab.open().round(never)
    expect(failureOf(round, 'node-1')).toMatchObject({
      kind: 'gateway-fault',
      status: 503,
      answeredBy: 'api-server',
      message: expect.stringContaining('connection refused'),
    })
    expect(failureOf(round, 'node-2')).toMatchObject({ kind: 'not-found', status: 404, answeredBy: 'agent' })
    expect(failureOf(round, 'node-3')).toMatchObject({
      kind: 'denied',
      status: 403,
      answeredBy: 'api-server',
    })
    expect(failureOf(round, 'node-3').message).toContain(
      'pods "spegel-ccccc:9090" is forbidden: User "ada" cannot get resource "pods/proxy"',
    )
  })
})
