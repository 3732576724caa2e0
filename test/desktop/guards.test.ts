import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { WindowDouble } from '../fakes/electron/window.ts'
import { buildApp, type Desktop, openClient, startDesktop } from './desktop.ts'

let desktop: Desktop
let window: WindowDouble
beforeAll(buildApp)
beforeEach(async () => {
  desktop = await startDesktop()
  window = await desktop.window()
})
afterEach(() => desktop.stop())

test.each(['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview'])(
  'prevents %s',
  (event) => {
    expect(window.contents.events.emitPreventable(event)).toBe(true)
  },
)

test('opens no window; an https link goes to the system browser', () => {
  expect(window.contents.windowOpen('https://helm.example/docs?q=1#top')).toBe('deny')
  expect(desktop.double.openedOutside).toEqual(['https://helm.example/docs?q=1#top'])
})

test.each([
  'http://helm.example/',
  'file:///etc/passwd',
  'smb://host/share',
  'javascript:alert(1)',
  'app://chartroom/',
  'https://user:secret@helm.example/',
  'no address',
  '',
])('opens %j neither inside nor outside', (url) => {
  expect(window.contents.windowOpen(url)).toBe('deny')
  expect(desktop.double.openedOutside).toEqual([])
})

test('the contract opens https addresses and refuses the rest', async () => {
  const { client } = await openClient(desktop)
  expect(await client.host.openExternal({ url: 'https://helm.example/docs' })).toEqual({ opened: true })
  await expect(client.host.openExternal({ url: 'http://helm.example/docs' })).rejects.toThrow()
  await expect(client.host.openExternal({ url: 'https://user@helm.example/' })).rejects.toThrow()
  expect(desktop.double.openedOutside).toEqual(['https://helm.example/docs'])
})

test('the contract says when the system has no browser', async () => {
  await desktop.stop()
  desktop = await startDesktop({ browser: false })
  const { client } = await openClient(desktop)
  expect(await client.host.openExternal({ url: 'https://helm.example/docs' })).toEqual({ opened: false })
})

test.each(['media', 'geolocation', 'notifications', 'clipboard-read', 'fileSystem', 'openExternal', 'hid'])(
  'denies %s',
  (permission) => {
    const denied = { requested: false, checked: false, device: false }
    expect(desktop.double.permission(permission, 'app://chartroom')).toEqual(denied)
  },
)

test('lets our own page, and no other, copy text', () => {
  const copy = 'clipboard-sanitized-write'
  expect(desktop.double.permission(copy, 'app://chartroom')).toMatchObject({ requested: true, checked: true })
  for (const origin of ['https://chartroom', 'app://chartroom.example', 'app://other', 'null']) {
    expect(desktop.double.permission(copy, origin)).toMatchObject({ requested: false, checked: false })
  }
})

test('saves what the page made itself and nothing else', () => {
  expect(desktop.double.downloads('blob:app://chartroom/6f1c')).toBe(true)
  expect(desktop.double.downloads('blob:https://chartroom/6f1c')).toBe(false)
  expect(desktop.double.downloads('https://helm.example/helm.exe')).toBe(false)
})
