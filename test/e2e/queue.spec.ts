import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chartArchive } from '../fakes/charts.ts'
import { startFaultProxy } from '../fakes/fault-proxy.ts'
import { carriesBody } from '../fakes/faults.ts'
import { startDockerRegistry } from '../lab/docker-registry.ts'
import { startHost } from './host.ts'
import { expect, test } from './lab-test.ts'
import { AppWindow } from './pages/app-window.ts'
import { PublishPage } from './pages/publish-page.ts'
import { RegistriesPage } from './pages/registries-page.ts'

test('an upload outlives its window, and what quitting interrupted is there at the next start', async ({
  page,
}) => {
  const profile = await mkdtemp(join(tmpdir(), 'chartroom-e2e-queue-'))
  const registry = await startDockerRegistry()
  const proxy = await startFaultProxy(registry.url)
  let host = await startHost(['--profile', profile])
  try {
    const app = new AppWindow(page)
    const publish = new PublishPage(page)
    await page.goto(host.address)
    await new RegistriesPage(page).add(proxy.url, 'Lab')
    await app.goTo('Publish')
    await publish.chooseFile('cart-1.0.0.tgz', await chartArchive({ padding: 200_000 }))
    proxy.fault = (seen) => (carriesBody(seen) ? { does: 'stall', afterBytes: 10 } : undefined)
    await publish.sendTo('charts', 'Buffered')
    await expect(publish.queue).toContainText('uploading')

    await page.reload()
    await app.goTo('Publish')
    await expect(publish.queue).toContainText('cart 1.0.0')
    await expect(publish.queue).toContainText('uploading')

    await host.stop()
    proxy.inflict()
    host = await startHost(['--profile', profile])
    await page.goto(host.address)
    await app.goTo('Publish')
    await expect(publish.queue).toContainText('interrupted')
    await page.getByRole('button', { name: 'Start again' }).click()
    expect(await publish.result('Reference')).toContain('charts/cart:1.0.0')

    await page.getByRole('button', { name: 'History: 1 published from here' }).click()
    const history = page.getByRole('dialog', { name: 'Published from here' })
    await expect(history).toContainText('charts/cart:1.0.0')
    await history.getByRole('button', { name: 'Clear the history' }).click()
    await expect(history).toContainText('Nothing was published from here yet.')
  } finally {
    await host.stop()
    await proxy.stop()
    await registry.stop()
    await rm(profile, { recursive: true, force: true })
  }
})
