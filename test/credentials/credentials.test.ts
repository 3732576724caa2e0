import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { resolveCredential } from '../../electron/credentials/credentials.ts'
import { dockerCredential } from '../../electron/credentials/docker-config.ts'
import { failureIn } from '../fakes/failure-in.ts'
import { memoryVault } from '../fakes/memory-vault.ts'

const url = 'https://registry.invalid:5000'
const host = 'registry.invalid:5000'
const auth = Buffer.from('ann:pass:word').toString('base64')
const ann = { source: 'docker-config', username: 'ann', password: 'pass:word' }
let home: string

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'chartroom-home-'))
})
afterEach(() => rm(home, { recursive: true }))

async function write(config: unknown, directory = join(home, '.docker')): Promise<void> {
  await mkdir(directory, { recursive: true })
  await writeFile(
    join(directory, 'config.json'),
    typeof config === 'string' ? config : JSON.stringify(config),
  )
}
/** A helper as a program on PATH: `script` is what a shell runs. */
async function helper(name: string, script: string): Promise<Record<string, string>> {
  const bin = join(home, 'bin')
  await mkdir(bin, { recursive: true })
  await writeFile(join(bin, `docker-credential-${name}`), `#!/bin/sh\n${script}\n`)
  await chmod(join(bin, `docker-credential-${name}`), 0o755)
  return { PATH: [bin, process.env['PATH'] ?? ''].join(delimiter) }
}
const found = (env: Record<string, string> = {}, at = url) => dockerCredential({ url: at, env, home })

describe("docker's configuration", () => {
  test('is not needed', async () => {
    expect(await found()).toBeUndefined()
  })

  test('holds user and password by host', async () => {
    await write({ auths: { [host]: { auth }, 'other.invalid': {} } })
    expect(await found()).toEqual(ann)
    expect(await found({}, 'https://other.invalid')).toBeUndefined()
    expect(await found({}, 'https://registry.invalid')).toBeUndefined()
  })

  test('old keys with scheme and path count for their host', async () => {
    await write({ auths: { [`https://${host}/v1/`]: { username: 'ann', password: 'pass:word' } } })
    expect(await found()).toEqual(ann)
  })

  test('Docker Hub has a key of its own', async () => {
    await write({ auths: { 'https://index.docker.io/v1/': { auth } } })
    for (const hub of ['docker.io', 'registry-1.docker.io'])
      expect(await found({}, `https://${hub}`)).toEqual(ann)
  })

  test('an identity token comes before a password', async () => {
    await write({ auths: { [host]: { auth, identitytoken: 'refresh-me' } } })
    expect(await found()).toEqual({ source: 'docker-config', identityToken: 'refresh-me' })
  })

  test('DOCKER_CONFIG names another directory, DOCKER_AUTH_CONFIG holds one', async () => {
    await write({ auths: { [host]: { auth } } }, join(home, 'elsewhere'))
    expect(await found({ DOCKER_CONFIG: join(home, 'elsewhere') })).toEqual(ann)
    expect(await found({ DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { [host]: { auth } } }) })).toEqual(ann)
  })

  test('is not looked for where the app happens to run', async () => {
    await write({ auths: { [host]: { auth } } })
    const before = process.cwd()
    process.chdir(home)
    try {
      expect(await dockerCredential({ url, env: {}, home: '' })).toBeUndefined()
    } finally {
      process.chdir(before)
    }
  })

  test('broken, it is named and not quoted', async () => {
    await write('{"auths": {"x": {"auth": "c2VjcmV0"')
    const failure = await failureIn(found())
    expect(failure).toMatchObject({ kind: 'input-invalid', answeredBy: 'chartroom' })
    expect(failure.message).not.toContain('c2VjcmV0')
    await write({ auths: [] })
    expect((await failureIn(found())).kind).toBe('input-invalid')
  })
})

describe('credential helpers', () => {
  test('are asked for the host on their input', async () => {
    const env = await helper('lab', `read key; echo "{\\"Username\\":\\"ann\\",\\"Secret\\":\\"for $key\\"}"`)
    await write({ credHelpers: { [host]: 'lab' }, credsStore: 'absent', auths: { [host]: { auth } } })
    expect(await found(env)).toEqual({ source: 'docker-config', username: 'ann', password: `for ${host}` })
  })

  test('a store is asked for every other host, and auths is no second choice', async () => {
    const env = await helper('none', 'echo "credentials not found in native keychain"; exit 1')
    await write({ credsStore: 'none', auths: { [host]: { auth } } })
    expect(await found(env)).toBeUndefined()
  })

  test('<token> means an identity token', async () => {
    const env = await helper('lab', `echo '{"Username":"<token>","Secret":"refresh-me"}'`)
    await write({ credsStore: 'lab' })
    expect(await found(env)).toEqual({ source: 'docker-config', identityToken: 'refresh-me' })
  })

  test.each([
    ['one that fails', 'exit 3', /ended with 3/],
    ['one that says no JSON', 'echo hello', /not the JSON/],
    ['one that says too much', 'yes', /said too much/],
  ])('%s is a Failure', async (_, script, message) => {
    const env = await helper('lab', script)
    await write({ credsStore: 'lab' })
    const failure = await failureIn(found(env))
    expect(failure.kind).toBe('input-invalid')
    expect(failure.message).toMatch(message)
  })

  test('one that is not installed, or whose name is a path, is not run', async () => {
    await write({ credsStore: 'absent' })
    expect((await failureIn(found({ PATH: home }))).message).toContain('not installed')
    await write({ credsStore: '../../bin/sh' })
    expect((await failureIn(found())).message).toContain('no program name')
  })
})

describe('a draft', () => {
  const from = (more: Partial<Parameters<typeof resolveCredential>[0]>) => {
    const draft = { source: 'password' as const, username: 'ann' }
    return resolveCredential({ url, draft, vault: memoryVault(), env: {}, home, ...more })
  }

  test('brings its password, or takes the one that is kept', async () => {
    const vault = memoryVault()
    await vault.set('registry:1', 'kept')
    const draft = { source: 'password' as const, username: 'ann', password: 'given' }
    expect(await from({ vault, vaultKey: 'registry:1', draft })).toMatchObject({ password: 'given' })
    expect(await from({ vault, vaultKey: 'registry:1' })).toMatchObject({ username: 'ann', password: 'kept' })
    expect(await from({ vault })).toBeUndefined()
  })

  test('anonymous is anonymous, whatever docker knows', async () => {
    await write({ auths: { [host]: { auth } } })
    expect(await from({ draft: { source: 'anonymous' } })).toBeUndefined()
    expect(await from({ draft: { source: 'docker-config' } })).toEqual(ann)
  })
})
