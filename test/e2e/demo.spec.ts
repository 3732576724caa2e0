import { chartArchive } from '../fakes/charts.ts'
import { expect, test } from './test.ts'

test('a newcomer without a registry sees everything work, labelled Demo', async ({
  app,
  registries,
  publish,
}) => {
  const { page } = app
  await page.getByRole('main').getByRole('button', { name: 'Try the demo' }).click()
  await registries.openRepository('charts/cart')
  await registries.tags.getByRole('link').first().click()
  await expect(registries.detail).toContainText('helm install')
  await expect(page.getByText('Demo', { exact: true }).first()).toBeVisible()

  await app.dropAnywhere([
    { name: 'mine-0.1.0.tgz', bytes: await chartArchive({ name: 'mine', version: '0.1.0' }) },
  ])
  await publish.sendTo('charts', 'Auto')
  expect(await publish.result('Reference')).toContain('/charts/mine:0.1.0')

  await app.goTo('Mirrors')
  await expect(page.getByText('18 nodes', { exact: true })).toBeVisible()
  await expect(page.getByText('Demo', { exact: true }).first()).toBeVisible()
})

test.describe('with --demo', () => {
  test.use({ hostOptions: ['--demo'] })

  test('the app opens on the demo', async ({ app, registries }) => {
    await app.goTo('Registries')
    await app.page.getByRole('link', { name: /Demo/ }).first().click()
    await registries.openRepository('charts/cart')
    await expect(registries.tags.getByRole('link').first()).toBeVisible()
  })
})
