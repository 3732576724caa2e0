import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { buildApp, type Desktop, openClient, startDesktop, until } from './desktop.ts'

let desktop: Desktop | undefined
beforeAll(buildApp)
afterEach(async () => {
  await desktop?.stop()
  desktop = undefined
})

test('starts in the order Electron asks for', async () => {
  desktop = await startDesktop({ ready: false })
  expect(desktop.double.calls).toEqual(['lock', 'sandbox', 'privileges'])
  desktop.double.becomeReady()
  await desktop.window()
  const order = ['vault', 'handle app', 'permissions', 'ipc', 'menu', 'window']
  expect(desktop.double.calls).toEqual(['lock', 'sandbox', 'privileges', 'ready', ...order])
})

test('gives its scheme a standard, secure origin with fetch and streams, and no way around the policy', async () => {
  desktop = await startDesktop()
  await desktop.window()
  expect(desktop.double.schemes).toEqual([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ])
})

test('opens one window that states every switch of its sandbox', async () => {
  desktop = await startDesktop()
  const { options } = await desktop.window()
  expect(options.show).toBe(false)
  expect(options.webPreferences).toMatchObject({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: false,
  })
  expect(options.webPreferences.preload).toMatch(/electron[/\\]preload\.cjs$/)
})

test('shows the window only once its page has drawn', async () => {
  desktop = await startDesktop()
  const window = await desktop.window()
  const page = await (await window.loaded.promise).text()
  expect(page).toContain('<meta name="chartroom-carrier" content="port" />')
  expect(window.shown).toEqual(['show'])
})

test('has a menu with the usual roles', async () => {
  desktop = await startDesktop()
  await desktop.window()
  const roles = desktop.double.menu.map((item) => item.role)
  expect(roles).toEqual([
    ...(process.platform === 'darwin' ? ['appMenu'] : []),
    'fileMenu',
    'editMenu',
    'viewMenu',
    'windowMenu',
  ])
  const edit = desktop.double.menu.find((item) => item.role === 'editMenu')
  expect(edit?.submenu?.map((item) => item.role)).toEqual(
    expect.arrayContaining(['undo', 'redo', 'cut', 'copy', 'paste', 'selectAll']),
  )
})

test.each([
  ['zh-CN', '文件'],
  ['zh-Hans', '文件'],
  ['de', 'File'],
])('speaks the language of the system: %s', async (locale, file) => {
  desktop = await startDesktop({ locale })
  await desktop.window()
  expect(desktop.double.menu.find((item) => item.role === 'fileMenu')?.label).toBe(file)
})

test('speaks the language of the settings before that of the system', async () => {
  const profile = await mkdtemp(join(tmpdir(), 'chartroom-profile-'))
  try {
    desktop = await startDesktop({ profile })
    const { client } = await openClient(desktop)
    await client.settings.update({ language: 'zh-CN' })
    await desktop.stop()
    desktop = await startDesktop({ profile, locale: 'en-GB' })
    await desktop.window()
    expect(desktop.double.menu.find((item) => item.role === 'fileMenu')?.label).toBe('文件')
  } finally {
    await desktop?.stop()
    desktop = undefined
    await rm(profile, { recursive: true, force: true })
  }
})

test('takes the folder of --profile before it asks for the lock, which is per profile', async () => {
  const profile = await mkdtemp(join(tmpdir(), 'chartroom-profile-'))
  desktop = await startDesktop({ words: ['--profile', profile, '--no-sandbox'] })
  await desktop.window()
  expect(desktop.double.calls.slice(0, 2)).toEqual(['profile', 'lock'])
  await desktop.stop()
  await rm(profile, { recursive: true, force: true })
})

test('a second instance hands over its files with the lock and ends without a window', async () => {
  desktop = await startDesktop({ lock: false, words: ['charts/cart-1.0.0.tgz', 'notes.txt'] })
  expect(await desktop.double.exited.promise).toBe(0)
  expect(desktop.double.lockData).toEqual({ files: [join(process.cwd(), 'charts/cart-1.0.0.tgz')] })
  expect(desktop.double.windows).toEqual([])
  expect(desktop.double.calls).toEqual(['lock', 'ready'])
})

test('says why when it cannot start, and ends with 1', async () => {
  // a profile below a file cannot be made
  desktop = await startDesktop({ profile: join(import.meta.filename, 'profile') })
  expect(await desktop.double.exited.promise).toBe(1)
  expect(desktop.double.errorBoxes).toEqual([expect.stringContaining('Chartroom could not start')])
})

test('starts the demo with --demo, and labels it', async () => {
  desktop = await startDesktop({ words: ['--demo'] })
  const { client } = await openClient(desktop)
  expect(await client.host.capabilities()).toMatchObject({ demo: true })
  expect(await client.registries.list()).toMatchObject([{ demo: true }])
})

test.each([
  [0, 1, false],
  [1, 0, true],
])('offers to load a crashed page again: button %i', async (pressed, reloads, closed) => {
  desktop = await startDesktop({ pressed })
  const window = await desktop.window()
  window.contents.events.emit('render-process-gone', {}, { reason: 'oom', exitCode: 5 })
  await until(() => window.contents.reloads === reloads && window.destroyed === closed)
  expect(desktop.double.dialogs).toMatchObject([{ buttons: ['Load it again', 'Close the window'] }])
})

test('does not ask about a page that ended by itself', async () => {
  desktop = await startDesktop()
  const window = await desktop.window()
  window.contents.events.emit('render-process-gone', {}, { reason: 'clean-exit', exitCode: 0 })
  expect(desktop.double.dialogs).toEqual([])
})
