import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { chartArchive } from '../fakes/charts.ts'
import { account, expect, test } from './lab-test.ts'

/** Presses Tab until the element with this role and name has the focus. */
async function tabTo(
  page: Page,
  role: Parameters<Page['getByRole']>[0],
  name: string | RegExp,
): Promise<void> {
  const wanted = page.getByRole(role, { name }).first()
  await wanted.waitFor({ state: 'attached' })
  for (let presses = 0; presses < 80; presses += 1) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`80 presses of Tab did not reach ${role} ${String(name)}`)
}

test('the main job is done with the keyboard alone', async ({
  app,
  dockerRegistry,
  helm,
  publish,
  registries,
}) => {
  const { page } = app
  const file = join(helm.directory, 'cart-1.0.0.tgz')
  await writeFile(file, await chartArchive())

  await tabTo(page, 'button', 'Add a registry')
  await page.keyboard.press('Enter')
  await tabTo(page, 'textbox', 'Address')
  await page.keyboard.type(dockerRegistry.url)
  await tabTo(page, 'textbox', 'Name')
  await page.keyboard.press('Control+a')
  await page.keyboard.type('Lab')
  await tabTo(page, 'radio', 'None')
  await page.keyboard.press('ArrowRight')
  await tabTo(page, 'textbox', 'User')
  await page.keyboard.type(account.username)
  await tabTo(page, 'textbox', 'Password')
  await page.keyboard.type(account.password)
  await page.keyboard.press('Enter')
  await expect(registries.dialog).toBeHidden()

  await page.keyboard.press('Control+k')
  await page.keyboard.type('Publish')
  await page.keyboard.press('Enter')
  await tabTo(page, 'button', /^Drop charts here/)
  const chooser = page.waitForEvent('filechooser')
  await page.keyboard.press('Enter')
  await (await chooser).setFiles(file)
  await tabTo(page, 'textbox', 'Path')
  await page.keyboard.type('charts')
  await page.keyboard.press('Enter')
  expect(await publish.result('Reference')).toContain('/charts/cart:1.0.0')

  await tabTo(page, 'link', 'Show in Registries')
  await page.keyboard.press('Enter')
  await expect(registries.detail).toContainText('cart')
})
