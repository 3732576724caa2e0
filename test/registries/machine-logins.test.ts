import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Transport } from '../../electron/oci/ask.ts'
import type { Connection } from '../../electron/oci/connection.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import { createRegistries, type Registries } from '../../electron/registries/registries.ts'
import type { Exchange } from '../../shared/model/exchange.ts'
import { failureIn } from '../fakes/failure-in.ts'
import { memoryVault } from '../fakes/memory-vault.ts'
import { type DockerRegistry, startDockerRegistry } from '../lab/docker-registry.ts'

const password = 'correct horse'
const auth = (secret: string) => Buffer.from(`ann:${secret}`).toString('base64')

let real: DockerRegistry
let open: DockerRegistry
let host: string
let directory: string
let transport: Transport
let exchanges: Exchange[]
let connection: Connection | undefined
let now: number
let registries: Registries

beforeAll(async () => {
  ;[real, open] = await Promise.all([
    startDockerRegistry({ htpasswd: { username: 'ann', password } }),
    startDockerRegistry(),
  ])
  host = new URL(real.url).host
})
afterAll(async () => {
  await real.stop()
  await open.stop()
})
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chartroom-logins-'))
  exchanges = []
  connection = undefined
  now = 1_000_000
  transport = createTransport({ record: (exchange) => exchanges.push(exchange), clock: { now: Date.now } })
  registries = createRegistries({
    directory,
    vault: memoryVault(),
    transport,
    env: { HOME: directory, XDG_RUNTIME_DIR: join(directory, 'run') },
    clock: { now: () => now },
    connectionOf: () => Promise.resolve(connection),
  })
})
afterEach(async () => {
  await transport.close()
  await rm(directory, { recursive: true })
})

async function write(file: string, content: unknown): Promise<void> {
  const path = join(directory, file)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
}
const draft = (url = real.url) => ({ name: 'Lab', url, credential: { source: 'docker-config' as const } })
const docker = '.docker/config.json'
const podman = '.config/containers/auth.json'
const helm = '.config/helm/registry/config.json'

describe('a test of a registry with the log-ins of this machine', () => {
  test('names the winner and the losers, and never the secret', async () => {
    await write(docker, { auths: { 'other.invalid': { auth: auth('other') } } })
    await write('run/containers/auth.json', { auths: { [host]: { auth: auth(password) } } })
    await write(helm, { auths: { [host]: { auth: auth('late') } } })
    const tested = await registries.test(draft(), undefined)
    expect(tested).toMatchObject({ authentication: 'basic', credential: 'podman' })
    expect(tested.considered.map(({ place, outcome }) => [place, outcome])).toEqual([
      [`~/${docker}`, 'no-entry'],
      ['~/run/containers/auth.json', 'used'],
      [`~/${podman}`, 'absent'],
      [`~/${helm}`, 'overruled'],
    ])
    expect(JSON.stringify([tested, exchanges])).not.toMatch(new RegExp(`${password}|${auth(password)}`))
  })

  test('that is refused says where a credential was looked for', async () => {
    await write(helm, { auths: { [host]: { auth: auth('wrong') } } })
    const failure = await failureIn(registries.test(draft(), undefined))
    expect(failure).toMatchObject({ kind: 'unauthorized', answeredBy: 'registry' })
    expect(failure.evidence.filter(({ fact }) => fact === 'credential')).toEqual([
      { fact: 'credential', value: `helm ~/${helm}: used` },
    ])
  })

  test('is not anonymous because a file is broken', async () => {
    await write(docker, '{')
    const failure = await failureIn(registries.test(draft(), undefined))
    expect(failure).toMatchObject({ kind: 'input-invalid', answeredBy: 'chartroom' })
    expect(failure.message).toContain(`~/${docker}`)
    const [looked] = failure.evidence.filter(({ fact }) => fact === 'credential')
    expect(looked?.value).toContain(`docker ~/${docker}: broken. What docker keeps in`)
  })

  test('looks anew every time: who has just logged in tests at once', async () => {
    expect((await failureIn(registries.test(draft(), undefined))).kind).toBe('unauthorized')
    await write(docker, { auths: { [host]: { auth: auth(password) } } })
    expect((await registries.test(draft(), undefined)).credential).toBe('docker')
  })

  test('does not need the broken file where nobody asks who it is', async () => {
    await write(docker, '{')
    const tested = await registries.test(draft(open.url), undefined)
    expect(tested).toMatchObject({ authentication: 'none', credential: 'anonymous' })
    expect(tested.considered[0]).toMatchObject({ source: 'docker', outcome: 'broken' })
  })

  test('with no credential chosen shows what the machine would have had', async () => {
    await write(docker, { auths: { [host]: { auth: auth(password) } } })
    const none = { ...draft(), credential: { source: 'anonymous' as const } }
    const failure = await failureIn(registries.test(none, undefined))
    expect(failure.evidence.filter(({ fact }) => fact === 'credential').map(({ value }) => value)).toEqual([
      'anonymous: used',
      `docker ~/${docker}: overruled`,
    ])
  })
})

describe('a client with the log-ins of this machine', () => {
  test('takes for each repository the entry that is most specific', async () => {
    await write(podman, {
      auths: { [host]: { auth: auth('wrong') }, [`${host}/team`]: { auth: auth(password) } },
    })
    const client = await registries.client((await registries.add(draft())).id)
    expect(await client.headManifest('team/app', 'latest')).toBeUndefined()
    expect((await failureIn(client.headManifest('other/app', 'latest'))).kind).toBe('unauthorized')
    expect(await client.headManifest('team/other', 'latest')).toBeUndefined()
  })

  test('is kept, and sees a log-in that is made while it lives', async () => {
    const { id } = await registries.add(draft())
    const client = await registries.client(id)
    expect((await failureIn(client.headManifest('team/app', 'latest'))).kind).toBe('unauthorized')
    await write(docker, { auths: { [host]: { auth: auth(password) } } })
    now += 10_001
    expect(await registries.client(id)).toBe(client)
    expect(await client.headManifest('team/app', 'latest')).toBeUndefined()
  })

  test('is made anew where the way to the registry changes', async () => {
    const { id } = await registries.add(draft())
    const client = await registries.client(id)
    connection = { relayPort: 1 }
    const relayed = await registries.client(id)
    expect(relayed).not.toBe(client)
    expect(await registries.client(id)).toBe(relayed)
  })
})

test('a list of an older version, whose log-ins were docker’s alone, is read as it stands', async () => {
  const old = { id: 'old', name: 'Old', url: real.url, credential: { source: 'docker-config' } }
  await write('registries.json', { entries: [old] })
  await write(docker, { auths: { [host]: { auth: auth(password) } } })
  expect(await registries.list()).toMatchObject([{ id: 'old', credential: { source: 'docker-config' } }])
  expect((await registries.ping('old')).credential).toBe('docker')
})
