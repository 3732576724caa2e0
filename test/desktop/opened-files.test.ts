import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { chartArchive, chartYaml } from '../fakes/charts.ts'
import { buildApp, type Client, type Desktop, openClient, startDesktop } from './desktop.ts'

let folder: string
let chart: string
let desktop: Desktop
beforeAll(async () => {
  await buildApp()
  folder = await mkdtemp(join(tmpdir(), 'chartroom-opened-'))
  chart = join(folder, 'cart-1.0.0.tgz')
  await writeFile(chart, await chartArchive({ name: 'cart', version: '1.0.0' }))
})
afterEach(() => desktop.stop())
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Names and versions of the charts in the next lot of files that reaches the window. */
async function nextCharts(client: Client): Promise<string[]> {
  const opened = await client.host.openedFiles()
  const step = await opened.next()
  await opened.return?.()
  if (step.done === true) throw new Error('the stream of opened files ended')
  const charts: string[] = []
  for (const ticket of step.value.tickets) {
    charts.push((await client.publish.inspect({ ticket })).fileName)
  }
  return charts
}

test('a file of the command line reaches the window', async () => {
  desktop = await startDesktop({ words: [chart] })
  const { client } = await openClient(desktop)
  expect(await nextCharts(client)).toEqual(['cart-1.0.0.tgz'])
})

test('a file that a file manager names by its address reaches the window', async () => {
  desktop = await startDesktop({ words: [pathToFileURL(chart).href, 'file:///cart%00.tgz', 'file:%2f.tgz'] })
  const { client } = await openClient(desktop)
  expect(await nextCharts(client)).toEqual(['cart-1.0.0.tgz'])
})

test('a folder of the command line reaches the window packaged, when a chart is in it', async () => {
  const root = join(folder, 'ledger')
  await mkdir(join(folder, 'empty'), { recursive: true })
  await mkdir(root, { recursive: true })
  await writeFile(join(root, 'Chart.yaml'), chartYaml('ledger', '3.0.0'))
  desktop = await startDesktop({ words: [join(folder, 'empty'), root] })
  const { client } = await openClient(desktop)
  expect(await nextCharts(client)).toEqual(['ledger-3.0.0.tgz'])
})

test('a file that macOS names before the app is ready reaches the window', async () => {
  desktop = await startDesktop({ ready: false })
  expect(desktop.double.app.emitPreventable('open-file', chart)).toBe(true)
  desktop.double.becomeReady()
  const { client } = await openClient(desktop)
  expect(await nextCharts(client)).toEqual(['cart-1.0.0.tgz'])
})

test('a second instance hands over its file, and the window comes to the front', async () => {
  desktop = await startDesktop()
  const { client } = await openClient(desktop)
  const window = await desktop.window()
  window.minimized = true
  window.shown.length = 0
  // as Chromium gives it: the command line is reordered and has words of its own, the lock's data is exact
  const words = ['chartroom', '--original-process-start-time=1', '/elsewhere/other.tgz']
  desktop.double.app.emit('second-instance', {}, words, '/', { files: [chart] })
  expect(await nextCharts(client)).toEqual(['cart-1.0.0.tgz'])
  expect(window.shown).toEqual(['restore', 'show', 'focus'])
  expect(desktop.double.windows).toHaveLength(1)
})

test.each([
  ['nothing', undefined],
  ['a word', 'cart.tgz'],
  ['a path that is not absolute', { files: ['cart-1.0.0.tgz'] }],
  ['a file that is no archive', { files: ['/etc/passwd'] }],
  ['something that is no path', { files: [{ path: '/cart.tgz' }] }],
  ['too many files', { files: Array.from({ length: 51 }, (_, n) => `/${n}.tgz`) }],
])('takes no file from a second instance that sends %s', async (_case, data) => {
  desktop = await startDesktop()
  const { client } = await openClient(desktop)
  desktop.double.app.emit('second-instance', {}, [], '/', data)
  // the next lot is the good file after it: nothing came before
  desktop.double.app.emit('second-instance', {}, [], '/', { files: [chart] })
  expect(await nextCharts(client)).toEqual(['cart-1.0.0.tgz'])
})

test('a file that is gone is left out and the others still come', async () => {
  desktop = await startDesktop({ words: [join(folder, 'gone.tgz'), chart] })
  const { client } = await openClient(desktop)
  expect(await nextCharts(client)).toEqual(['cart-1.0.0.tgz'])
})

test('a file that comes while the window is hidden brings it to the front', async () => {
  desktop = await startDesktop()
  const { client } = await openClient(desktop)
  const window = await desktop.window()
  window.shown.length = 0
  desktop.double.app.emitPreventable('open-file', chart)
  expect(await nextCharts(client)).toEqual(['cart-1.0.0.tgz'])
  expect(window.shown).toEqual(['show', 'focus'])
})
