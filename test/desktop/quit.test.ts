import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { guardQuit } from '../../electron/desktop/quit.ts'
import { ElectronDouble } from '../fakes/electron/double.ts'
import { chartArchive } from '../fakes/charts.ts'
import { buildApp, type Client, type Desktop, openClient, startDesktop } from './desktop.ts'

let desktop: Desktop
let registry: Server
/** Resolves when the first byte of an upload has come in. */
let arrived: Promise<unknown>
/** Resolves when that request was cut by the other side. */
let cut: Promise<unknown>

beforeAll(buildApp)
beforeEach(async () => {
  const inside = Promise.withResolvers<void>()
  const gone = Promise.withResolvers<void>()
  arrived = inside.promise
  cut = gone.promise
  // a registry that takes uploads and never ends one
  registry = createServer((request, response) => {
    if (request.method === 'HEAD') response.writeHead(404).end()
    else if (request.method === 'POST') response.writeHead(202, { location: `${request.url}one` }).end()
    else if (request.method === 'GET') response.writeHead(200).end('{}')
    else {
      request.once('readable', () => inside.resolve())
      response.once('close', () => gone.resolve())
    }
  })
  registry.listen(0, '127.0.0.1')
  await once(registry, 'listening')
  desktop = await startDesktop()
})
afterEach(async () => {
  await desktop.stop()
  registry.closeAllConnections()
  registry.close()
})

/** Begins an upload that does not end by itself, and waits until its bytes are on the way. */
async function upload(client: Client): Promise<{ ended: Promise<unknown> }> {
  const url = `http://127.0.0.1:${(registry.address() as AddressInfo).port}`
  const credential = { source: 'anonymous' as const }
  const { id } = await client.registries.add({ name: 'Slow', url, credential })
  const body = new Blob([new Uint8Array(await chartArchive())])
  const answer = await desktop.double.request('app://chartroom/intake?name=c.tgz', { method: 'POST', body })
  const { ticket } = (await answer.json()) as { ticket: string }
  const events = await client.publish.start({ ticket, registryId: id, path: '', mode: 'buffered' })
  const drain = async (): Promise<unknown> => {
    for (;;) {
      const step = await events.next()
      if (step.done === true) return step.value
    }
  }
  const ended = drain().catch((error: unknown) => error)
  await arrived
  return { ended }
}

test('quits at once when nothing is uploaded', async () => {
  await openClient(desktop)
  desktop.double.quit()
  expect(await desktop.double.exited.promise).toBe(0)
  expect(desktop.double.dialogs).toEqual([])
})

test('asks while an upload runs, and stays when told to; the upload goes on', async () => {
  const { client } = await openClient(desktop)
  await upload(client)
  desktop.double.pressed = 0
  desktop.double.quit()
  expect(desktop.double.dialogs).toMatchObject([
    { buttons: ['Keep uploading', 'Cancel the upload and quit'], defaultId: 0, cancelId: 0 },
  ])
  expect(await client.registries.list()).toHaveLength(1)
  expect(desktop.double.ended).toBe(false)
  expect((await desktop.window()).destroyed).toBe(false)
})

test('cancels the upload and quits when told to', async () => {
  const { client } = await openClient(desktop)
  const { ended } = await upload(client)
  desktop.double.pressed = 1
  desktop.double.quit()
  await cut
  expect(await desktop.double.exited.promise).toBe(0)
  expect(await ended).toBeInstanceOf(Error)
})

test('asks once however often it is told to quit', async () => {
  const { client } = await openClient(desktop)
  await upload(client)
  desktop.double.pressed = 1
  desktop.double.quit()
  desktop.double.quit()
  expect(await desktop.double.exited.promise).toBe(0)
  expect(desktop.double.dialogs).toHaveLength(1)
})

test('closing the window while an upload runs asks too and keeps the window', async () => {
  const { client } = await openClient(desktop)
  await upload(client)
  const window = await desktop.window()
  desktop.double.pressed = 0
  expect(window.close()).toBe(false)
  expect(desktop.double.dialogs).toHaveLength(1)
  expect(await client.registries.list()).toHaveLength(1)

  desktop.double.pressed = 1
  expect(window.close()).toBe(false)
  expect(await desktop.double.exited.promise).toBe(0)
  expect(window.destroyed).toBe(true)
})

test('closing the last window ends the app, except on macOS', async () => {
  const window = await desktop.window()
  expect(window.close()).toBe(true)
  if (process.platform === 'darwin') {
    expect(desktop.double.ended).toBe(false)
    desktop.double.app.emit('activate')
    expect(await desktop.window()).not.toBe(window)
  } else {
    expect(await desktop.double.exited.promise).toBe(0)
  }
})

test('a part that never ends does not keep the user from quitting', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  const double = new ElectronDouble({ userData: '/nowhere' })
  const words = { message: '', detail: '', stay: '', leave: '' }
  const { app, dialog } = double.module
  guardQuit(
    app,
    dialog,
    words,
    { running: () => 0, runningInWindow: () => 0 },
    () => new Promise(() => undefined),
  )
  double.quit()
  await vi.advanceTimersByTimeAsync(5000)
  vi.useRealTimers()
  expect(await double.exited.promise).toBe(0)
})
