import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { askHelper, helperLimits } from '../../electron/credentials/helper.ts'
import { createMachine } from '../../electron/credentials/machine.ts'
import { failureIn } from '../fakes/failure-in.ts'
import { authOf, type Home, makeHome } from './home.ts'

const url = 'https://registry.invalid:5000'
const host = 'registry.invalid:5000'
const auth = authOf('ann', 'pass:word')
const answers = `echo '{"Username":"ann","Secret":"secret"}'`

let home: Home

beforeEach(async () => {
  home = await makeHome()
})
afterEach(() => home.remove())

const ask = (
  suffix: string,
  more: Partial<Parameters<typeof askHelper>[2]> & { env: Record<string, string> },
) => askHelper(suffix, host, { home: home.path, platform: 'linux', limits: helperLimits, ...more })
const found = async (env: Record<string, string>) =>
  createMachine({ env, home: home.path, platform: 'linux', uid: undefined, clock: { now: () => 0 } }).find(
    url,
    undefined,
    false,
  )

test('a helper for the host is asked with it on its input, before the store and before auths', async () => {
  const env = await home.helper(
    'lab',
    `read key; echo "{\\"Username\\":\\"ann\\",\\"Secret\\":\\"for $key\\"}"`,
  )
  await home.write('.docker/config.json', {
    credHelpers: { [host]: 'lab' },
    credsStore: 'absent',
    auths: { [host]: { auth } },
  })
  const { credential, considered } = await found(env)
  expect(credential).toEqual({ source: 'docker', username: 'ann', password: `for ${host}` })
  expect(considered[0]?.place).toBe('docker-credential-lab (~/.docker/config.json)')
})

test('docker asks for Docker Hub by its key, podman by its name', async () => {
  const env = await home.helper(
    'lab',
    `read key; echo "{\\"Username\\":\\"ann\\",\\"Secret\\":\\"for $key\\"}"`,
  )
  const machine = (more: Record<string, string>) =>
    createMachine({
      env: { ...env, ...more },
      home: home.path,
      platform: 'linux',
      uid: undefined,
      clock: { now: () => 0 },
    })
  await home.write('.docker/config.json', { credsStore: 'lab' })
  const hub = 'https://registry-1.docker.io'
  expect((await machine({}).find(hub, undefined, false)).credential).toMatchObject({
    password: 'for https://index.docker.io/v1/',
  })
  await home.write('given.json', { credHelpers: { 'docker.io': 'lab' } })
  const podman = machine({ DOCKER_CONFIG: '/nowhere', REGISTRY_AUTH_FILE: join(home.path, 'given.json') })
  expect((await podman.find(hub, undefined, false)).credential).toMatchObject({
    source: 'podman',
    password: 'for docker.io',
  })
})

test('where a helper is named, auths is no second choice', async () => {
  const env = await home.helper('none', 'echo "credentials not found in native keychain"; exit 1')
  await home.write('.docker/config.json', { credsStore: 'none', auths: { [host]: { auth } } })
  const { credential, considered } = await found(env)
  expect(credential).toBeUndefined()
  expect(considered[0]).toMatchObject({ outcome: 'no-entry' })
})

test('<token> means an identity token', async () => {
  const env = await home.helper('lab', `echo '{"Username":"<token>","Secret":"refresh-me"}'`)
  await home.write('.docker/config.json', { credsStore: 'lab' })
  expect((await found(env)).credential).toEqual({ source: 'docker', identityToken: 'refresh-me' })
})

test.each([
  ['one that fails', 'exit 3', 'ended with 3'],
  ['one that says no JSON', 'echo hello', 'not the JSON'],
  ['one that says too much', 'yes', 'said too much'],
])('%s is a Failure', async (_, script, message) => {
  const env = await home.helper('lab', script)
  const failure = await failureIn(ask('lab', { env }))
  expect(failure.kind).toBe('input-invalid')
  expect(failure.message).toContain(message)
})

test('one that does not end is ended, and so is one whose child holds on to its output', async () => {
  expect(helperLimits).toEqual({ milliseconds: 20_000, bytes: 65_536 })
  const limits = { ...helperLimits, milliseconds: 50 }
  for (const script of ['exec sleep 600', 'sleep 600 & exit 0']) {
    const env = await home.helper('lab', script)
    expect((await failureIn(ask('lab', { env, limits }))).message).toContain('took too long')
  }
})

test('a name that is a path is not run', async () => {
  await home.helper('x', answers, '.')
  for (const suffix of ['../x', '/bin/sh', '..\\x', '']) {
    expect((await failureIn(ask(suffix, { env: {} }))).message).toContain('no program name')
  }
})

test('one that is not installed is named', async () => {
  expect((await failureIn(ask('absent', { env: { PATH: home.path } }))).message).toContain(
    'docker-credential-absent gave no credential: it is not installed',
  )
})

test('one in the user’s own directory is found without PATH, as a desktop app has none', async () => {
  await home.helper('own', `PATH=/bin:/usr/bin; ${answers}`, '.local/bin')
  expect(await ask('own', { env: {} })).toEqual({ username: 'ann', password: 'secret' })
})

test('one that lies where the app happens to run is not', async () => {
  await home.helper('here', answers, '.')
  const before = process.cwd()
  process.chdir(home.path)
  try {
    expect((await failureIn(ask('here', { env: { PATH: '.:' } }))).message).toContain('not installed')
  } finally {
    process.chdir(before)
  }
})

test('on Windows it ends in .exe', async () => {
  const env = await home.helper('win', answers)
  const plain = join(home.path, 'bin', 'docker-credential-win')
  expect((await failureIn(ask('win', { env, platform: 'win32' }))).message).toContain('not installed')
  await rename(plain, `${plain}.exe`)
  for (const suffix of ['win', 'win.exe']) {
    expect(await ask(suffix, { env, platform: 'win32' })).toEqual({ username: 'ann', password: 'secret' })
  }
})
