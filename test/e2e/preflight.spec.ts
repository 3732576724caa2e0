import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { registryHost } from '../../shared/model/reference.ts'
import { chartArchive } from '../fakes/charts.ts'
import { startDockerRegistry } from '../lab/docker-registry.ts'
import { backwards, startTokenService } from '../lab/token-service.ts'
import { expect, test } from './lab-test.ts'

test('what helm pushed under the tag stays until Overwrite is pressed; then helm pulls ours', async ({
  app,
  registries,
  publish,
  helm,
}) => {
  const registry = await startDockerRegistry()
  try {
    const [theirs, ours] = [await chartArchive({ padding: 1000 }), await chartArchive({ padding: 1000 })]
    const [file, remote] = [
      join(helm.directory, 'cart-1.0.0.tgz'),
      `oci://${registryHost(registry.url)}/charts`,
    ]
    await writeFile(file, theirs)
    await helm.run(['push', file, remote, '--plain-http'])

    await registries.add(registry.url, 'Lab')
    await app.goTo('Publish')
    await publish.chooseFile('cart-1.0.0.tgz', ours)
    await publish.target.getByLabel('Path').fill('charts')
    await expect(publish.check('Tag')).toContainText('1.0.0 is there with other content')
    await expect(publish.check('Repository')).toContainText('is there')
    await expect(publish.target.getByRole('button', { name: 'Publish' })).toBeDisabled()

    await publish.check('Tag').getByRole('button', { name: 'Overwrite' }).click()
    await publish.target.getByRole('button', { name: 'Publish' }).click()
    await publish.result('Digest')
    await expect(publish.check('Tag')).toContainText('is this very chart already')
    await helm.run(['pull', `${remote}/cart`, '--version', '1.0.0', '--plain-http'])
    expect(await readFile(file)).toEqual(ours)
  } finally {
    await registry.stop()
  }
})

test('a token that grants pull only is told before anything is sent', async ({
  app,
  registries,
  publish,
}) => {
  const service = await startTokenService({ reader: { 'repository:charts/cart': ['pull'] } })
  const registry = await startDockerRegistry({ token: service.registry })
  try {
    await registries.add(registry.url, 'Lab', { username: 'reader', password: backwards('reader') })
    await app.goTo('Publish')
    await publish.chooseFile('cart-1.0.0.tgz', await chartArchive())
    await publish.target.getByLabel('Path').fill('charts')
    await expect(publish.check('Permission')).toContainText('the token does not allow a push there')
    await expect(publish.check('Registry')).toContainText('In order')
    await expect(publish.target.getByRole('button', { name: 'Publish' })).toBeDisabled()
    await publish.check('Permission').getByText('Who said so').click()
    await expect(publish.check('Permission')).toContainText('repository:charts/cart:pull')
    expect(await app.accessibilityProblems()).toEqual([])
  } finally {
    await registry.stop()
    await service.stop()
  }
})
