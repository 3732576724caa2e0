import { readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readChartArchive } from '../../electron/charts/archive.ts'
import { readChartYaml } from '../../electron/charts/chart-yaml.ts'
import { helmConfig, helmManifest } from '../../electron/charts/helm-config.ts'
import { createRegistryClient, type RegistryClient } from '../../electron/oci/client.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import { imageManifestSchema } from '../../shared/model/manifest.ts'
import { archiveOf, chartYaml, type Entry } from '../fakes/charts.ts'
import { type DockerRegistry, startDockerRegistry } from '../lab/docker-registry.ts'
import { type Helm, openHelm } from '../lab/helm.ts'
import { everyField } from '../fixtures/charts/corpus.ts'

const transport = createTransport({ record: () => undefined, clock: { now: Date.now } })
let helm: Helm
let registry: DockerRegistry
let client: RegistryClient

beforeAll(async () => {
  helm = await openHelm()
  registry = await startDockerRegistry()
  client = createRegistryClient({ transport, url: registry.url, credential: undefined })
})
afterAll(async () => {
  await transport.close()
  await registry.stop()
  await helm.close()
})

/** Scalars that YAML readers disagree about; each becomes the text of an annotation. */
const scalars = [
  '1.10',
  '1234567.5',
  '1e10',
  '12345e7',
  '0.00001',
  '12345678901234567890',
  '123456789012345678901234567890',
  '017',
  '08',
  '0x1F',
  '0b11',
  '0o17',
  '-0O_17',
  '0X1F',
  '0B1_1',
  '0o8',
  '1_000',
  '+12',
  '-0.0',
  '.5',
  '1.',
  '.',
  '+.',
  '._1',
  '1e3',
  '1e+5',
  '1e400',
  '1234e567',
  '3.4e38',
  '1e-45',
  '16777217.0',
  '0.1',
  '-1.5e-7',
  '.inf',
  '-.inf',
  '.nan',
  'yes',
  'No',
  'on',
  'y',
  'n',
  'TRUE',
  'null',
  '~',
  '2020-01-01',
  '2001-12-14t21:59:43.10-05:00',
  '1:30',
  '12:30:45',
  '!!str 12',
  '"quoted"',
  '=',
  '0x',
]
  .map((scalar, index) => `  s${index}: ${scalar}`)
  .join('\n')
const subs: Entry[] = [{ name: 'cart/charts/sub/Chart.yaml', body: chartYaml('sub') }]

describe('what we make of a chart', () => {
  it.each([
    ['the least there can be', '1.0.0', '', []],
    ['every field', '1.2.3-rc.1+build.5', everyField, subs],
    ['every kind of scalar', '3.0.0', `annotations:\n${scalars}\n`, []],
    [
      'odd scalars',
      '2.0.0',
      'appVersion: 12345e7\nAppVersion: 017\nicon: null\ndescription: 2020-01-01\n',
      [],
    ],
  ] as Array<[string, string, string, Entry[]]>)(
    '%s is byte for byte what helm push makes',
    async (_what, version, more, others) => {
      const path = join(helm.directory, `cart-${version}.tgz`)
      await writeFile(
        path,
        await archiveOf([{ name: 'cart/Chart.yaml', body: chartYaml('cart', version, more) }, ...others]),
      )
      await utimes(path, new Date('2026-03-04T05:06:07Z'), new Date('2026-03-04T05:06:07Z'))
      const { host } = new URL(registry.url)
      await helm.run(['push', path, `oci://${host}/helm`, '--plain-http'])

      const pushed = await client.getManifest('helm/cart', version.replace('+', '_'))
      const { config, layers } = imageManifestSchema.parse(JSON.parse(Buffer.from(pushed.bytes).toString()))
      const archive = await readChartArchive(path)
      const metadata = readChartYaml(archive.chartYaml, archive.requirementsYaml)
      const theirs = Buffer.from(await client.getBlob('helm/cart', config.digest)).toString()
      expect(Buffer.from(helmConfig(metadata)).toString()).toBe(theirs)
      const ours = helmManifest({ metadata, config, layers, created: '2026-03-04T05:06:07Z' })
      expect(Buffer.from(ours).toString()).toBe(Buffer.from(pushed.bytes).toString())
      expect(layers[0]?.size).toBe((await stat(path)).size)
    },
  )

  it('takes dependencies of a v1 chart from requirements.yaml', async () => {
    const path = join(helm.directory, 'old-0.1.0.tgz')
    const requirements =
      'dependencies:\n- name: sub\n  version: 1.0.0\n  repository: https://example.invalid\n'
    await writeFile(
      path,
      await archiveOf([
        { name: 'old/Chart.yaml', body: 'name: old\nversion: 0.1.0\n' },
        { name: 'old/requirements.yaml', body: requirements },
        { name: 'old/charts/sub/Chart.yaml', body: chartYaml('sub') },
      ]),
    )
    await helm.run(['push', path, `oci://${new URL(registry.url).host}/helm`, '--plain-http'])
    const pushed = await client.getManifest('helm/old', '0.1.0')
    const { config } = imageManifestSchema.parse(JSON.parse(Buffer.from(pushed.bytes).toString()))
    const archive = await readChartArchive(path)
    const ours = helmConfig(readChartYaml(archive.chartYaml, archive.requirementsYaml))
    const theirs = await client.getBlob('helm/old', config.digest)
    expect(Buffer.from(ours).toString()).toBe(Buffer.from(theirs).toString())
  })

  it('reads a chart that helm itself made and packed', async () => {
    await helm.run(['create', 'made'])
    await helm.run(['package', 'made'])
    const path = join(helm.directory, 'made-0.1.0.tgz')
    const archive = await readChartArchive(path)
    expect(readChartYaml(archive.chartYaml)).toMatchObject({
      name: 'made',
      version: '0.1.0',
      type: 'application',
    })
    expect(archive.entries).toBeGreaterThan(8)
    expect((await readFile(path)).length).toBeGreaterThan(1000)
  })
})
