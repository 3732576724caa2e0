import { MessageChannel } from 'node:worker_threads'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { startEmbeddedRegistry } from '../../electron/demo/registry.ts'
import { PageDouble } from '../fakes/electron/page.ts'
import { buildApp, clientOver, type Desktop, openClient, startDesktop } from './desktop.ts'

let desktop: Desktop
beforeAll(buildApp)
beforeEach(async () => {
  desktop = await startDesktop()
})
afterEach(() => desktop.stop())

test('carries calls over the port that the preload hands to the page', async () => {
  const { client } = await openClient(desktop)
  expect(await client.settings.get()).toMatchObject({ theme: 'system', uploadMode: 'auto' })
  expect(await client.registries.list()).toEqual([])
  expect(await client.host.capabilities()).toMatchObject({ opensFiles: true, demo: false })
})

test('carries a stream of pages to its return value, and one without end until the caller goes', async () => {
  const registry = await startEmbeddedRegistry({})
  try {
    const { client } = await openClient(desktop)
    const exchanges = await client.activity.watch()
    const draft = { name: 'Harbour', url: registry.url, credential: { source: 'anonymous' as const } }
    const { id } = await client.registries.add(draft)
    expect(await client.registries.list()).toMatchObject([{ id, name: 'Harbour', url: registry.url }])

    const pages = await client.registries.repositories({ id })
    let step = await pages.next()
    while (step.done !== true) step = await pages.next()
    expect(step.value).toMatchObject({ count: 0, complete: true })

    const asked: string[] = []
    while (asked.length === 0) {
      const { value } = await exchanges.next()
      if (Array.isArray(value)) asked.push(...value.map((exchange) => exchange.url))
    }
    expect(asked[0]).toContain(registry.url)
    expect(await exchanges.return?.()).toMatchObject({ done: true })
  } finally {
    await registry.stop()
  }
})

test('carries a typed failure', async () => {
  const { client } = await openClient(desktop)
  await expect(client.registries.ping({ id: 'no-such' })).rejects.toMatchObject({
    code: 'FAILED',
    data: { kind: 'no-such-item' },
  })
})

test('puts nothing into the page', async () => {
  const { page } = await openClient(desktop)
  expect(Object.keys(page.window)).toEqual(['location', 'addEventListener', 'postMessage'])
})

test.each([
  ['another word', 'chartroom:open', 'app://chartroom', true],
  ['another window', 'chartroom:connect', 'app://chartroom', false],
  ['another origin', 'chartroom:connect', 'https://chartroom.example', true],
])('the preload makes no channel for %s', async (_case, data, origin, own) => {
  const page = new PageDouble(desktop.double, await desktop.window())
  const handed: unknown[] = []
  page.window.addEventListener('message', (message) => {
    if (message.data === 'chartroom:port') handed.push(message)
  })
  page.deliver(data, own ? page.window : {}, origin)
  // a handshake after it has been answered, so the one before has had its chance
  const port = await page.connect()
  port.close()
  expect(handed).toHaveLength(1)
})

test.each([
  ['a frame in the page', { origin: 'app://chartroom', parent: { origin: 'app://chartroom', parent: null } }],
  ['a foreign origin', { origin: 'https://chartroom.example', parent: null }],
  ['another host of the scheme', { origin: 'app://chartroom.example', parent: null }],
  ['no origin', { origin: 'null', parent: null }],
  ['a frame that is gone', null],
])('refuses the port of %s', async (_case, frame) => {
  const { port1, port2 } = new MessageChannel()
  const closed = new Promise<void>((resolve) => port2.once('close', () => resolve()))
  desktop.double.receive(await desktop.window(), frame, [port1])
  await closed
})

test('refuses more than one port at a time', async () => {
  const window = await desktop.window()
  const channels = [new MessageChannel(), new MessageChannel()]
  const closed = channels.map(
    ({ port2 }) => new Promise<void>((resolve) => port2.once('close', () => resolve())),
  )
  const ports = channels.map(({ port1 }) => port1)
  desktop.double.receive(window, window.contents.mainFrame, ports)
  await Promise.all(closed)
})

test('a message without a port does nothing', async () => {
  const window = await desktop.window()
  desktop.double.receive(window, window.contents.mainFrame, [])
  const { client } = await openClient(desktop)
  expect(await client.registries.list()).toEqual([])
})

test.each([
  ['crashes', 'render-process-gone', [{}, { reason: 'crashed' }]],
  ['reloads', 'did-start-navigation', [{ isMainFrame: true, isSameDocument: false }]],
  ['is gone', 'destroyed', []],
])('hangs up when the page %s', async (_case, event, parts) => {
  const { client, port } = await openClient(desktop)
  const closed = new Promise<void>((resolve) => port.once('close', () => resolve()))
  const stream = await client.activity.watch()
  expect(await stream.next()).toEqual({ done: false, value: [] })
  const next = stream.next()
  const window = await desktop.window()
  window.contents.events.emit(event, ...parts)
  await closed
  await expect(next).rejects.toThrow()
})

test('a navigation within the document or of a frame does not hang up', async () => {
  const { client } = await openClient(desktop)
  const { events } = (await desktop.window()).contents
  events.emit('did-start-navigation', { isMainFrame: true, isSameDocument: true })
  events.emit('did-start-navigation', { isMainFrame: false, isSameDocument: false })
  expect(await client.registries.list()).toEqual([])
})

test('a page that connects again gets a new port, and its old one is hung up', async () => {
  const { page, port } = await openClient(desktop)
  const closed = new Promise<void>((resolve) => port.once('close', () => resolve()))
  const client = clientOver(await page.connect())
  await closed
  expect(await client.registries.list()).toEqual([])
})
