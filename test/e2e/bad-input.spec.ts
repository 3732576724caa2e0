import { chartArchive } from '../fakes/charts.ts'
import { closedPort, startFakeHost } from '../fakes/mirror.ts'
import { startFaultProxy } from '../fakes/fault-proxy.ts'
import { vsphere } from '../fakes/faults.ts'
import { startDockerRegistry } from '../lab/docker-registry.ts'
import { account, expect, test } from './lab-test.ts'

test('an address that is no registry, a wrong password and a closed port are said in the dialog', async ({
  registries,
  dockerRegistry,
}) => {
  const page = await startFakeHost(() => ({
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: '<html></html>',
  }))
  try {
    await registries.openAddDialog()
    for (const [url, said] of [
      [page.url, 'html'],
      [`http://${closedPort}`, 'ECONNREFUSED'],
      [dockerRegistry.url.replace('http:', 'https:'), 'plain'],
    ] as const) {
      await registries.fillDialog(url, 'Lab')
      await registries.test()
      await expect(registries.dialog.getByRole('alert')).toContainText(new RegExp(said, 'i'))
    }
    await registries.fillDialog(dockerRegistry.url, 'Lab', { ...account, password: 'wrong' })
    await registries.test()
    await expect(registries.dialog.getByRole('alert')).toContainText('Login needed')
    await registries.fillDialog(dockerRegistry.url, 'Lab', account)
    await registries.test()
    await expect(registries.dialog).toContainText('It is a registry')
  } finally {
    await page.stop()
  }
})

test('a file that is no chart is refused by name and the charts beside it stay', async ({
  app,
  registries,
  publish,
  dockerRegistry,
}) => {
  await registries.add(dockerRegistry.url, 'Lab', account)
  await app.dropAnywhere([
    { name: 'cart-1.0.0.tgz', bytes: await chartArchive() },
    { name: 'notes.tgz', bytes: Buffer.from('these are notes') },
  ])
  await expect(publish.queue).toContainText('cart 1.0.0')
  await expect(publish.queue).toContainText('not taken in')
  await publish.queue.getByRole('button', { name: /^notes\.tgz/ }).click()
  await expect(app.page.getByRole('main')).toContainText('notes.tgz was not taken in')
  await expect(publish.failure).toContainText('Not a readable archive')
})

test('a streamed body refused on the way offers the other way, and it passes', async ({
  registries,
  publish,
  app,
}) => {
  const registry = await startDockerRegistry()
  const proxy = await startFaultProxy(registry.url)
  proxy.inflict(vsphere)
  try {
    await registries.add(proxy.url, 'NodePort')
    await app.goTo('Publish')
    await publish.chooseFile('cart-1.0.0.tgz', await chartArchive())
    await publish.sendTo('charts', 'Streamed')
    await expect(publish.failure).toContainText('Something on the way refused the body')
    await app.page.getByRole('button', { name: 'Publish buffered' }).click()
    expect(await publish.result('Reference')).toContain('charts/cart:1.0.0')
  } finally {
    await proxy.stop()
    await registry.stop()
  }
})
