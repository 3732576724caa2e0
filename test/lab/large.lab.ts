import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Descriptor } from '../../shared/model/manifest.ts'
import { imageClient, openTools } from './clients.ts'
import { startDistribution } from './distribution.ts'
import { startDockerRegistry } from './docker-registry.ts'
import { ourClient, ourPull, ourPush } from './ours.ts'
import type { RegistryProcess } from './registry-process.ts'
import { hexOf, layoutOfFile, tarLayer } from './samples.ts'

const gibibyte = 1024 ** 3
const tag = '1.0'

let opened: Awaited<ReturnType<typeof openTools<'crane' | 'oras'>>>
let directory: string
let layout: string
let layer: string
let root: Descriptor

beforeAll(async () => {
  opened = await openTools(['crane', 'oras'])
  directory = await mkdtemp(join(tmpdir(), 'chartroom-large-'))
  layout = join(directory, 'layout')
  const path = join(directory, 'zeros')
  const file = await open(path, 'w')
  await file.truncate(gibibyte)
  await file.close()
  layer = await digestOf(path)
  const described = { path, size: gibibyte, digest: layer, mediaType: tarLayer, diffId: layer }
  root = await layoutOfFile(layout, described, tag)
})
afterAll(async () => {
  await opened.close()
  await rm(directory, { recursive: true, force: true })
})

describe.each([
  { name: 'docker-registry 2.8', start: startDockerRegistry, strategies: ['streamed-put', 'chunked'] },
  { name: 'distribution 3.1.1', start: startDistribution, strategies: ['streamed-patch'] },
] as const)('with $name', ({ start, strategies }) => {
  let registry: RegistryProcess
  beforeAll(async () => {
    registry = await start()
  })
  afterAll(() => registry.stop())
  const host = () => new URL(registry.url).host

  test.each(strategies)('a layer of 1 GiB we push %s oras pulls', async (strategy) => {
    const repository = `ours/${strategy}`
    await ourPush(layout, { url: registry.url, repository, tag }, strategy)
    await expectPulled(async (pulled) => {
      const words = imageClient('oras').pull({ directory: pulled, host: host(), repository, tag })
      await opened.tools.oras.run(...words)
    })
  })

  test('a layer of 1 GiB crane pushes we pull', async () => {
    const repository = 'theirs'
    const words = imageClient('crane').push({ directory: layout, host: host(), repository, tag })
    await opened.tools.crane.run(...words)
    expect((await ourClient(registry.url).headManifest(repository, tag))?.digest).toBe(root.digest)
    await expectPulled(async (pulled) => {
      await ourPull({ url: registry.url, repository, tag }, pulled)
    })
  })
})

/** Runs a pull into a new layout, finds the layer there whole, and frees the disk. */
async function expectPulled(pull: (directory: string) => Promise<void>): Promise<void> {
  const pulled = join(directory, 'pulled')
  try {
    await pull(pulled)
    expect(await digestOf(join(pulled, 'blobs', 'sha256', hexOf(layer)))).toBe(layer)
  } finally {
    await rm(pulled, { recursive: true, force: true })
  }
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array)
  return `sha256:${hash.digest('hex')}`
}
