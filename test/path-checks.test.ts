import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRouterClient, type RouterClient } from '@orpc/server'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type App, createApp } from '../electron/app.ts'
import { createRegistryClient } from '../electron/oci/client.ts'
import { createTransport } from '../electron/oci/transport.ts'
import { createUploadMemory } from '../electron/oci/upload/memory.ts'
import { createPathChecks } from '../electron/path-checks.ts'
import type { AppRouter } from '../electron/router.ts'
import { createMemoryVault } from '../electron/vault-memory.ts'
import type { RelayState } from '../shared/model/path-check.ts'
import { chartArchive } from './fakes/charts.ts'
import { type DockerRegistry, startDockerRegistry } from './lab/docker-registry.ts'

const clock = { now: Date.now }
let registry: DockerRegistry
let directory: string

beforeAll(async () => {
  registry = await startDockerRegistry()
})
afterAll(() => registry.stop())
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chartroom-path-checks-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

async function refused(port: number): Promise<unknown> {
  const [error] = await once(connect(port, '127.0.0.1'), 'error')
  return (error as NodeJS.ErrnoException).code
}

test('the relay route goes through a relay of its own, which ends with the check', async () => {
  const transport = createTransport({ record: () => undefined, clock })
  const ports: (number | undefined)[] = []
  const checks = createPathChecks({
    registries: {
      urlOf: async () => registry.url,
      clientOver: async (_, relayPort) => {
        ports.push(relayPort)
        // a name that leads nowhere: what arrives went through the relay
        const url = relayPort === undefined ? registry.url : 'http://registry.invalid'
        const connection = relayPort === undefined ? {} : { relayPort }
        return createRegistryClient({ transport, url, credential: undefined, connection, clock })
      },
    },
    memory: createUploadMemory({ directory, clock }),
    bufferBytes: async () => 1024 * 1024,
    clock,
  })
  const run = checks.check(
    {
      registryId: 'any',
      repository: 'scratch/path',
      routes: ['direct', 'relay'],
      strategies: ['buffered', 'streamed-patch'],
      bytes: [1024],
    },
    new AbortController().signal,
  )
  let step = await run.next()
  while (step.done !== true) step = await run.next()
  expect(step.value.results.map(({ route, ok }) => [route, ok])).toEqual([
    ['direct', true],
    ['direct', true],
    ['relay', true],
    ['relay', true],
  ])
  const [straight, port] = ports
  expect(ports).toHaveLength(2)
  expect(straight).toBeUndefined()
  expect(await refused(port ?? 0)).toBe('ECONNREFUSED')
  await transport.close()
})

describe('the app', () => {
  let app: App
  let client: RouterClient<AppRouter>
  beforeEach(async () => {
    app = await createApp({
      directory: join(directory, 'profile'),
      clock: Date,
      vault: createMemoryVault(),
      env: { HOME: directory },
      host: { opensFiles: false, openExternal: async () => false },
    })
    client = createRouterClient(app.router)
  })
  afterEach(() => app.close())

  const addRegistry = async () => {
    const draft = { name: 'lab', url: registry.url, credential: { source: 'anonymous' } } as const
    return (await client.registries.add(draft)).id
  }
  const relays = async (): Promise<RelayState[]> => {
    const watch = await client.publish.relays()
    const step = await watch.next()
    await watch.return?.()
    return step.done === true ? [] : step.value
  }
  const publish = async (registryId: string, version: string) => {
    const bytes = await chartArchive({ version })
    const ticket = await app.intake.accept('cart.tgz', new Blob([new Uint8Array(bytes)]).stream())
    await client.publish.inspect({ ticket })
    const events = await client.publish.start({ ticket, registryId, path: 'relayed', mode: 'auto' })
    let step = await events.next()
    while (step.done !== true) step = await events.next()
    return { result: step.value, sent: bytes.length }
  }

  test('publishes through the relay while it runs, and straight again once it is stopped', async () => {
    const registryId = await addRegistry()
    const { address } = await client.publish.startRelay({ registryId })
    const { sent, result } = await publish(registryId, '1.0.0')
    expect(result.reference).toBe(`${new URL(registry.url).host}/relayed/cart:1.0.0`)
    const [running] = await relays()
    expect(running).toMatchObject({ registryId, address, errors: 0 })
    expect(running?.bytesToRegistry).toBeGreaterThan(sent)

    expect(await client.publish.stopRelay({ registryId })).toEqual({ stopped: true })
    await publish(registryId, '1.0.1')
    expect(await relays()).toEqual([])
  })

  test('ends the relay of a registry that is removed, and all of them when it closes', async () => {
    const [first, second] = [await addRegistry(), await addRegistry()]
    const portOf = async (registryId: string) =>
      Number((await client.publish.startRelay({ registryId })).address.split(':')[1])
    const [one, other] = [await portOf(first), await portOf(second)]
    await client.registries.remove({ id: first })
    expect(await refused(one)).toBe('ECONNREFUSED')
    expect(await relays()).toMatchObject([{ registryId: second }])
    await app.close()
    expect(await refused(other)).toBe('ECONNREFUSED')
  })

  test('checks a path, one event a cell, and refuses a registry it does not know', async () => {
    const input = { registryId: await addRegistry(), bytes: [1024], routes: ['relay' as const] }
    const cells = await client.publish.checkPath(input)
    const told: string[] = []
    let step = await cells.next()
    for (; step.done !== true; step = await cells.next()) told.push(step.value.strategy)
    expect(told).toEqual(['buffered', 'streamed-put', 'streamed-patch', 'chunked'])
    expect(step.value).toMatchObject({ complete: true, recommended: { route: 'relay' } })
    expect(await relays()).toEqual([])

    const unknown = await client.publish.checkPath({ registryId: 'nobody', bytes: [1024] })
    await expect(unknown.next()).rejects.toMatchObject({ data: { kind: 'no-such-item' } })
    await expect(client.publish.startRelay({ registryId: 'nobody' })).rejects.toMatchObject({
      data: { kind: 'no-such-item' },
    })
  })
})
