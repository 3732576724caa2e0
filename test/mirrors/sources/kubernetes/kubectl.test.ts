import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readKubeconfig } from '../../../../electron/mirrors/sources/kubernetes/kubeconfig.ts'
import { client } from '../../../fakes/chains.ts'
import { kubeNode, spegelPod } from '../../../fakes/kubernetes/objects.ts'
import { type Kubectl, openKubectl } from '../../../lab/kubectl.ts'
import { anyKubeconfig } from './any-kubeconfig.ts'
import { failureOf, hitsOf, type Lab, never, openLab, podsOf, roundWhere } from './cluster.ts'

/*
 * The real kubectl asks the fake API server what our client asks it: where both see the same, the fake is no invention
 * of ours. What kubectl says of a refusal shows that the Status is well formed.
 */

const base64 = (text: string) => Buffer.from(text).toString('base64')

/** It gives a token only if it is told what client-go tells it. */
const pluginScript = `
case "$KUBERNETES_EXEC_INFO" in
  *'"kind":"ExecCredential"'*'"server":"https://127.0.0.1:'*) ;;
  *) echo "no cluster in $KUBERNETES_EXEC_INFO" >&2; exit 1 ;;
esac
echo "{\\"kind\\":\\"ExecCredential\\",\\"apiVersion\\":\\"$1\\",\\"status\\":{\\"token\\":\\"$TOKEN\\"}}"`

function plugin(version: string) {
  const apiVersion = `client.authentication.k8s.io/${version}`
  return {
    apiVersion,
    command: 'log-in',
    args: [apiVersion],
    env: [{ name: 'TOKEN', value: 'secret-token' }],
    provideClusterInfo: true,
    interactiveMode: 'IfAvailable',
  }
}

const selector = '-l app.kubernetes.io/name=spegel,app.kubernetes.io/component=spegel'

let lab: Lab
let kubectl: Kubectl
beforeEach(async () => {
  lab = await openLab()
  kubectl = openKubectl(lab.home)
})
afterEach(() => lab.close())

async function names(...words: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await kubectl.run('get', ...words, '-o', 'json')
  expect(stderr).toBe('')
  expect(code).toBe(0)
  const { items } = JSON.parse(stdout) as { items: { metadata: { namespace?: string; name: string } }[] }
  return items.map(({ metadata }) => [metadata.namespace, metadata.name].filter(Boolean).join('/'))
}

test('pods by label over all namespaces, in pages, are those our client finds', async () => {
  for (const at of [1, 2, 3, 4, 5]) {
    lab.api.store.put(kubeNode(`node-${at}`))
    lab.api.store.put(
      spegelPod({ name: `spegel-${at}`, node: `node-${at}`, namespace: at < 3 ? 'spegel' : 'tools' }),
    )
  }
  lab.api.store.put(spegelPod({ name: 'nginx', node: 'node-1', labels: { app: 'nginx' } }))
  const found = await names('pods', '-A', ...selector.split(' '), '--chunk-size=2')
  const { agents } = await lab.open().round(never)
  expect(agents.map(({ agent }) => agent.pod)).toEqual(found)
  expect(found).toHaveLength(5)
  const pages = lab.api.asked.filter(({ query }) => query.get('limit') === '2')
  expect(pages).toHaveLength(3)
  expect(await names('nodes')).toEqual(agents.map(({ agent }) => agent.id))
})

test('the metrics kubectl gets raw through the pod proxy and the node proxy are those our client reads', async () => {
  lab.api.store.put(kubeNode('node-1'))
  lab.api.store.put(spegelPod({ name: 'spegel-aaaaa', node: 'node-1' }))
  await lab.agent('spegel/spegel-aaaaa:9090', 12)
  await lab.agent('node-1', 5)
  const pod = await kubectl.run(
    'get',
    '--raw',
    '/api/v1/namespaces/spegel/pods/spegel-aaaaa:9090/proxy/metrics',
  )
  expect(pod.stdout).toContain('spegel_mirror_requests_total{cache="hit",registry="docker.io"} 12')
  const node = await kubectl.run('get', '--raw', '/api/v1/nodes/node-1/proxy/metrics')
  expect(node.stdout).toContain('spegel_mirror_requests_total{cache="hit",registry="docker.io"} 5')
  expect(hitsOf(await lab.open().round(never))).toEqual({ 'node-1': 12 })
})

test('kubectl and our client are told of the same pods as they come, change and go', async () => {
  lab.api.store.put(spegelPod({ name: 'spegel-aaaaa', node: 'node-1' }))
  await lab.agent('spegel/spegel-aaaaa:9090', 1)
  const source = lab.open()
  await source.round(never)
  await lab.api.watched(1)
  const words = ['get', 'pods', '-n', 'spegel', '--watch', '--output-watch-events', '-o']
  const watch = kubectl.lines(...words, 'jsonpath={.type} {.object.metadata.name}{"\\n"}')
  try {
    expect(await watch.next()).toBe('ADDED spegel-aaaaa')
    await lab.api.watched(2)
    lab.api.store.put(spegelPod({ name: 'spegel-bbbbb', node: 'node-2' }))
    expect(await watch.next()).toBe('ADDED spegel-bbbbb')
    lab.api.store.put(spegelPod({ name: 'spegel-bbbbb', node: 'node-2', status: { phase: 'Pending' } }))
    expect(await watch.next()).toBe('MODIFIED spegel-bbbbb')
    lab.api.store.remove('Pod', 'spegel-aaaaa', 'spegel')
    expect(await watch.next()).toBe('DELETED spegel-aaaaa')
    const round = await roundWhere(
      source,
      (each) => each.agents.length === 1 && podsOf(each)[0] !== 'spegel/spegel-aaaaa',
    )
    expect(podsOf(round)).toEqual(['spegel/spegel-bbbbb'])
  } finally {
    watch.stop()
  }
})

test('what is forbidden is forbidden to both, in the same words', async () => {
  lab.api.allow = () => false
  const { code, stderr } = await kubectl.run('get', 'pods', '-A', ...selector.split(' '))
  expect(code).toBe(1)
  const said =
    'pods is forbidden: User "ada" cannot list resource "pods" in API group "" at the cluster scope'
  expect(stderr).toBe(`Error from server (Forbidden): ${said}\n`)
  const { failure } = await lab.open().round(never)
  expect(failure).toMatchObject({ kind: 'denied', status: 403, answeredBy: 'api-server' })
  expect(failure?.message).toContain(said)
})

test('a token that is not accepted, a pod that is gone and one that is not reached are told apart by both', async () => {
  lab.api.store.put(spegelPod({ name: 'spegel-aaaaa', node: 'node-1' }))
  const raw = (pod: string) =>
    kubectl.run('get', '--raw', `/api/v1/namespaces/spegel/pods/${pod}:9090/proxy/metrics`)
  expect((await raw('spegel-gone')).stderr).toContain('pods "spegel-gone" not found')
  expect((await raw('spegel-aaaaa')).stderr).toContain('error trying to reach service')
  const source = lab.open()
  expect(failureOf(await source.round(never), 'node-1')).toMatchObject({ kind: 'gateway-fault', status: 503 })
  lab.api.tokens.clear()
  expect((await kubectl.run('get', 'pods', '-A')).stderr).toContain('You must be logged in to the server')
  expect((await lab.open().round(never)).failure).toMatchObject({ kind: 'unauthorized', status: 401 })
})

test('a watch from a version that is too old is refused to both', async () => {
  lab.api.store.put(spegelPod({ name: 'spegel-aaaaa', node: 'node-1' }))
  lab.api.store.compact()
  const raw = '/api/v1/namespaces/spegel/pods?watch=true&resourceVersion=1000'
  const { stdout } = await kubectl.run('get', '--raw', raw)
  expect(JSON.parse(stdout)).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } })
})

test.each([
  ['a bearer token', { token: 'secret-token' }],
  ['user and password', { username: 'grace', password: 'hopper' }],
  [
    'a client certificate',
    { 'client-certificate-data': base64(client.certificate), 'client-key-data': base64(client.key) },
  ],
  ['a token file beside the kubeconfig', { tokenFile: 'token' }],
  ['an exec plugin that is told the cluster', { exec: plugin('v1') }],
  ['an exec plugin of the protocol before', { exec: plugin('v1beta1') }],
])('both log in with %s, as the same user', async (_what, user) => {
  lab.api.basic.set('grace:hopper', 'grace')
  await lab.home.write('.kube/token', 'secret-token\n')
  await lab.home.program('log-in', pluginScript)
  await lab.configure(user)
  lab.api.store.put(spegelPod({ name: 'spegel-aaaaa', node: 'node-1' }))
  expect(await names('pods', '-A')).toEqual(['spegel/spegel-aaaaa'])
  expect((await lab.open().round(never)).agents).toHaveLength(1)
  expect(new Set(lab.api.asked.map(({ user: who }) => who)).size).toBe(1)
})

test('several kubeconfigs are merged as kubectl merges them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyKubeconfig, { minLength: 2, maxLength: 3 }), async (configs) => {
      const paths = await Promise.all(configs.map((config, at) => lab.home.write(`merge/${at}`, config)))
      const KUBECONFIG = paths.join(':')
      const { stdout } = await openKubectl(lab.home, { KUBECONFIG }).run(
        'config',
        'view',
        '--raw',
        '-o',
        'json',
      )
      const theirs = JSON.parse(stdout) as Viewed
      const ours = await readKubeconfig(undefined, { ...lab.home.env, KUBECONFIG })
      const listed = <T>(entries: ReadonlyMap<string, { value: T | undefined }>) =>
        Object.fromEntries([...entries].map(([key, { value }]) => [key, value]))
      expect(ours.current).toBe(theirs['current-context'])
      expect(listed(ours.clusters)).toEqual(byName(theirs.clusters, 'cluster'))
      expect(listed(ours.users)).toEqual(byName(theirs.users, 'user'))
      expect(listed(ours.contexts)).toEqual(byName(theirs.contexts, 'context'))
    }),
    { numRuns: 12 },
  )
})

interface Viewed {
  'current-context': string
  clusters: Named[] | null
  users: Named[] | null
  contexts: Named[] | null
}
type Named = { name: string } & Record<string, unknown>

function byName(entries: readonly Named[] | null, key: string): Record<string, unknown> {
  return Object.fromEntries((entries ?? []).map((each) => [each.name, each[key]]))
}
