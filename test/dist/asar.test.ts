import { readdir, readFile, rm } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { extractAll, listPackage, statFile } from '@electron/asar'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildApp, openClient, startDesktop } from '../desktop/desktop.ts'
import { fuseSentinel, packApp, type Packed } from './packed.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
let packed: Packed
let asar: string
beforeAll(async () => {
  await buildApp()
  packed = await packApp()
  asar = join(packed.app, 'resources/app.asar')
}, 180_000)
afterAll(() => rm(packed.folder, { recursive: true, force: true }))

/** The files in the archive, with slashes and without a leading one. */
function archived(): string[] {
  return listPackage(asar, { isPack: false })
    .map((path) => path.replaceAll('\\', '/').slice(1))
    .filter((path) => !('files' in statFile(asar, path)))
    .sort()
}

test('the archive holds the built app and package.json, and nothing else', async () => {
  const entries = await readdir(join(root, 'dist/app'), { recursive: true, withFileTypes: true })
  const built = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length).replaceAll('\\', '/'))
  expect(archived()).toEqual([...built, 'package.json'].sort())
  expect(archived()).toEqual(
    expect.arrayContaining([
      'dist/app/electron/main.js',
      'dist/app/electron/preload.cjs',
      'dist/app/renderer/index.html',
    ]),
  )
})

test('nothing lies beside the archive that Electron could load in its place', async () => {
  const resources = await readdir(join(packed.app, 'resources'))
  expect(resources.filter((name) => /^(app|default_app)/.test(name))).toEqual(['app.asar'])
})

test('the bundles ask for electron and Node alone', async () => {
  const allowed = new Set(['electron', ...builtinModules, ...builtinModules.map((name) => `node:${name}`)])
  for (const file of ['main.js', 'preload.cjs']) {
    const text = await readFile(join(root, 'dist/app/electron', file), 'utf8')
    // not inside a template: ajv carries the text of modules it could write
    const asked = [...text.matchAll(/^import .*? from "([^"]+)"|(?<!`)\b(?:__)?require\("([^"]+)"\)/gm)]
    const names = asked.map(([, imported, required]) => imported ?? required ?? '')
    expect(names, file).toContain('electron')
    expect(
      names.filter((name) => !allowed.has(name)),
      file,
    ).toEqual([])
  }
})

test('the fuses of the binary are set', async () => {
  const binary = await readFile(join(packed.app, 'chartroom'), 'latin1')
  const [, wire = ''] = binary.split(fuseSentinel)
  // RunAsNode, CookieEncryption, NodeOptions, NodeCliInspect, AsarIntegrity, OnlyAsar, (snapshot), FilePrivileges
  expect(wire).toBe('\x01\x0801001100')
})

test('every file in the archive has the hash that Electron checks', () => {
  for (const path of archived()) expect(statFile(asar, path), path).toHaveProperty('integrity.hash')
})

test('the app starts from the archive and answers a call', async () => {
  const extracted = join(packed.folder, 'extracted')
  extractAll(asar, extracted)
  const desktop = await startDesktop({ app: extracted })
  try {
    const page = await (await (await desktop.window()).loaded.promise).text()
    expect(page).toContain('<div id="root"></div>')
    const { client } = await openClient(desktop)
    expect(await client.host.capabilities()).toMatchObject({ opensFiles: true })
  } finally {
    await desktop.stop()
  }
})
