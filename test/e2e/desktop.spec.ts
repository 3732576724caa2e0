import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron, type ElectronApplication, expect, test as base } from '@playwright/test'
import { installedPath } from '../../build/electron-binary.ts'
import { root } from '../../build/run.ts'
import { startEmbeddedRegistry } from '../../electron/demo/registry.ts'
import { AppWindow } from './pages/app-window.ts'
import { RegistriesPage } from './pages/registries-page.ts'

/*
 * The desktop window in real Electron: what no double can show. Everything else about the desktop host is tested
 * under the double in test/desktop.
 */
const binary = installedPath()
const missing = whyNot()

function whyNot(): string {
  if (binary === undefined) return "Electron's binary is not here (npx install-electron --no fetches it)"
  if (process.platform !== 'linux') return ''
  if (process.getuid?.() === 0) return "Electron's sandbox does not run as root"
  if (!process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) return 'there is no display'
  return ''
}

const test = base.extend<{ desktop: ElectronApplication; app: AppWindow }>({
  desktop: async ({}, use) => {
    const profile = await mkdtemp(join(tmpdir(), 'chartroom-electron-'))
    const desktop = await _electron.launch({
      args: [root, '--profile', profile],
      ...(binary === undefined ? {} : { executablePath: binary }),
    })
    await use(desktop)
    await desktop.close()
    await rm(profile, { recursive: true, force: true })
  },
  app: async ({ desktop }, use) => {
    const page = await desktop.firstWindow()
    await page.getByRole('navigation', { name: 'Screens' }).waitFor()
    await use(new AppWindow(page))
  },
})

test('the desktop journeys have an Electron to run in', () => {
  // CI fetches the binary, so that there these journeys cannot stay away unnoticed
  if (process.env['CHARTROOM_ELECTRON'] === 'required') expect(missing).toBe('')
  if (missing !== '') process.stdout.write(`The desktop journeys did not run: ${missing}.\n`)
  test.skip(missing !== '', missing)
  expect(binary).toBeDefined()
})

test.describe('in Electron', () => {
  test.skip(missing !== '', missing)

  test('the window opens on our own origin, without Node and without eval', async ({ app }) => {
    expect(new URL(app.page.url()).href).toMatch(/^app:\/\/chartroom\//)
    const seen = await app.page.evaluate(() => ({
      origin: window.location.origin,
      secure: window.isSecureContext,
      node: ['require', 'process', 'Buffer', 'electron'].filter((name) => name in globalThis),
    }))
    expect(seen).toEqual({ origin: 'app://chartroom', secure: true, node: [] })
    const refused = await app.page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective))
          const script = document.createElement('script')
          script.textContent = 'window.inline = true'
          document.body.append(script)
        }),
    )
    expect(refused).toMatch(/^script-src/)
  })

  test('a registry is added and asked through the port', async ({ app }) => {
    const registry = await startEmbeddedRegistry({})
    try {
      const registries = new RegistriesPage(app.page)
      await registries.add(registry.url, 'Harbour')
      await expect(app.page.getByText('Harbour').first()).toBeVisible()
      await expect(app.page.getByText('No repositories')).toBeVisible()
      await app.goTo('Activity')
      await expect(app.page.getByText('/v2/_catalog').first()).toBeVisible()
    } finally {
      await registry.stop()
    }
  })

  test('the page goes nowhere: no navigation, no window, no frame, no foreign fetch', async ({
    app,
    desktop,
  }) => {
    const before = app.page.url()
    const outcome = await app.page.evaluate(async () => {
      const opened = window.open('about:blank')
      const link = document.createElement('a')
      link.href = 'http://127.0.0.1:1/'
      document.body.append(link)
      link.click()
      const fetched = await fetch('http://127.0.0.1:1/').then(
        () => 'answered',
        () => 'refused',
      )
      const intake = await fetch('/..%2Felectron%2Fmain.js')
      return { opened: opened !== null, fetched, outside: intake.status }
    })
    expect(outcome).toEqual({ opened: false, fetched: 'refused', outside: 404 })
    expect(app.page.url()).toBe(before)
    expect(desktop.windows()).toHaveLength(1)
  })

  test('permissions are denied', async ({ app }) => {
    const states = await app.page.evaluate(async () => ({
      notifications: await Notification.requestPermission(),
      camera: await navigator.mediaDevices.getUserMedia({ video: true }).then(
        () => 'granted',
        () => 'denied',
      ),
    }))
    expect(states).toEqual({ notifications: 'denied', camera: 'denied' })
  })
})
