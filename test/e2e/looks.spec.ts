import { fileURLToPath } from 'node:url'
import { chartArchive } from '../fakes/charts.ts'
import { closedPort, fakeImage, ociError, spegelMiss, startFakeHost } from '../fakes/mirror.ts'
import { startFaultProxy } from '../fakes/fault-proxy.ts'
import { vsphere } from '../fakes/faults.ts'
import { startDockerRegistry } from '../lab/docker-registry.ts'
import type { AppWindow } from './pages/app-window.ts'
import { expect, test } from './test.ts'

const looks = fileURLToPath(new URL('../../.cache/looks/', import.meta.url))

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme })
    // every state of every screen in one window, at two sizes, each checked by axe
    test.setTimeout(240_000)

    const look = async (app: AppWindow, name: string): Promise<void> => {
      for (const [width, height] of [
        [900, 600],
        [1280, 800],
      ] as const) {
        await app.page.setViewportSize({ width, height })
        await app.page.screenshot({
          path: `${looks}${name}-${colorScheme}-${width}.png`,
          animations: 'disabled',
        })
        // contrast depends on the theme, what overflows on the size: three of the four pairs say it all
        if (colorScheme === 'dark' && width === 900) continue
        expect.soft(await app.accessibilityProblems(), `${name} at ${width}`).toEqual([])
      }
    }

    test('empty', async ({ app }) => {
      await look(app, 'registries-empty')
      for (const screen of ['Publish', 'Mirrors', 'Pulls', 'Activity', 'Settings'] as const) {
        await app.goTo(screen)
        await look(app, `${screen.toLowerCase()}-empty`)
      }
      await app.page.keyboard.press('Control+k')
      await app.page.getByPlaceholder('Search or run a command').fill('set')
      await look(app, 'palette')
    })

    test('full', async ({ app, registries, publish }) => {
      await app.page.getByRole('main').getByRole('button', { name: 'Try the demo' }).click()
      await registries.openRepository('charts/cart')
      await registries.tags.getByRole('link').first().click()
      await expect(registries.detail).toContainText('sha256:')
      await look(app, 'registries')
      await registries.detail.getByRole('tab', { name: 'Manifest' }).click()
      await look(app, 'registries-manifest')
      await registries.openAddDialog()
      await look(app, 'registries-dialog')
      await app.page.keyboard.press('Escape')

      await app.goTo('Publish')
      await publish.chooseFile(
        'payments-0.9.2.tgz',
        await chartArchive({
          name: 'payments',
          version: '0.9.2',
          more: 'description: Takes payments\nappVersion: "0.9.2"\n',
        }),
      )
      await expect(publish.target).toBeVisible()
      await look(app, 'publish-ready')
      await publish.sendTo('charts', 'Buffered')
      await publish.result('Digest')
      await look(app, 'publish')

      await app.goTo('Mirrors')
      await expect(app.page.getByText('18 nodes', { exact: true })).toBeVisible()
      // the past of the demo comes a moment after its present
      const bars = app.page.getByLabel('Requests over time').locator('svg g')
      await expect(bars.nth(80)).toBeAttached({ timeout: 40_000 })
      await look(app, 'mirrors')
      const map = app.page.getByRole('application', { name: /^Hits and misses by node/ })
      await map.press('ArrowDown')
      await map.press('ArrowRight')
      await look(app, 'mirrors-cell')
      await map.press('Enter')
      const drawer = app.page.getByLabel(/^Node fra-/)
      await expect(drawer).toContainText('by its image')
      await look(app, 'mirrors-node')
      await app.page.keyboard.press('Escape')
      await app.page.getByText('Table', { exact: true }).click()
      await look(app, 'mirrors-table')
      await app.goTo('Registries')
      await registries.openRepository('images/checkout')
      await registries.openTag('latest')
      await registries.detail.getByRole('button', { name: 'Which nodes have it' }).click()
      await app.page.getByRole('button', { name: 'Ask the nodes' }).click()
      await app.page.getByRole('button', { name: 'fra-a-03' }).click()
      await look(app, 'mirrors-content')

      await app.goTo('Activity')
      await expect(app.page.getByRole('main')).toContainText('HEAD')
      await look(app, 'activity')
    })

    test('failing', async ({ app, registries, publish }) => {
      const registry = await startDockerRegistry()
      const proxy = await startFaultProxy(registry.url)
      proxy.inflict(vsphere)
      const image = fakeImage('shop/cart', '2.14.1')
      const mirror = await startFakeHost(spegelMiss)
      const upstream = await startFakeHost((asked) =>
        asked.path.includes('/blobs/')
          ? ociError(403, 'DENIED', 'pull access to layers is missing')
          : image.answer(asked),
      )
      const silent = await startFakeHost(() => 'hang')
      try {
        await registries.add(`http://${closedPort}`, 'Closed')
        await expect(app.page.getByRole('alert').first()).toBeVisible()
        await look(app, 'registries-failing')
        await registries.add(silent.url, 'Silent')
        await look(app, 'registries-loading')
        await registries.add(proxy.url, 'NodePort')

        await app.goTo('Publish')
        await publish.chooseFile('cart-1.0.0.tgz', await chartArchive())
        await publish.chooseRegistry(new URL(proxy.url).host)
        await publish.sendTo('charts', 'Streamed')
        await expect(publish.failure).toBeVisible()
        await look(app, 'publish-failing')
        await publish.failure.getByRole('button', { name: 'Check this path' }).click()
        const check = app.page.getByRole('dialog', { name: /^Check the path to/ })
        await check.getByRole('combobox', { name: 'Largest blob' }).click()
        await app.page.getByRole('option', { name: 'up to 64 KiB' }).click()
        await look(app, 'publish-check-ready')
        await check.getByRole('button', { name: 'Start the check' }).click()
        await expect(check.getByRole('region', { name: 'Verdict' })).toContainText('Use Buffered')
        await look(app, 'publish-check')
        await app.page.keyboard.press('Escape')
        await publish.target.getByRole('button', { name: 'Start the relay' }).click()
        await expect(app.page.getByRole('region', { name: 'Relay' })).toContainText('Chartroom uses it')
        await look(app, 'publish-relay')
        await app.page.getByRole('region', { name: 'Relay' }).getByRole('button', { name: 'Stop' }).click()
        await publish.chooseFile('notes.tgz', Buffer.from('these are notes'))
        await expect(app.page.getByRole('main')).toContainText('notes.tgz was not taken in')
        await look(app, 'publish-unread')

        await app.goTo('Mirrors')
        await app.page.getByRole('button', { name: 'Enter agents' }).click()
        await app.page.getByLabel('Metrics addresses').fill(`${closedPort}\n${silent.host}`)
        await app.page.getByRole('button', { name: 'Save and ask' }).click()
        await expect(app.page.getByText('2 nodes', { exact: true })).toBeVisible()
        await app.page.getByText('Table', { exact: true }).click()
        await app.page.getByRole('button', { name: closedPort, exact: true }).click()
        await app.page.getByText('Map', { exact: true }).click()
        await expect(app.page.getByText('ECONNREFUSED')).toBeVisible()
        await look(app, 'mirrors-failing')

        await app.goTo('Pulls')
        await app.page.getByLabel('Image reference').fill(`${upstream.host}/shop/cart:2.14.1`)
        await app.page
          .getByRole('textbox', { name: 'hosts.toml' })
          .fill(`server = "${upstream.url}"\n[host."${mirror.url}"]\ncapabilities = ["pull", "resolve"]\n`)
        await look(app, 'pulls-form')
        await app.page.getByRole('button', { name: 'Walk', exact: true }).click()
        await expect(app.page.getByRole('region', { name: 'Verdict' })).toContainText('403')
        await look(app, 'pulls')

        await app.goTo('Activity')
        await look(app, 'activity-failing')
      } finally {
        await Promise.all([proxy.stop(), registry.stop(), mirror.stop(), upstream.stop(), silent.stop()])
      }
    })
  })
}
