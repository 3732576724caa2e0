import { fakeImage, ociError, spegelMiss, startFakeHost } from '../fakes/mirror.ts'
import { expect, test } from './test.ts'

test('a mirror that does not have the image and an upstream that refuses its config are told apart', async ({
  app,
}) => {
  const image = fakeImage('shop/cart', '2.14.1')
  const mirror = await startFakeHost(spegelMiss)
  const upstream = await startFakeHost((asked) =>
    asked.path.includes('/blobs/')
      ? ociError(403, 'DENIED', 'pull access to layers is missing')
      : image.answer(asked),
  )
  try {
    await app.goTo('Pulls')
    const { page } = app
    await page.getByLabel('Image reference').fill('UPPER/Case@sha256:zz')
    await page.getByRole('button', { name: 'Walk', exact: true }).click()
    await expect(page.getByRole('alert').first()).toBeVisible()

    await page.getByLabel('Image reference').fill(`${upstream.host}/shop/cart:2.14.1`)
    const hosts = page.getByRole('textbox', { name: 'hosts.toml' })
    await hosts.fill('server = \n[host')
    await page.getByRole('button', { name: 'Walk', exact: true }).click()
    await expect(page.getByRole('alert').filter({ hasText: /line/i })).toBeVisible()

    await hosts.fill(
      `server = "${upstream.url}"\n[host."${mirror.url}"]\ncapabilities = ["pull", "resolve"]\n`,
    )
    await page.getByRole('button', { name: 'Walk', exact: true }).click()

    const verdict = page.getByRole('region', { name: 'Verdict' })
    await expect(verdict).toContainText(`The upstream refuses the config blob: 403 from ${upstream.host}`)
    await expect(verdict).toContainText('pull access to layers is missing')
    const attempts = page.getByRole('table', { name: 'Requests in the order they were made' })
    await expect(attempts.getByRole('row').filter({ hasText: mirror.host }).first()).toContainText(
      'not here: normal',
    )
    const refused = attempts
      .getByRole('row')
      .filter({ hasText: upstream.host })
      .filter({ hasText: 'config blob' })
    await expect(refused.getByText('403', { exact: true })).toBeVisible()
    await expect(refused).toContainText('fault')
    await expect(page.getByText(`${mirror.host}'s`)).toBeVisible()
    expect(mirror.asked.every(({ query }) => query.get('ns') === upstream.host)).toBe(true)
  } finally {
    await Promise.all([mirror.stop(), upstream.stop()])
  }
})
