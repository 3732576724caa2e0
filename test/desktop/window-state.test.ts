import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { reachableBounds } from '../../electron/desktop/window-state.ts'
import { buildApp, type Desktop, startDesktop } from './desktop.ts'

let profile: string
let desktop: Desktop
beforeAll(buildApp)
beforeEach(async () => {
  profile = await mkdtemp(join(tmpdir(), 'chartroom-profile-'))
})
afterEach(async () => {
  await desktop.stop()
  await rm(profile, { recursive: true, force: true })
})

const moved = { x: 200, y: 150, width: 1000, height: 700 }

async function leaveAt(bounds: typeof moved, maximized = false): Promise<void> {
  desktop = await startDesktop({ profile })
  const window = await desktop.window()
  window.bounds = bounds
  window.maximized = maximized
  await desktop.stop()
}

test('opens at a size of its own the first time', async () => {
  desktop = await startDesktop({ profile })
  expect((await desktop.window()).options).toMatchObject({ width: 1280, height: 800, minWidth: 900 })
})

test('opens where it was when the app quit, and leaves one whole file behind', async () => {
  await leaveAt(moved)
  expect(JSON.parse(await readFile(join(profile, 'window.json'), 'utf8'))).toEqual({
    bounds: moved,
    maximized: false,
  })
  expect((await readdir(profile)).filter((name) => name.endsWith('.new'))).toEqual([])
  desktop = await startDesktop({ profile })
  const window = await desktop.window()
  expect(window.options).toMatchObject(moved)
  expect(window.shown).toEqual(['show'])
})

test('opens where it was when its window was closed', async () => {
  desktop = await startDesktop({ profile })
  const window = await desktop.window()
  window.bounds = moved
  window.close()
  await desktop.stop()
  desktop = await startDesktop({ profile })
  expect((await desktop.window()).options).toMatchObject(moved)
})

test('opens maximized when it was', async () => {
  await leaveAt(moved, true)
  desktop = await startDesktop({ profile })
  const window = await desktop.window()
  expect(window.options).toMatchObject(moved)
  expect(window.shown).toEqual(['maximize', 'show'])
})

test('opens where the system puts it when its display is gone', async () => {
  await leaveAt({ ...moved, x: 3000 })
  desktop = await startDesktop({ profile })
  expect((await desktop.window()).options).not.toHaveProperty('x')
})

test.each([
  '',
  '{',
  '{"bounds":{"x":"left"}}',
  '{"bounds":{"x":1e99,"y":0,"width":1,"height":1},"maximized":false}',
])('opens at its own size when what was stored is %j', async (text) => {
  await writeFile(join(profile, 'window.json'), text)
  desktop = await startDesktop({ profile })
  expect((await desktop.window()).options).toMatchObject({ width: 1280, height: 800 })
  expect(await readFile(join(profile, 'window.json.broken'), 'utf8')).toBe(text)
})

const left = { x: -1920, y: 0, width: 1920, height: 1080 }
const right = { x: 0, y: 25, width: 1440, height: 875 }

test.each([
  ['on the right display', { x: 100, y: 100, width: 900, height: 600 }, true],
  ['on the left display', { x: -1800, y: 10, width: 900, height: 600 }, true],
  ['across both', { x: -400, y: 100, width: 900, height: 600 }, true],
  ['with its title bar above the top', { x: 100, y: -300, width: 900, height: 600 }, false],
  ['with its title bar below the bottom', { x: 100, y: 1200, width: 900, height: 600 }, false],
  ['with a sliver at the right edge', { x: 1430, y: 100, width: 900, height: 600 }, false],
  ['beyond the left edge', { x: -2900, y: 100, width: 900, height: 600 }, false],
])('a window %s is reachable: %s', async (_case, bounds, reachable) => {
  desktop = await startDesktop({ profile })
  expect(reachableBounds(bounds, [left, right])).toEqual(reachable ? bounds : undefined)
})

test('a window larger than its display is made to fit', async () => {
  desktop = await startDesktop({ profile })
  expect(reachableBounds({ x: 0, y: 30, width: 3000, height: 2000 }, [right])).toEqual({
    x: 0,
    y: 30,
    width: 1440,
    height: 875,
  })
})
