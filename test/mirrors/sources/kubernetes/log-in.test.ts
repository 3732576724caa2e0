import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { failureSchema } from '../../../../shared/model/failure.ts'
import { client } from '../../../fakes/chains.ts'
import { failureIn } from '../../../fakes/failure-in.ts'
import { closedPort } from '../../../fakes/mirror.ts'
import { startForwardProxy } from '../../../fakes/forward-proxy.ts'
import { spegelPod } from '../../../fakes/kubernetes/objects.ts'
import { type Lab, never, openLab } from './cluster.ts'

let lab: Lab
beforeEach(async () => {
  lab = await openLab()
  lab.api.store.put(spegelPod({ name: 'spegel-aaaaa', node: 'node-1' }))
})
afterEach(() => lab.close())

const base64 = (text: string) => Buffer.from(text).toString('base64')

/** The users the API server saw, and the failure of the round as a whole. */
async function logIn(user?: Record<string, unknown>, more?: Parameters<Lab['configure']>[1], ports = {}) {
  await lab.configure(user, more)
  const { failure, agents } = await lab.open({}, ports).round(never)
  const users = [...new Set(lab.api.asked.map((asked) => asked.user))]
  return { users, agents, failure: failure === undefined ? undefined : failureSchema.parse(failure) }
}

const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'log-in', interactiveMode: 'Never' }
const execCredential = (status: object) =>
  JSON.stringify({ kind: 'ExecCredential', apiVersion: exec.apiVersion, status })

describe('who asks', () => {
  test('a client certificate from files beside the kubeconfig', async () => {
    await lab.home.write('.kube/tls/client.pem', client.certificate)
    await lab.home.write('.kube/tls/client.key', client.key)
    const user = {
      'client-certificate': 'tls/client.pem',
      'client-key': join(lab.home.path, '.kube/tls/client.key'),
    }
    expect(await logIn(user)).toMatchObject({ users: ['client'], failure: undefined })
  })

  test('a client certificate of an exec plugin', async () => {
    const status = { clientCertificateData: client.certificate, clientKeyData: client.key }
    await lab.home.program('log-in', `cat <<'END'\n${execCredential(status)}\nEND`)
    expect(await logIn({ exec })).toMatchObject({ users: ['client'], failure: undefined })
  })

  test('a token comes before everything else, as with client-go', async () => {
    lab.api.basic.set('grace:hopper', 'grace')
    const user = { token: 'secret-token', username: 'grace', password: 'hopper', exec }
    expect(await logIn(user)).toMatchObject({ users: ['ada'], failure: undefined })
  })

  test('the id-token of an oidc provider while it lasts; afterwards the user is told to log in', async () => {
    const jwt = (exp: number) => `${base64('{}')}.${base64(JSON.stringify({ exp }))}.x`
    const good = jwt(lab.clock.at / 1000 + 60)
    lab.api.tokens.set(good, 'oidc-user')
    const provider = (token: string) => ({
      'auth-provider': { name: 'oidc', config: { 'id-token': token, 'refresh-token': 'never-sent' } },
    })
    expect(await logIn(provider(good))).toMatchObject({ users: ['oidc-user'], failure: undefined })
    const { failure } = await logIn(provider(jwt(lab.clock.at / 1000 - 1)))
    expect(failure).toMatchObject({
      kind: 'unauthorized',
      phase: 'token',
      next: ['log-in-to-cluster', 'check-kubeconfig'],
    })
    expect(failure?.message).toContain('"oidc" of the kubeconfig holds a token that has expired')
  })

  test.each([
    ['gcp', { 'access-token': 'cloud', expiry: '2026-01-01T00:00:00Z' }],
    ['azure', { 'access-token': 'cloud', 'expires-on': '1700000000' }],
    ['other', {}],
  ])('an auth-provider without a good token: %s', async (name, config) => {
    const { failure } = await logIn({ 'auth-provider': { name, config } })
    expect(failure).toMatchObject({ kind: 'unauthorized' })
    expect(failure?.message).toContain(`The auth-provider "${name}"`)
  })

  test('as another user, and not with fewer groups than the kubeconfig says', async () => {
    await logIn({
      token: 'secret-token',
      as: 'grace',
      'as-groups': ['admins'],
      'as-user-extra': { Team: ['a'] },
    })
    expect(lab.api.asked[0]?.headers).toMatchObject({
      'impersonate-user': 'grace',
      'impersonate-group': 'admins',
      'impersonate-extra-team': 'a',
    })
    const { failure } = await logIn({ token: 'secret-token', as: 'grace', 'as-groups': ['a', 'b'] })
    expect(failure).toMatchObject({ kind: 'input-invalid' })
    expect(failure?.message).toContain('impersonate-group more than one value')
  })

  test('a credential and an authority given to the source come before those of the kubeconfig', async () => {
    lab.api.tokens.set('typed', 'typed-user')
    const ports = {
      credential: { kind: 'bearer', token: 'typed' },
      connection: { tls: { ca: [lab.api.ca] } },
    }
    const wrong = { cluster: { 'certificate-authority-data': undefined } }
    expect(await logIn({ exec: { ...exec, command: 'gone' } }, wrong, ports)).toMatchObject({
      users: ['typed-user'],
      failure: undefined,
    })
  })
})

describe('a credential that does not last', () => {
  test('one that expired is made anew before the next round', async () => {
    const script = (token: string, minutes: number) => {
      const expirationTimestamp = new Date(lab.clock.at + minutes * 60_000).toISOString()
      return lab.home.program('log-in', `echo '${execCredential({ token, expirationTimestamp })}'`)
    }
    lab.api.tokens.set('first', 'first-user').set('second', 'second-user')
    await script('first', 5)
    await lab.configure({ exec })
    const source = lab.open()
    await source.round(never)
    await script('second', 60)
    lab.api.tokens.delete('first')
    lab.clock.at += 5 * 60_000
    lab.api.asked.length = 0
    expect((await source.round(never)).failure).toBeUndefined()
    expect(new Set(lab.api.asked.map(({ user }) => user))).toEqual(new Set(['second-user']))
  })

  test('one that is refused is made anew once, and the request made again', async () => {
    const answer = `{"kind":"ExecCredential","apiVersion":"${exec.apiVersion}","status":{"token":"run%s"}}`
    const runs = join(lab.home.path, 'runs')
    await lab.home.program('log-in', `echo run >>${runs}; printf '${answer}' $(grep -c run ${runs})`)
    lab.api.tokens.set('run2', 'second-run')
    await lab.configure({ exec })
    expect((await lab.open().round(never)).failure).toBeUndefined()
    expect(lab.api.asked.slice(0, 2).map(({ user }) => user)).toEqual(['', 'second-run'])
    expect(await readFile(runs, 'utf8')).toBe('run\nrun\n')
  })

  test('one that is refused to many at a time is made anew once', async () => {
    const answer = `{"kind":"ExecCredential","apiVersion":"${exec.apiVersion}","status":{"token":"run%s"}}`
    const runs = join(lab.home.path, 'runs')
    await lab.home.program('log-in', `echo run >>${runs}; printf '${answer}' $(grep -c run ${runs})`)
    for (let at = 0; at < 40; at += 1)
      lab.api.store.put(spegelPod({ name: `spegel-${at}`, node: `node-${at}` }))
    lab.api.tokens.set('run1', 'first-run').set('run2', 'second-run')
    lab.api.intercept = ({ resource }) => {
      if (resource === 'pods/proxy') lab.api.tokens.delete('run1')
      return false
    }
    await lab.configure({ exec })
    const { agents } = await lab.open().round(never)
    expect(new Set(agents.map((each) => !each.ok && each.failure.kind))).toEqual(new Set(['gateway-fault']))
    expect(await readFile(runs, 'utf8')).toBe('run\nrun\n')
  })

  test('one that is refused again and again is the failure of the round', async () => {
    const { failure } = await logIn({ token: 'wrong' })
    expect(failure).toMatchObject({
      kind: 'unauthorized',
      status: 401,
      answeredBy: 'api-server',
      next: ['log-in-to-cluster', 'check-kubeconfig'],
    })
    expect(lab.api.asked).toHaveLength(1)
  })

  test('a round that is cancelled does not wait for a plugin that hangs', async () => {
    const started = join(lab.home.path, 'started')
    await lab.home.program('log-in', `echo >${started}; exec sleep 600`)
    await lab.configure({ exec })
    const controller = new AbortController()
    const round = lab.open({}, { execLimits: { milliseconds: 3000, bytes: 1000 } }).round(controller.signal)
    await expect.poll(() => existsSync(started)).toBe(true)
    controller.abort()
    expect(await failureIn(round)).toMatchObject({ kind: 'cancelled' })
  })

  test('a log-in elsewhere writes into the kubeconfig, which is read anew', async () => {
    await lab.configure({ token: 'old' })
    const source = lab.open()
    expect((await source.round(never)).failure?.kind).toBe('unauthorized')
    await lab.configure({ token: 'secret-token' })
    expect((await source.round(never)).failure).toBeUndefined()
  })
})

describe('how the API server is reached', () => {
  test('under the name its certificate carries, where the kubeconfig gives one', async () => {
    expect(
      (await logIn(undefined, { cluster: { 'tls-server-name': 'registry.test' } })).failure,
    ).toBeUndefined()
    const { failure } = await logIn(undefined, { cluster: { 'tls-server-name': 'elsewhere.test' } })
    expect(failure).toMatchObject({ kind: 'tls-untrusted', answeredBy: 'nobody' })
  })

  test('without trust in its authority not at all, unless the kubeconfig says so', async () => {
    const unknown = { 'certificate-authority-data': undefined }
    expect((await logIn(undefined, { cluster: unknown })).failure).toMatchObject({ kind: 'tls-untrusted' })
    const insecure = { ...unknown, 'insecure-skip-tls-verify': true }
    expect((await logIn(undefined, { cluster: insecure })).failure).toBeUndefined()
  })

  test('through the proxy of the cluster', async () => {
    const proxy = await startForwardProxy()
    const { failure } = await logIn(undefined, { cluster: { 'proxy-url': proxy.url } })
    await proxy.stop()
    expect(failure).toBeUndefined()
    expect(proxy.seen).toContain(`CONNECT ${lab.api.host}`)
  })

  test('what is not spoken of a proxy is said', async () => {
    const { failure } = await logIn(undefined, { cluster: { 'proxy-url': 'socks5://127.0.0.1:1080' } })
    expect(failure).toMatchObject({ kind: 'input-invalid' })
    expect(failure?.message).toContain('A proxy of the kind "socks5" is not supported')
  })

  test.each([
    ['refused', `https://${closedPort}`],
    ['dns', 'https://no-such-host.invalid:6443'],
    ['tls-on-plain', 'plain'],
  ])('an API server out of reach: %s', async (kind, url) => {
    const plain = await lab.agent('plain', 1)
    const server = url === 'plain' ? `https://${plain.address}` : url
    const { failure, agents } = await logIn(undefined, { cluster: { server } })
    expect(failure?.kind).toBe(kind)
    expect(agents).toEqual([])
  })

  test.each([
    [
      'certificate-authority-data',
      { cluster: { 'certificate-authority-data': base64('nothing') } },
      undefined,
    ],
    [
      'certificate-authority',
      { cluster: { 'certificate-authority-data': '', 'certificate-authority': 'gone.pem' } },
      undefined,
    ],
    ['client certificate', {}, { 'client-certificate-data': base64('x'), 'client-key-data': base64('y') }],
    ['tokenFile', {}, { tokenFile: 'gone' }],
  ])(
    'a %s that does not hold is a mistake in the kubeconfig, and nothing is sent',
    async (_what, more, user) => {
      const { failure } = await logIn(user, more)
      expect(failure).toMatchObject({
        kind: 'input-invalid',
        answeredBy: 'chartroom',
        next: ['check-kubeconfig'],
      })
      expect(lab.exchanges).toEqual([])
    },
  )
})
