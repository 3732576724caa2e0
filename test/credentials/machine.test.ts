import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createMachine } from '../../electron/credentials/machine.ts'
import { authOf, type Home, makeHome } from './home.ts'

const url = 'https://registry.invalid:5000'
const host = 'registry.invalid:5000'
const auth = authOf('ann', 'pass:word')
const ann = { source: 'docker', username: 'ann', password: 'pass:word' }

let home: Home
let now: number

beforeEach(async () => {
  home = await makeHome()
  now = 1_000_000
})
afterEach(() => home.remove())

type Options = Partial<Parameters<typeof createMachine>[0]>
const machine = (more: Options = {}) =>
  createMachine({
    env: {},
    clock: { now: () => now },
    home: home.path,
    platform: 'linux',
    uid: undefined,
    ...more,
  })
const find = (env: Record<string, string> = {}, at = url, repository?: string) =>
  machine({ env }).find(at, repository, false)
const credential = async (...of: Parameters<typeof find>) => (await find(...of)).credential

describe("docker's configuration", () => {
  const config = '.docker/config.json'

  test('is not needed', async () => {
    const { considered, ...found } = await find()
    expect(found).toEqual({})
    expect(considered.map(({ source, outcome }) => [source, outcome])).toEqual([
      ['docker', 'absent'],
      ['podman', 'absent'],
      ['helm', 'absent'],
    ])
  })

  test('holds user and password by host', async () => {
    await home.write(config, { auths: { [host]: { auth }, 'other.invalid': {} } })
    expect(await credential()).toEqual(ann)
    expect(await credential({}, 'https://other.invalid')).toBeUndefined()
    expect(await credential({}, 'https://registry.invalid')).toBeUndefined()
  })

  test('a port that goes without saying may be said', async () => {
    await home.write(config, { auths: { 'one.invalid:443': { auth }, 'two.invalid:80': { auth } } })
    expect(await credential({}, 'https://one.invalid')).toEqual(ann)
    expect(await credential({}, 'http://two.invalid')).toEqual(ann)
    expect(await credential({}, 'https://two.invalid')).toBeUndefined()
  })

  test.each([`https://${host}/v1/`, `https://${host}`, `${host}/v2/`, `${host}/`])(
    'an old key as %s counts for its host',
    async (key) => {
      await home.write(config, { auths: { [key]: { username: 'ann', password: 'pass:word' } } })
      expect(await credential()).toEqual(ann)
    },
  )

  test('Docker Hub has a key of its own', async () => {
    await home.write(config, { auths: { 'https://index.docker.io/v1/': { auth } } })
    for (const hub of ['docker.io', 'registry-1.docker.io'])
      expect(await credential({}, `https://${hub}`)).toEqual(ann)
  })

  test('an identity token stands beside a password or alone; a registry token alone', async () => {
    await home.write(config, {
      auths: {
        [host]: { auth, identitytoken: 'refresh-me' },
        'azure.invalid': {
          auth: authOf('00000000-0000-0000-0000-000000000000', ''),
          identitytoken: 'refresh-me',
        },
        'token.invalid': { registrytoken: 'as-it-is' },
      },
    })
    expect(await credential()).toEqual({ ...ann, identityToken: 'refresh-me' })
    expect(await credential({}, 'https://azure.invalid')).toEqual({
      source: 'docker',
      identityToken: 'refresh-me',
    })
    expect(await credential({}, 'https://token.invalid')).toEqual({
      source: 'docker',
      registryToken: 'as-it-is',
    })
  })

  test('DOCKER_CONFIG names another directory; DOCKER_AUTH_CONFIG counts before the file and does not replace it', async () => {
    await home.write('elsewhere/config.json', { auths: { [host]: { auth: authOf('file', 'f') } } })
    const env = { DOCKER_CONFIG: join(home.path, 'elsewhere') }
    expect(await credential(env)).toMatchObject({ username: 'file' })
    const both = { ...env, DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { [host]: { auth } } }) }
    expect(await credential(both)).toEqual(ann)
    const other = { ...env, DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { 'other.invalid': { auth } } }) }
    expect(await credential(other)).toMatchObject({ username: 'file' })
  })

  test('is not looked for where the app happens to run', async () => {
    await home.write(config, { auths: { [host]: { auth } } })
    const before = process.cwd()
    process.chdir(home.path)
    try {
      const found = await machine({ home: '' }).find(url, undefined, false)
      expect(found).toEqual({ considered: [] })
    } finally {
      process.chdir(before)
    }
  })
})

describe("podman's log-ins", () => {
  const file = '.config/containers/auth.json'

  test('the most specific entry wins for the repository that is asked', async () => {
    await home.write(file, {
      auths: {
        [host]: { auth: authOf('host', 'h') },
        [`${host}/team`]: { auth: authOf('team', 't') },
        [`${host}/team/app`]: { auth: authOf('app', 'a') },
      },
    })
    const userOf = async (repository?: string) => {
      const found = await credential({}, url, repository)
      return found !== undefined && 'username' in found ? found.username : undefined
    }
    expect(await userOf()).toBe('host')
    expect(await userOf('other/app')).toBe('host')
    expect(await userOf('teammate/app')).toBe('host')
    expect(await userOf('team/other')).toBe('team')
    expect(await userOf('team/app')).toBe('app')
    expect(await userOf('team/app/deep')).toBe('app')
  })

  test('entries for parts of a registry say nothing for the rest, and that is told', async () => {
    await home.write(file, { auths: { [`${host}/team`]: { auth } } })
    expect(await credential({}, url, 'team/app')).toEqual({ ...ann, source: 'podman' })
    expect(await credential({}, url, 'other/app')).toBeUndefined()
    const { considered } = await find()
    const [, podman] = considered
    expect(podman).toMatchObject({ source: 'podman', outcome: 'no-entry' })
    expect(podman?.detail).toContain('single repositories')
  })

  test('Docker Hub goes by its plain name', async () => {
    await home.write(file, { auths: { 'docker.io/library': { auth } } })
    expect(await credential({}, 'https://registry-1.docker.io', 'library/alpine')).toMatchObject({
      source: 'podman',
    })
  })

  test('the runtime directory comes before the configuration, and REGISTRY_AUTH_FILE instead of both', async () => {
    const entry = (name: string) => ({ auths: { [host]: { auth: authOf(name, 'x') } } })
    await home.write(file, entry('config'))
    await home.write('xdg/containers/auth.json', entry('xdg'))
    await home.write('run/containers/auth.json', entry('run'))
    await home.write('given.json', entry('given'))
    const XDG_CONFIG_HOME = join(home.path, 'xdg')
    const XDG_RUNTIME_DIR = join(home.path, 'run')
    const REGISTRY_AUTH_FILE = join(home.path, 'given.json')
    expect(await credential()).toMatchObject({ username: 'config' })
    expect(await credential({ XDG_CONFIG_HOME })).toMatchObject({ username: 'xdg' })
    expect(await credential({ XDG_CONFIG_HOME, XDG_RUNTIME_DIR })).toMatchObject({ username: 'run' })
    expect(await credential({ XDG_RUNTIME_DIR, REGISTRY_AUTH_FILE })).toMatchObject({ username: 'given' })
    const absent = await find({ XDG_RUNTIME_DIR, REGISTRY_AUTH_FILE: join(home.path, 'absent.json') })
    expect(absent.credential).toBeUndefined()
  })

  test('without a runtime directory it is that of the user’s number; elsewhere than on Linux there is none', async () => {
    const placesOn = async (platform: NodeJS.Platform) =>
      (await machine({ platform, uid: 4711 }).find(url, undefined, false)).considered
        .filter(({ source }) => source === 'podman')
        .map(({ place }) => place)
    expect(await placesOn('linux')).toEqual([
      '/run/containers/4711/auth.json',
      '~/.config/containers/auth.json',
    ])
    expect(await placesOn('darwin')).toEqual(['~/.config/containers/auth.json'])
  })
})

describe("helm's log-ins", () => {
  const entry = { auths: { [host]: { auth } } }

  test.each([
    ['linux', {}, '.config/helm/registry/config.json'],
    ['darwin', {}, 'Library/Preferences/helm/registry/config.json'],
    ['win32', { APPDATA: 'Roaming' }, 'Roaming/helm/registry/config.json'],
    ['linux', { XDG_CONFIG_HOME: 'xdg' }, 'xdg/helm/registry/config.json'],
    ['linux', { HELM_CONFIG_HOME: 'mine' }, 'mine/registry/config.json'],
    ['linux', { HELM_REGISTRY_CONFIG: 'given.json' }, 'given.json'],
  ] as const)('on %s with %o are in %s', async (platform, variables, file) => {
    await home.write(file, entry)
    const env = Object.fromEntries(Object.entries(variables).map(([name, to]) => [name, join(home.path, to)]))
    const found = await machine({ platform, env }).find(url, undefined, false)
    expect(found.credential).toEqual({ ...ann, source: 'helm' })
  })
})

describe('the order of the places', () => {
  const helm = '.config/helm/registry/config.json'
  const podman = '.config/containers/auth.json'
  const rows = (found: { considered: Array<{ place: string; outcome: string }> }) =>
    found.considered.map(({ place, outcome }) => [place, outcome])

  test('is docker, podman, helm; the losers are named when they are looked for', async () => {
    for (const [file, name] of [
      ['.docker/config.json', 'd'],
      [podman, 'p'],
      [helm, 'h'],
    ] as const) {
      await home.write(file, { auths: { [host]: { auth: authOf(name, 'x') } } })
    }
    const found = await machine().find(url, undefined, true)
    expect(found.credential).toMatchObject({ source: 'docker', username: 'd' })
    expect(rows(found)).toEqual([
      ['~/.docker/config.json', 'used'],
      [`~/${podman}`, 'overruled'],
      [`~/${helm}`, 'overruled'],
    ])
    expect(rows(await machine().find(url, undefined, false))).toEqual([['~/.docker/config.json', 'used']])
  })

  test('a helper that comes too late is not run', async () => {
    const env = await home.helper('late', `touch "${join(home.path, 'ran')}"; exit 1`)
    await home.write('.docker/config.json', { auths: { [host]: { auth } } })
    await home.write(podman, { credHelpers: { [host]: 'late' } })
    await home.write(helm, { credsStore: 'late' })
    expect(rows(await machine({ env }).find(url, undefined, true)).slice(1)).toEqual([
      [`docker-credential-late (~/${podman})`, 'overruled'],
      [`docker-credential-late (~/${helm})`, 'not-asked'],
    ])
    await expect(readFile(join(home.path, 'ran'))).rejects.toThrow('ENOENT')
  })

  test('a broken place is named, never quoted, and does not hide a later one', async () => {
    await home.write('.docker/config.json', '{"auths": {"x": {"auth": "c2VjcmV0"')
    await home.write(helm, { auths: { [host]: { auth } } })
    const found = await find()
    expect(found.credential).toMatchObject({ source: 'helm' })
    expect(found.problem).toBeUndefined()
    expect(found.considered[0]).toMatchObject({ source: 'docker', outcome: 'broken' })
    expect(JSON.stringify(found.considered)).not.toContain('c2VjcmV0')
  })

  test.each([
    ['what is no JSON', '{'],
    ['what is no object', '[]'],
    ['a field of another shape', { auths: [] }],
    ['a file too large', ' '.repeat(4 * 1024 * 1024 + 1)],
  ])('with %s alone there is a problem, not nothing', async (_, content) => {
    await home.write(podman, content)
    const { problem, credential: none } = await find()
    expect(none).toBeUndefined()
    expect(problem?.failure).toMatchObject({ kind: 'input-invalid', answeredBy: 'chartroom' })
    expect(problem?.failure.message).toContain(`~/${podman}`)
  })

  test('a directory where a file should be is broken too', async () => {
    await home.write('.docker/config.json/x', '')
    expect((await find()).problem?.failure.message).toContain('it is no file')
  })

  test('what was read holds ten seconds: a log-in shows, and a helper is not run for each request', async () => {
    const runs = join(home.path, 'runs')
    const env = await home.helper(
      'lab',
      `echo run >> "${runs}"; echo '{"Username":"ann","Secret":"pass:word"}'`,
    )
    await home.write('.docker/config.json', { credsStore: 'lab' })
    const one = machine({ env })
    await Promise.all([one.find(url, 'a/b', false), one.find(url, 'c/d', false)])
    expect(await readFile(runs, 'utf8')).toBe('run\n')
    now += 10_001
    await home.write('.docker/config.json', { auths: { [host]: { auth: authOf('bob', 'x') } } })
    expect((await one.find(url, 'a/b', false)).credential).toMatchObject({ username: 'bob' })
    expect(await readFile(runs, 'utf8')).toBe('run\n')
  })
})
