import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { KubeConfig } from '@kubernetes/client-node'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  kubeContexts,
  readKubeconfig,
  targetOf,
} from '../../../../electron/mirrors/sources/kubernetes/kubeconfig.ts'
import { kubeContextSchema } from '../../../../shared/model/mirror-source.ts'
import { failureIn } from '../../../fakes/failure-in.ts'
import { type KubeHome, makeKubeHome } from '../../../fakes/kubernetes/kubeconfig.ts'
import { anyKubeconfig, cluster, context, user } from './any-kubeconfig.ts'

let home: KubeHome
beforeEach(async () => {
  home = await makeKubeHome()
})
afterEach(() => home.remove())

describe('where kubeconfigs are read from', () => {
  test('~/.kube/config, with its current context marked', async () => {
    await home.write(
      '.kube/config',
      `
current-context: two
clusters: [{ name: a, cluster: { server: https://a.invalid:6443/ } }]
users: null
contexts:
  - { name: one, context: { cluster: a, user: ada, namespace: tools } }
  - { name: two, context: { cluster: gone, namespace: null } }
  - { name: broken, context: { namespace: x } }
`,
    )
    const contexts = await kubeContexts(undefined, home.env)
    expect(contexts.map((each) => kubeContextSchema.parse(each))).toEqual([
      { name: 'one', cluster: 'a', server: 'https://a.invalid:6443/', namespace: 'tools', current: false },
      { name: 'two', cluster: 'gone', server: '', current: true },
    ])
  })

  test('no kubeconfig is no context; a file that was given and is not there is named', async () => {
    expect(await kubeContexts(undefined, home.env)).toEqual([])
    expect(await kubeContexts(undefined, {})).toEqual([])
    const missing = join(home.path, 'missing')
    const failure = await failureIn(kubeContexts(missing, home.env))
    expect(failure).toMatchObject({ kind: 'input-invalid', next: ['check-kubeconfig'] })
    expect(failure.message).toBe(`${missing} cannot be used: there is no such file.`)
  })

  test('of KUBECONFIG the files that are there; of two entries of one name the first counts', async () => {
    const first = await home.write('a/config', {
      clusters: [cluster('shared', { server: 'https://first.invalid' })],
      contexts: [context('one', { cluster: 'shared', user: 'ada' })],
      users: [user('ada', { tokenFile: 'token' })],
    })
    const second = await home.write('b/config', {
      'current-context': 'two',
      clusters: [cluster('shared', { server: 'https://second.invalid' })],
      contexts: [context('two', { cluster: 'shared', user: 'ada' })],
      users: [user('ada', { token: 'second' })],
    })
    const env = { ...home.env, KUBECONFIG: `${first}:/nowhere/config::${second}:${first}` }
    expect(await kubeContexts(undefined, env)).toMatchObject([
      { name: 'one', server: 'https://first.invalid', current: false },
      { name: 'two', server: 'https://first.invalid', current: true },
    ])
    const target = targetOf(await readKubeconfig(undefined, env), 'two')
    expect(target).toMatchObject({ user: { tokenFile: 'token' }, userFolder: join(home.path, 'a') })
  })

  test('in a pod without any, its service account, whose token stays a file', async () => {
    const env = { ...home.env, KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' }
    const account = join(home.path, 'account')
    expect((await readKubeconfig(undefined, env, account)).contexts.size).toBe(0)
    await home.write('account/token', 'first')
    await home.write('account/namespace', 'tools\n')
    const config = await readKubeconfig(undefined, env, account)
    expect(config).toMatchObject({ files: [], current: 'in-cluster' })
    expect(targetOf(config, 'in-cluster')).toMatchObject({
      namespace: 'tools',
      cluster: { server: 'https://[fd00::1]:443', 'certificate-authority': join(account, 'ca.crt') },
      user: { tokenFile: join(account, 'token') },
    })
    await home.write('.kube/config', { contexts: [context('own', { cluster: 'a' })] })
    expect([...(await readKubeconfig(undefined, env, account)).contexts.keys()]).toEqual(['own'])
  })

  test('a path may begin with the home', async () => {
    await home.write('elsewhere.yaml', { contexts: [context('one', { cluster: 'a' })] })
    expect(await kubeContexts('~/elsewhere.yaml', home.env)).toMatchObject([{ name: 'one' }])
  })
})

describe('what does not hold', () => {
  const cases: Array<[string, string, string]> = [
    ['no YAML', 'users:\n  - token: top-secret\n bad', 'it is no YAML from line 3 on'],
    ['a list', '[1, 2]', 'it is no kubeconfig'],
    ['entries without names', 'users: [{ user: { token: top-secret } }]', 'it is no kubeconfig'],
    ['a text', 'top-secret', 'it is no kubeconfig'],
  ]
  test.each(cases)('%s: the file is named and nothing of it is quoted', async (_what, text, why) => {
    const path = await home.write('.kube/config', text)
    const failure = await failureIn(kubeContexts(undefined, home.env))
    expect(failure).toMatchObject({ kind: 'input-invalid', message: `${path} cannot be used: ${why}.` })
    expect(JSON.stringify(failure)).not.toContain('top-secret')
  })

  test('a folder, and a file that is far too large, are not read', async () => {
    await mkdir(join(home.path, '.kube', 'config'), { recursive: true })
    expect((await failureIn(kubeContexts(undefined, home.env))).message).toContain('it is no file')
    const large = await home.write('large', 'x'.repeat(4 * 1024 * 1024 + 1))
    expect((await failureIn(kubeContexts(large, home.env))).message).toContain('more than 4194304 bytes')
  })

  test('a context that is missing, and what it names that is missing or broken', async () => {
    await home.write('.kube/config', {
      clusters: [
        cluster('good', { server: 'https://a.invalid' }),
        cluster('odd', { server: 'ftp://a.invalid' }),
      ],
      users: [user('ada', { exec: { args: [] } })],
      contexts: [
        context('no-cluster', { cluster: 'gone' }),
        context('bad-cluster', { cluster: 'odd' }),
        context('no-user', { cluster: 'good', user: 'gone' }),
        context('bad-user', { cluster: 'good', user: 'ada' }),
        context('nobody', { cluster: 'good' }),
      ],
    })
    const config = await readKubeconfig(undefined, home.env)
    const saying = async (name: string, of = config) => {
      const asked = async () => targetOf(of, name)
      return (await failureIn(asked())).message
    }
    const file = join(home.path, '.kube/config')
    expect(await saying('gone')).toBe(`The context "gone" does not exist: looked in ${file}.`)
    expect(await saying('no-cluster')).toBe(`The cluster "gone" does not exist: looked in ${file}.`)
    expect(await saying('bad-cluster')).toBe('The cluster "odd" is not complete or not valid.')
    expect(await saying('no-user')).toBe(`The user "gone" does not exist: looked in ${file}.`)
    expect(await saying('bad-user')).toBe('The user "ada" is not complete or not valid.')
    expect(targetOf(config, 'nobody')).toMatchObject({ user: {} })
    expect(await saying('lab', await readKubeconfig(undefined, {}))).toContain('there is no kubeconfig')
  })
})

describe('beside others', () => {
  test('any one kubeconfig is read as @kubernetes/client-node reads it', async () => {
    await fc.assert(
      fc.asyncProperty(anyKubeconfig, async (config) => {
        const path = await home.write('.kube/config', config)
        const theirs = new KubeConfig()
        theirs.loadFromFile(path)
        const expected = theirs.getContexts().map((each) => ({
          name: each.name,
          cluster: each.cluster,
          server: theirs.getCluster(each.cluster)?.server ?? '',
          ...(each.namespace === undefined ? {} : { namespace: each.namespace }),
          current: each.name === theirs.getCurrentContext(),
        }))
        expect(await kubeContexts(undefined, home.env)).toEqual(expected)
      }),
      { numRuns: 60 },
    )
  })
})
