import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createRelays, type Relays } from '../../electron/relay/relays.ts'
import type { RelayState } from '../../shared/model/path-check.ts'
import { closedPort } from '../fakes/mirror.ts'
import { startScriptedHttp, type ScriptedHttp } from '../fakes/scripted-http.ts'

let registry: ScriptedHttp
let relays: Relays
let urls: Record<string, string>
let watching: AbortController

beforeEach(async () => {
  registry = await startScriptedHttp((_, response) => response.end('hello'))
  urls = { main: registry.url, other: 'https://[::1]' }
  watching = new AbortController()
  relays = createRelays({
    urlOf: async (id) => urls[id] ?? Promise.reject(new Error('unknown')),
    clock: { now: () => 5 },
    interval: 1,
  })
})
afterEach(async () => {
  watching.abort()
  await relays.close()
  await registry.stop()
})

const ask = async (address: string) => (await fetch(`http://${address}/v2/`)).text()
const refused = async (address: string) => {
  const [error] = await once(connect(Number(address.split(':')[1]), '127.0.0.1'), 'error')
  return (error as NodeJS.ErrnoException).code
}

async function next(watch: AsyncGenerator<RelayState[], void>): Promise<RelayState[]> {
  const step = await watch.next()
  if (step.done === true) throw new Error('the watch ended')
  return step.value
}

test('a relay is started for a registry, reaches it, and is gone once it is stopped', async () => {
  const { address, ...state } = await relays.start('main')
  expect(state).toEqual({
    registryId: 'main',
    target: new URL(registry.url).host,
    startedAt: 5,
    connections: 0,
    accepted: 0,
    refused: 0,
    errors: 0,
    bytesToRegistry: 0,
    bytesFromRegistry: 0,
  })
  expect(await ask(address)).toBe('hello')
  expect(relays.portOf('main', registry.url)).toBe(Number(address.split(':')[1]))
  expect(await relays.stop('main')).toEqual({ stopped: true })
  expect(relays.portOf('main', registry.url)).toBeUndefined()
  expect(await refused(address)).toBe('ECONNREFUSED')
  expect(await relays.stop('main')).toEqual({ stopped: false })
})

test('a scheme without a port means its own, and an address of IPv6 keeps its brackets', async () => {
  expect(await relays.start('other')).toMatchObject({ target: '[::1]:443' })
})

test('two starts at once make one relay', async () => {
  const [first, second] = await Promise.all([relays.start('main'), relays.start('main')])
  expect(second.address).toBe(first.address)
})

test('a registry that has moved is not reached through the relay to where it was', async () => {
  const before = await relays.start('main')
  urls['main'] = 'http://127.0.0.1:1'
  expect(relays.portOf('main', urls['main'])).toBeUndefined()
  const after = await relays.start('main')
  expect(after.target).toBe(closedPort)
  expect(await refused(before.address)).toBe('ECONNREFUSED')
})

test('an unknown registry is refused by whoever knows them, and the next start works', async () => {
  await expect(relays.start('nobody')).rejects.toThrow('unknown')
  expect(await relays.start('main')).toMatchObject({ registryId: 'main' })
})

describe('watching', () => {
  test('tells at once, of each start and stop, and of bytes that went through', async () => {
    const watch = relays.watch(watching.signal)
    expect(await next(watch)).toEqual([])
    const { address } = await relays.start('main')
    expect(await next(watch)).toMatchObject([{ registryId: 'main', bytesToRegistry: 0 }])
    await ask(address)
    let states = await next(watch)
    while ((states[0]?.bytesFromRegistry ?? 0) === 0) states = await next(watch)
    expect(states).toMatchObject([{ accepted: 1, errors: 0 }])
    await relays.stop('main')
    while (states.length > 0) states = await next(watch)
    expect(states).toEqual([])
  })

  test('ends with its signal, also while it waits', async () => {
    const watch = relays.watch(watching.signal)
    await next(watch)
    const waiting = watch.next()
    watching.abort()
    expect(await waiting).toEqual({ value: undefined, done: true })
  })
})

test('closing closes every relay and connection, and nothing starts afterwards', async () => {
  const { address } = await relays.start('main')
  const kept = connect({ port: Number(address.split(':')[1]), host: '127.0.0.1' })
  await once(kept, 'connect')
  await relays.close()
  expect(await text(kept)).toBe('')
  expect(await refused(address)).toBe('ECONNREFUSED')
  await expect(relays.start('main')).rejects.toMatchObject({ failure: { kind: 'cancelled' } })
})
