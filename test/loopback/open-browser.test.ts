import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { hasDisplay, openInBrowser } from '../../electron/loopback/open-browser.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chartroom-browser-'))
  vi.stubEnv('PATH', directory)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(directory, { recursive: true, force: true })
})

test.each([
  ['linux', {}, false],
  ['linux', { DISPLAY: '' }, false],
  ['linux', { DISPLAY: ':0' }, true],
  ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, true],
  ['freebsd', {}, false],
  ['darwin', {}, true],
  ['win32', {}, true],
] as const)('%s with %j has a display: %s', (platform, env, expected) => {
  expect(hasDisplay(platform, env)).toBe(expected)
})

// elsewhere a script needs more than its first line to be a program
test.runIf(process.platform !== 'win32')('an address reaches the program as one word', async () => {
  const told = join(directory, 'told')
  const program = `#!${process.execPath}\nrequire('node:fs').writeFileSync(${JSON.stringify(told)}, JSON.stringify(process.argv.slice(2)))\n`
  await writeFile(join(directory, 'xdg-open'), program)
  await chmod(join(directory, 'xdg-open'), 0o755)
  const address = 'https://helm.sh/docs?a=$(id)&b=`id`;c#x y'
  expect(await openInBrowser(address, 'linux', { DISPLAY: ':0' })).toBe(true)
  await vi.waitFor(async () => {
    expect(JSON.parse(await readFile(told, 'utf8'))).toEqual([new URL(address).href])
  })
})

test.each([
  ['no program', 'https://helm.sh/', { DISPLAY: ':0' }],
  ['no display', 'https://helm.sh/', {}],
  ['no web address', 'file:///etc/passwd', { DISPLAY: ':0' }],
])('%s is said, not thrown', async (_, address, env) => {
  expect(await openInBrowser(address, 'linux', env)).toBe(false)
})
