import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { LabTool } from '../../build/lab-tools.ts'
import { createMachine } from '../../electron/credentials/machine.ts'
import { createRegistryClient } from '../../electron/oci/client.ts'
import type { Transport } from '../../electron/oci/ask.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import type { CredentialSource } from '../../shared/model/registry.ts'
import { failureIn } from '../fakes/failure-in.ts'
import { startDistribution } from './distribution.ts'
import type { RegistryProcess } from './registry-process.ts'
import { openTool, type Tool } from './tool.ts'

const password = 'correct horse'

/** How a client of the lab logs in to and out of a host, and whose log-in that is to us. */
const logins: Array<{
  name: Extract<LabTool, 'crane' | 'helm' | 'oras' | 'skopeo'>
  source: CredentialSource
  login: (host: string) => string[]
  logout: (host: string) => string[]
}> = [
  {
    name: 'crane',
    source: 'docker',
    login: (host) => ['auth', 'login', '-u', 'ann', '-p', password, host],
    logout: (host) => ['auth', 'logout', host],
  },
  {
    name: 'oras',
    source: 'docker',
    login: (host) => ['login', '--plain-http', '-u', 'ann', '-p', password, host],
    logout: (host) => ['logout', host],
  },
  {
    name: 'skopeo',
    source: 'podman',
    login: (host) => ['login', '--tls-verify=false', '-u', 'ann', '-p', password, host],
    logout: (host) => ['logout', host],
  },
  {
    name: 'helm',
    source: 'helm',
    login: (host) => ['registry', 'login', '--plain-http', '-u', 'ann', '-p', password, host],
    logout: (host) => ['registry', 'logout', host],
  },
]

let registry: RegistryProcess
let transport: Transport
let tool: Tool

beforeAll(async () => {
  registry = await startDistribution({ htpasswd: { username: 'ann', password } })
})
afterAll(() => registry.stop())
beforeEach(() => {
  transport = createTransport({ record: () => undefined, clock: { now: Date.now } })
})
afterEach(async () => {
  await transport.close()
  await tool.close()
})

/** skopeo and podman log in to docker's file where DOCKER_CONFIG names one, and to one of their own where none does. */
function homeOf({ env, directory, path }: Tool): { env: NodeJS.ProcessEnv } {
  env['XDG_RUNTIME_DIR'] = directory
  if (path.endsWith('skopeo')) delete env['DOCKER_CONFIG']
  return { env }
}

describe.each(logins)('a log-in made with $name', ({ name, source, login, logout }) => {
  test('is found where it was left, lets us in, and is gone when it is logged out', async () => {
    tool = await openTool(name)
    const { host } = new URL(registry.url)
    const { env } = homeOf(tool)
    let now = 0
    const machine = createMachine({ env, clock: { now: () => now } })
    const find = () => machine.find(registry.url, 'team/app', false)
    await tool.run(...login(host))

    const { credential } = await find()
    expect(credential).toEqual({ source, username: 'ann', password })
    const client = createRegistryClient({ transport, url: registry.url, credential })
    expect(await client.headManifest('team/app', 'latest')).toBeUndefined()

    await tool.run(...logout(host))
    now += 60_000
    const after = await find()
    expect(after.problem).toBeUndefined()
    expect(after.credential).toBeUndefined()
    const anonymous = createRegistryClient({ transport, url: registry.url, credential: undefined })
    expect((await failureIn(anonymous.headManifest('team/app', 'latest'))).kind).toBe('unauthorized')
  })
})

test('a log-in of skopeo for one namespace counts for its repositories alone', async () => {
  tool = await openTool('skopeo')
  const { host } = new URL(registry.url)
  const { env } = homeOf(tool)
  await tool.run('login', '--tls-verify=false', '-u', 'ann', '-p', password, `${host}/team`)
  const machine = createMachine({ env, clock: { now: () => 0 } })
  expect((await machine.find(registry.url, 'team/app', false)).credential).toMatchObject({ source: 'podman' })
  expect((await machine.find(registry.url, 'other/app', false)).credential).toBeUndefined()
})

test('a log-in of skopeo in docker’s file, for one namespace, is understood there too', async () => {
  tool = await openTool('skopeo')
  const { host } = new URL(registry.url)
  await tool.run('login', '--tls-verify=false', '-u', 'ann', '-p', password, `${host}/team`)
  const machine = createMachine({ env: tool.env, clock: { now: () => 0 } })
  expect((await machine.find(registry.url, 'team/app', false)).credential).toMatchObject({ source: 'docker' })
  expect((await machine.find(registry.url, 'other/app', false)).credential).toBeUndefined()
})
