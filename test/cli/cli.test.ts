import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type FakeHost, closedPort, fakeImage, ociError, spegelMiss, startFakeHost } from '../fakes/mirror.ts'
import { type Machine, createMachine } from './run-cli.ts'

let machine: Machine
const servers: FakeHost[] = []

beforeEach(async () => {
  machine = await createMachine()
})
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()))
  await machine.close()
})

async function fake(answer: Parameters<typeof startFakeHost>[0]): Promise<FakeHost> {
  const host = await startFakeHost(answer)
  servers.push(host)
  return host
}

describe('a command line that does not hold', () => {
  test.each([
    [[], 'No command is named'],
    [['push'], 'There is no command "push"'],
    [['constructor'], 'There is no command "constructor"'],
    [['tags', '--registry', 'http://127.0.0.1:1'], '--repository is missing'],
    [['tags', '--repository', 'a'], '--registry is missing'],
    [['tags', '--password', 'x'], "Unknown option '--password'"],
    [['publish', '--registry', 'http://127.0.0.1:1'], 'No FILE is named'],
    [['mirrors', '--agents', ' , '], '--agents names no agent'],
    [['mirrors'], 'One of --agents, --prometheus and --kube-context'],
    [['mirrors', '--agents', 'a', '--kube-context', 'b'], 'One of --agents, --prometheus and --kube-context'],
    [['mirrors', '--prometheus', 'prometheus'], '--prometheus is no URL'],
    [['mirrors', '--agents', 'a', '--matchers', 'x="y"'], '--matchers goes with --prometheus'],
    [['mirrors', '--agents', 'a', '--kubeconfig', 'f'], '--kubeconfig goes with --kube-context'],
    [['mirrors', '--agents', 'a', '--window', 'today'], '--window today is neither'],
    [['mirrors', '--agents', 'a', '--every', '5'], '--every goes with --watch'],
    [['mirrors', '--agents', 'a', '--watch', '--every', '1'], '--every 1 is no number of seconds'],
    [['diagnose'], 'One REFERENCE has to be named'],
    [['diagnose', 'a', 'b'], 'One REFERENCE has to be named'],
  ])('%j ends with 2 and says why on stderr', async (args, words) => {
    const { code, answers, stderr } = await machine.run(args)
    expect({ code, answers }).toEqual({ code: 2, answers: [] })
    expect(stderr).toContain(words)
    expect(stderr).toContain('Usage:')
    expect(stderr).not.toContain('node:internal')
  })

  test('half a credential is one', async () => {
    const { code, stderr } = await machine.run(['mirrors', '--agents', 'a'], { CHARTROOM_USERNAME: 'ann' })
    expect(code).toBe(2)
    expect(stderr).toContain('CHARTROOM_PASSWORD')
  })

  test('--help is none', async () => {
    expect(await machine.run(['--help'])).toMatchObject({ code: 0, answers: [] })
  })
})

describe('tags', () => {
  test('follows pages to the end', async () => {
    const pages = [['0.9.0', '1.0.0'], ['1.0.1'], ['1.1.0', '2.0.0']]
    const registry = await fake(({ path, query }) => {
      if (path !== '/v2/charts/cart/tags/list') return ociError(404, 'NAME_UNKNOWN', 'unknown')
      const page = Number(query.get('last') ?? '0')
      const more = page + 1 < pages.length
      return {
        status: 200,
        headers: {
          'content-type': 'application/json',
          'docker-distribution-api-version': 'registry/2.0',
          ...(more ? { link: `</v2/charts/cart/tags/list?last=${page + 1}&n=2>; rel="next"` } : {}),
        },
        body: JSON.stringify({ name: 'charts/cart', tags: pages[page] }),
      }
    })
    const args = ['tags', '--registry', registry.url, '--repository', 'charts/cart', '--json']
    const { code, answers } = await machine.run(args)
    expect(answers).toEqual([
      { repository: 'charts/cart', tags: ['0.9.0', '1.0.0', '1.0.1', '1.1.0', '2.0.0'], complete: true },
    ])
    expect(code).toBe(0)
  })

  test('says which pages came before one failed', async () => {
    const registry = await fake(({ query }) =>
      query.has('last')
        ? { status: 503, headers: { 'content-type': 'text/html' }, body: '<html>busy</html>' }
        : {
            status: 200,
            headers: { 'content-type': 'application/json', link: '</v2/a/tags/list?last=1>; rel="next"' },
            body: JSON.stringify({ name: 'a', tags: ['1'] }),
          },
    )
    const { code, answers } = await machine.run(['tags', '--registry', registry.url, '--repository', 'a'])
    expect(code).toBe(1)
    expect(answers).toMatchObject([
      { repository: 'a', tags: ['1'], complete: false, failure: { status: 503, phase: 'tags' } },
    ])
  })

  test.each([
    ['a registry that is no address', 'not-an-address', 'a', 'input-invalid'],
    ['a repository that is no name', 'http://127.0.0.1:1', 'UPPER', 'input-invalid'],
  ])('%s is a failure in the answer', async (_, registry, repository, kind) => {
    const { code, answers } = await machine.run(['tags', '--registry', registry, '--repository', repository])
    expect(code).toBe(1)
    expect(answers).toMatchObject([{ complete: false, failure: { kind } }])
  })

  test('a registry that nobody answers for is refused', async () => {
    const url = `http://${closedPort}`
    const { code, answers } = await machine.run(['tags', '--registry', url, '--repository', 'a'])
    expect(code).toBe(1)
    expect(answers).toMatchObject([{ failure: { kind: 'refused', answeredBy: 'nobody' } }])
  })

  test('leaves nothing in the home or the temporary folder, not even when it is stopped', async () => {
    const asked = Promise.withResolvers<void>()
    const registry = await fake(() => {
      asked.resolve()
      return 'hang'
    })
    const args = ['tags', '--registry', registry.url, '--repository', 'a']
    const { code, answers } = await machine.interrupt(args, 'SIGTERM', asked.promise)
    expect(code).toBe(1)
    expect(answers).toMatchObject([{ failure: { kind: 'cancelled' } }])
    expect(await machine.leftovers()).toEqual([])
  })
})

describe('diagnose', () => {
  const image = fakeImage('team/app', '1.0')

  async function hostsFile(mirror: FakeHost, upstream: FakeHost): Promise<string> {
    const path = join(machine.directory, 'hosts.toml')
    await writeFile(
      path,
      `server = "${upstream.url}"\n\n[host."${mirror.url}"]\ncapabilities = ["pull", "resolve"]\n`,
    )
    return path
  }

  test('a mirror without the image and an upstream with it is a pull that works', async () => {
    const mirror = await fake(spegelMiss)
    const upstream = await fake((asked) => image.answer(asked))
    const hosts = await hostsFile(mirror, upstream)
    const { code, answers } = await machine.run([
      'diagnose',
      `${upstream.host}/team/app:1.0`,
      '--hosts',
      hosts,
    ])
    expect(answers).toMatchObject([{ verdict: { kind: 'pull-works' } }])
    expect(answers[0]?.['attempts']).toMatchObject([
      { host: mirror.host, step: 'resolve', status: 404, answeredBy: 'mirror', outcome: 'not-here' },
      { host: upstream.host, step: 'resolve', status: 200, outcome: 'served' },
      { host: mirror.host, step: 'manifest', status: 404 },
      { host: upstream.host, step: 'manifest', status: 200 },
      { host: mirror.host, step: 'blob', status: 404 },
      { host: upstream.host, step: 'blob', status: 200 },
    ])
    expect(code).toBe(0)
    expect(mirror.asked[0]?.query.get('ns')).toBe(upstream.host)
  })

  test('an upstream that refuses is named, and not the mirror whose 404 came first', async () => {
    const mirror = await fake(spegelMiss)
    const upstream = await fake(() => ociError(403, 'DENIED', 'access denied'))
    const hosts = await hostsFile(mirror, upstream)
    const { code, answers } = await machine.run([
      'diagnose',
      `${upstream.host}/team/app:1.0`,
      '--hosts',
      hosts,
    ])
    expect(code).toBe(1)
    expect(answers).toMatchObject([{ verdict: { kind: 'upstream-refuses', host: upstream.host } }])
    const { verdict } = answers[0] as { verdict: { next: string[] } }
    expect(verdict.next.length).toBeGreaterThan(0)
  })

  test('credentials from the environment go to the upstream and to no mirror', async () => {
    const mirror = await fake(spegelMiss)
    const upstream = await fake((asked) =>
      asked.headers.authorization === undefined
        ? {
            status: 401,
            headers: { 'www-authenticate': 'Basic realm="lab"', 'content-type': 'application/json' },
            body: '{"errors":[{"code":"UNAUTHORIZED"}]}',
          }
        : image.answer(asked),
    )
    const hosts = await hostsFile(mirror, upstream)
    const env = { CHARTROOM_USERNAME: 'ann', CHARTROOM_PASSWORD: 'pa55word' }
    const args = ['diagnose', `${upstream.host}/team/app:1.0`, '--hosts', hosts]
    const { code, answers, stderr } = await machine.run(args, env)
    expect(answers).toMatchObject([{ verdict: { kind: 'pull-works' } }])
    expect(code).toBe(0)
    expect(mirror.asked.filter(({ headers }) => headers.authorization !== undefined)).toEqual([])
    expect(JSON.stringify(answers) + stderr).not.toContain('pa55word')
  })

  test.each([
    ['a reference that is none', ['UPPER/Case@sha256:zz'], 'reference-invalid'],
    ['a hosts file that is not there', ['registry.test/a:1', '--hosts', 'nothing.toml'], 'hosts-invalid'],
  ])('%s is a failure in the answer', async (_, args, kind) => {
    const { code, answers } = await machine.run(['diagnose', ...args])
    expect(code).toBe(1)
    expect(answers).toMatchObject([{ attempts: [], failure: { kind } }])
  })

  test('a hosts file that does not parse is a failure with its line', async () => {
    const path = join(machine.directory, 'bad.toml')
    await writeFile(path, 'server = "http://127.0.0.1:1"\n[host.\n')
    const { code, answers } = await machine.run(['diagnose', 'registry.test/a:1', '--hosts', path])
    expect(code).toBe(1)
    expect(answers).toMatchObject([
      { failure: { kind: 'hosts-invalid', evidence: [{ fact: 'line', value: '2' }] } },
    ])
  })
})
