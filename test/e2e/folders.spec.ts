import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createCleartextMessage, generateKey, sign } from 'openpgp'
import { digestOf } from '../../electron/oci/digest.ts'
import { writeFolder } from '../fakes/chart-folders.ts'
import { chartArchive, chartYaml } from '../fakes/charts.ts'
import { type DockerRegistry, startDockerRegistry } from '../lab/docker-registry.ts'
import { expect, test } from './lab-test.ts'

let registry: DockerRegistry
test.beforeAll(async () => {
  registry = await startDockerRegistry()
})
test.afterAll(() => registry.stop())

const template = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Chart.Name }}\n'

test('a dropped folder is packaged and published, and helm renders of it what it renders of the folder', async ({
  app,
  registries,
  publish,
  helm,
}) => {
  const folder = join(helm.directory, 'cart')
  await writeFolder(folder, {
    'Chart.yaml': chartYaml('cart', '3.1.0'),
    'templates/config.yaml': template,
    '.helmignore': 'node_modules/\n',
    // were it not left out, the chart would be refused for a file above 5 MiB
    'node_modules/huge.js': Buffer.alloc(6 * 1024 * 1024),
  })
  await registries.add(registry.url, 'Lab')
  await app.dropPaths([folder])
  await expect(publish.queue).toContainText('cart 3.1.0')
  await publish.sendTo('charts', 'Auto')
  const pull = await publish.result('helm pull')
  const published = await helm.run(['template', ...pull.split(' ').slice(2)])
  const rendered = await helm.run(['template', folder])
  expect(published.stdout).toBe(rendered.stdout)
  expect(rendered.stdout).toContain('name: cart')
})

test('a folder chosen in the dialog without a Chart.yaml is refused by name', async ({
  app,
  registries,
  publish,
  helm,
}) => {
  const folder = join(helm.directory, 'notes')
  await writeFolder(folder, { 'README.md': '# notes\n' })
  await registries.add(registry.url, 'Lab')
  await app.goTo('Publish')
  await publish.chooseFolder(folder)
  await expect(publish.queue).toContainText('notes')
  await expect(publish.queue).toContainText('not taken in')
  await expect(publish.failure).toContainText('there is no Chart.yaml')
})

test('a provenance waits for its chart, and helm pulls both', async ({ app, registries, publish, helm }) => {
  const chart = join(helm.directory, 'ledger-1.0.0.tgz')
  const bytes = await chartArchive({ name: 'ledger' })
  await writeFile(chart, bytes)
  await writeFile(`${chart}.prov`, await signed(`files:\n  ledger-1.0.0.tgz: ${digestOf(bytes)}\n`))
  await registries.add(registry.url, 'Lab')
  await app.dropPaths([`${chart}.prov`])
  await expect(publish.queue).toContainText('waits for ledger-1.0.0.tgz')
  await app.dropPaths([chart])
  await expect(publish.queue.getByRole('listitem')).toHaveCount(1)
  await publish.sendTo('charts', 'Auto')
  const pull = await publish.result('helm pull')
  const pulled = await mkdtemp(join(helm.directory, 'pulled-'))
  await helm.run([...pull.split(' ').slice(1), '--prov', '-d', pulled])
  const prov = await readFile(join(pulled, 'ledger-1.0.0.tgz.prov'))
  expect(prov).toEqual(await readFile(`${chart}.prov`))
})

/** What helm package --sign writes beside a chart, by a key of nobody's. */
async function signed(files: string): Promise<string> {
  const { privateKey } = await generateKey({ userIDs: [{ name: 'The lab' }], format: 'object' })
  const text = `${chartYaml('ledger')}\n...\n${files}`
  return sign({ message: await createCleartextMessage({ text }), signingKeys: privateKey })
}
