import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { registryHost } from '../../shared/model/reference.ts'
import { chartArchive } from '../fakes/charts.ts'
import type { DockerRegistry } from '../lab/docker-registry.ts'
import type { Helm } from '../lab/helm.ts'
import { account, expect, test } from './lab-test.ts'

async function logIn(helm: Helm, { url }: DockerRegistry): Promise<void> {
  const { username, password } = account
  await helm.run([
    'registry',
    'login',
    registryHost(url),
    '--plain-http',
    '--username',
    username,
    '--password',
    password,
  ])
}

for (const mode of ['Streamed', 'Buffered', 'Auto'] as const) {
  test(`a chart dropped on the window goes up ${mode.toLowerCase()} and comes back with helm`, async ({
    app,
    registries,
    publish,
    dockerRegistry,
    helm,
  }) => {
    const chart = await chartArchive({ name: 'cart', version: '1.2.0+build.7', padding: 200_000 })
    await registries.add(dockerRegistry.url, 'Lab', account)

    // dropped while Registries is open: the window takes it wherever it falls
    await app.dropAnywhere([{ name: 'cart-1.2.0+build.7.tgz', bytes: chart }])
    await expect(publish.queue).toContainText('cart 1.2.0+build.7')
    await publish.sendTo('charts', mode)

    const digest = await publish.result('Digest')
    const pull = await publish.result('helm pull')
    expect(await publish.result('helm install')).toContain('helm install cart oci://')
    await publish.done.getByRole('link', { name: 'Show in Registries' }).click()
    await expect(registries.detail).toContainText(digest)
    await expect(registries.tags).toContainText('1.2.0_build.7')

    await logIn(helm, dockerRegistry)
    await helm.run(pull.split(' ').slice(1))
    expect(await readFile(join(helm.directory, 'cart-1.2.0+build.7.tgz'))).toEqual(chart)
  })
}

test('what helm pushes is browsed down to its manifest', async ({ registries, dockerRegistry, helm }) => {
  await writeFile(
    join(helm.directory, 'ledger-4.0.0.tgz'),
    await chartArchive({ name: 'ledger', version: '4.0.0', more: 'description: Books\nappVersion: "4"\n' }),
  )
  await logIn(helm, dockerRegistry)
  const pushed = await helm.run([
    'push',
    'ledger-4.0.0.tgz',
    `oci://${registryHost(dockerRegistry.url)}/base`,
    '--plain-http',
  ])
  const digest = /sha256:[a-f0-9]{64}/.exec(pushed.stdout + pushed.stderr)?.[0] ?? 'helm printed no digest'

  await registries.add(dockerRegistry.url, 'Lab', account)
  await registries.openRepository('base/ledger')
  await registries.openTag('4.0.0')

  await expect(registries.detail).toContainText(digest)
  await expect(registries.detail).toContainText('Books')
  await registries.detail.getByRole('tab', { name: 'Manifest' }).click()
  await expect(registries.detail).toContainText('application/vnd.cncf.helm.config.v1+json')
})

test('every exchange of an upload stands in Activity, without its secrets', async ({
  app,
  registries,
  publish,
  dockerRegistry,
}) => {
  await registries.add(dockerRegistry.url, 'Lab', account)
  await app.goTo('Publish')
  await publish.chooseFile('cart-1.0.0.tgz', await chartArchive())
  await publish.sendTo('charts', 'Streamed')
  await publish.result('Digest')

  await app.goTo('Activity')
  await expect(app.page.getByRole('main')).toContainText('PATCH')
  const download = app.page.waitForEvent('download')
  await app.page.getByRole('button', { name: /HAR/ }).click()
  const har = await readFile(await (await download).path(), 'utf8')
  expect(JSON.parse(har)).toMatchObject({ log: { version: '1.2' } })
  expect(har).toContain('"PATCH"')
  const secret = Buffer.from(`${account.username}:${account.password}`).toString('base64')
  expect(har).not.toContain(secret)
  expect(har).not.toContain(account.password)
})
