import { copyFile, mkdir, mkdtemp, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFixedTags } from '../../electron/charts/fixed-tags.ts'
import { createIntake, type Intake } from '../../electron/charts/intake.ts'
import { createPublisher, type Publisher } from '../../electron/charts/publisher.ts'
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../../electron/demo/registry.ts'
import { createRegistryClient, type RegistryClient } from '../../electron/oci/client.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import { createUploadMemory } from '../../electron/oci/upload/memory.ts'
import { FailureError } from '../../shared/model/failure.ts'
import { imageManifestSchema } from '../../shared/model/manifest.ts'
import type { PublishResult } from '../../shared/model/upload.ts'
import { chartArchive } from '../fakes/charts.ts'
import { type Helm, openHelm } from '../lab/helm.ts'

const clock = { now: Date.now }
const transport = createTransport({ record: () => undefined, clock })
const file = 'cart-1.0.0.tgz'
let helm: Helm
let registry: EmbeddedRegistry
let client: RegistryClient
let intake: Intake
let publisher: Publisher
let chart: string

beforeAll(async () => {
  helm = await openHelm()
  registry = await startEmbeddedRegistry()
  client = createRegistryClient({ transport, url: registry.url, credential: undefined })
  intake = createIntake({ directory: join(helm.directory, 'profile') })
  publisher = createPublisher({
    intake,
    clientOf: async () => client,
    clock,
    memory: createUploadMemory({ directory: helm.directory, clock }),
    bufferBytes: async () => 256 * 1024 * 1024,
    fixedTags: createFixedTags(),
  })
  chart = join(helm.directory, file)
  await writeFile(chart, await chartArchive())
})
afterAll(async () => {
  await intake.close()
  await transport.close()
  await registry.stop()
  await helm.close()
})

/** A copy of the chart's file that was changed at another time, with this provenance beside it. */
async function copyOf(changed: string, provenance?: string): Promise<string> {
  const directory = await mkdtemp(join(helm.directory, 'copy-'))
  const copy = join(directory, file)
  await copyFile(chart, copy)
  await utimes(copy, new Date(changed), new Date(changed))
  if (provenance !== undefined) await writeFile(`${copy}.prov`, provenance)
  return copy
}

async function publish(path: string, place: string, overwrite?: string): Promise<PublishResult> {
  const ticket = await intake.acceptPath(path)
  const running = publisher.start({ ticket, registryId: 'lab', path: place, mode: 'auto', overwrite })
  let step = await running.next()
  while (step.done !== true) step = await running.next()
  return step.value
}

function helmPush(path: string, place: string): Promise<unknown> {
  return helm.run(['push', path, `oci://${new URL(registry.url).host}/${place}`, '--plain-http'])
}

test('a provenance goes along, and helm pull --prov gets both back', async () => {
  const path = await copyOf('2026-01-01T00:00:00Z', 'the provenance')
  const { skipped, size } = await publish(path, 'signed')
  expect(skipped).toBe(0)
  const { bytes } = await client.getManifest('signed/cart', '1.0.0')
  const { config, layers } = imageManifestSchema.parse(JSON.parse(Buffer.from(bytes).toString()))
  expect(layers).toHaveLength(2)
  expect(size).toBe(bytes.length + config.size + layers.reduce((total, layer) => total + layer.size, 0))

  const into = join(helm.directory, 'pulled')
  await mkdir(into)
  const address = `oci://${new URL(registry.url).host}/signed/cart`
  await helm.run(['pull', address, '--version', '1.0.0', '--plain-http', '--prov', '-d', into])
  expect(await readFile(join(into, file))).toEqual(await readFile(path))
  expect(await readFile(join(into, `${file}.prov`), 'utf8')).toBe('the provenance')
})

test('what helm pushed of the same file is there already, to the byte', async () => {
  const path = await copyOf('2026-01-02T00:00:00Z', 'the provenance')
  await helmPush(path, 'theirs')
  const { digest } = await client.getManifest('theirs/cart', '1.0.0')
  expect(await publish(path, 'theirs')).toMatchObject({ digest, skipped: 3 })
})

test('another copy of the file is the same chart: nothing is sent and its tag keeps its manifest', async () => {
  await helmPush(await copyOf('2026-01-03T00:00:00Z'), 'copied')
  const { digest } = await client.getManifest('copied/cart', '1.0.0')
  expect(await publish(await copyOf('2026-05-05T00:00:00Z'), 'copied')).toMatchObject({ digest, skipped: 2 })
  expect((await client.getManifest('copied/cart', '1.0.0')).digest).toBe(digest)
})

test('a provenance more or less is other content, which is replaced on purpose only', async () => {
  const changed = '2026-01-04T00:00:00Z'
  const { digest } = await publish(await copyOf(changed), 'more')
  const signed = await copyOf(changed, 'the provenance')
  await expect(publish(signed, 'more')).rejects.toThrow(FailureError)
  const result = await publish(signed, 'more', digest)
  expect(result).toMatchObject({ skipped: 2 })
  expect(result.digest).not.toBe(digest)
})

test('a chart without a file’s time of its own gets that of its newest entry, in UTC', async () => {
  const bytes = await readFile(chart)
  const body = async function* () {
    yield bytes
  }
  const created = async (modified?: number) => {
    const ticket = await intake.accept(file, body(), undefined, modified)
    const path = `times-${String(modified)}`
    const running = publisher.start({ ticket, registryId: 'lab', path, mode: 'auto' })
    while ((await running.next()).done !== true);
    const manifest = await client.getManifest(`${path}/cart`, '1.0.0')
    const { annotations } = imageManifestSchema.parse(JSON.parse(Buffer.from(manifest.bytes).toString()))
    return annotations?.['org.opencontainers.image.created']
  }
  expect(await created()).toBe('2026-01-02T03:04:05Z')
  expect(await created(Date.parse('2026-07-01T12:00:00.999Z'))).toMatch(
    /^2026-07-01T\d\d:00:00(?:Z|[+-]\d\d:00)$/,
  )
})
