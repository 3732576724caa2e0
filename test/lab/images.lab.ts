import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { strategySchema } from '../../shared/model/upload.ts'
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../../electron/demo/registry.ts'
import { imageClient, imageClients, openTools } from './clients.ts'
import { ourClient, ourCopy, ourPull, ourPush, ourTags } from './ours.ts'
import {
  wholeLayout,
  image,
  imageOf,
  index,
  readLayout,
  type Sample,
  sha256,
  tarLayer,
  writeLayout,
} from './samples.ts'
import { serverFor, servers } from './servers.ts'

const tag = '1.0'
const samples: { kind: string; make: () => Promise<Sample> }[] = [
  { kind: 'an image', make: () => image('single', 3) },
  { kind: 'an index', make: () => index('multi') },
]

let opened: Awaited<ReturnType<typeof openTools<'crane' | 'skopeo' | 'oras' | 'regctl'>>>
let directory: string
let elsewhere: EmbeddedRegistry
let number = 0

beforeAll(async () => {
  opened = await openTools(['crane', 'skopeo', 'oras', 'regctl'])
  directory = await mkdtemp(join(tmpdir(), 'chartroom-images-'))
  elsewhere = await startEmbeddedRegistry()
})
afterAll(async () => {
  await Promise.all([opened.close(), elsewhere.stop()])
  await rm(directory, { recursive: true, force: true })
})

/** A folder that is not there yet. */
function fresh(): string {
  number += 1
  return join(directory, `layout-${number}`)
}

async function written(sample: Sample): Promise<string> {
  const layout = fresh()
  await writeLayout(layout, sample, tag)
  return layout
}

describe.each(servers)('with $name', (server) => {
  const { url, host } = serverFor(server)

  describe.each(imageClients)('what $name pushes', ({ name, push }) => {
    test.each(samples)('as $kind we list, read, export and copy', async ({ kind, make }) => {
      const sample = await make()
      const repository = `theirs/${name}/${kind.replace(' ', '-')}`
      const layout = await written(sample)
      await opened.tools[name].run(...push({ directory: layout, host: host(), repository, tag }))

      expect(await ourTags(url(), repository)).toEqual([tag])
      const { digest, bytes } = await ourClient(url()).getManifest(repository, tag)
      expect([digest, sha256(bytes)]).toEqual([sample.root.digest, sample.root.digest])
      const exported = fresh()
      await ourPull({ url: url(), repository, tag }, exported)
      expect(await readLayout(exported, sample.root)).toEqual(wholeLayout(sample))
      const to = {
        url: elsewhere.url,
        repository: `${server.name.replaceAll(' ', '-').toLowerCase()}/${repository}`,
        tag,
      }
      await ourCopy({ url: url(), repository, tag }, to)
      expect((await ourClient(to.url).headManifest(to.repository, tag))?.digest).toBe(sample.root.digest)
    })
  })

  describe.each(strategySchema.options)('what we push %s', (strategy) => {
    test.each(samples)('as $kind every client pulls', async ({ kind, make }) => {
      const sample = await make()
      const repository = `ours/${strategy}/${kind.replace(' ', '-')}`
      await ourPush(await written(sample), { url: url(), repository, tag }, strategy)
      for (const { name, pull } of imageClients) {
        const pulled = fresh()
        await opened.tools[name].run(...pull({ directory: pulled, host: host(), repository, tag }))
        expect([name, await readLayout(pulled, sample.root)]).toEqual([name, wholeLayout(sample)])
      }
    })
  })

  test('an empty layer travels both ways, in every strategy', async () => {
    const empty = new Uint8Array()
    const sample = imageOf([{ mediaType: tarLayer, bytes: empty, diffId: sha256(empty) }])
    const layout = await written(sample)
    const { oras, regctl } = opened.tools
    for (const strategy of strategySchema.options) {
      const repository = `ours/empty/${strategy}`
      await ourPush(layout, { url: url(), repository, tag }, strategy)
      const place = { directory: fresh(), host: host(), repository, tag }
      await oras.run(...imageClient('oras').pull(place))
      expect([strategy, await readLayout(place.directory, sample.root)]).toEqual([
        strategy,
        wholeLayout(sample),
      ])
    }
    const theirs = { directory: layout, host: host(), repository: 'theirs/empty', tag }
    await regctl.run(...imageClient('regctl').push(theirs))
    const exported = fresh()
    await ourPull({ url: url(), repository: 'theirs/empty', tag }, exported)
    expect(await readLayout(exported, sample.root)).toEqual(wholeLayout(sample))
  })
})
