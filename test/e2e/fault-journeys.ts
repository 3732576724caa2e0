import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { registryHost } from '../../shared/model/reference.ts'
import { writeFolder } from '../fakes/chart-folders.ts'
import { chartArchive, chartYaml } from '../fakes/charts.ts'
import { type FaultProxy, type Seen, startFaultProxy } from '../fakes/fault-proxy.ts'
import { bareAnswer, bodyTooLarge, carriesBody, registryAnswer } from '../fakes/faults.ts'
import type { RegistryProcess } from '../lab/registry-process.ts'
import { expect, test as base } from './lab-test.ts'
import { expectPublished } from './published.ts'

type Start = () => Promise<RegistryProcess>

const mebibyte = 1024 * 1024
/** The chart, not its config. */
const isLarge = ({ headers }: Seen) => Number(headers['content-length'] ?? 0) > mebibyte

/** `way` breaks what passes between the window and a registry of the journey's own. */
function testThrough(start: Start) {
  return base.extend<{ way: FaultProxy }>({
    way: async ({}, use) => {
      const registry = await start()
      const proxy = await startFaultProxy(registry.url)
      await use(proxy)
      await proxy.stop()
      await registry.stop()
    },
  })
}

/** What befalls charts on their way to most users, in journeys short enough for every run. */
export function commonFaultJourneys(name: string, start: Start): void {
  const test = testThrough(start)

  test(`streamed bodies are refused on the way to ${name}: Auto recovers, remembers and says so`, async ({
    app,
    registries,
    publish,
    helm,
    way,
  }) => {
    const refusesStreams = {
      strikes: (seen: Seen) => seen.method === 'PUT' && carriesBody(seen) && isLarge(seen),
      does: bareAnswer('400 Bad Request'),
    }
    const [first, second] = [
      await chartArchive({ name: 'one', padding: 1.5 * mebibyte }),
      await chartArchive({ name: 'two', padding: 1.5 * mebibyte }),
    ]
    way.inflict(refusesStreams)
    await registries.add(way.url, 'Lab')
    await app.goTo('Settings')
    await app.page.getByLabel('MiB of an upload that is held in memory').fill('1')
    await app.goTo('Publish')
    await publish.chooseFile('one-1.0.0.tgz', first)
    await expect(publish.target).toContainText('Auto reads this chart from the file as it is sent')
    await publish.sendTo('charts', 'Auto')
    await expectPublished(publish, helm, first)
    await expect(publish.timeline).toContainText('Changed from Streamed PUT to Streamed PATCH')

    way.inflict(refusesStreams)
    await publish.chooseFile('two-1.0.0.tgz', second)
    await expect(publish.target).toContainText('Auto sends this chart as a stream, in one PATCH')
    await expect(publish.target).toContainText('answered by a proxy or middlebox in front (400)')
    await publish.sendTo('charts', 'Auto')
    await expectPublished(publish, helm, second)
    expect(way.seen.filter(refusesStreams.strikes)).toEqual([])
  })

  test(`a proxy before ${name} that limits bodies is named, and its failure leads to chunks that pass`, async ({
    app,
    registries,
    publish,
    helm,
    way,
  }) => {
    way.inflict(bodyTooLarge(100_000))
    const chart = await chartArchive({ padding: 200_000 })
    await registries.add(way.url, 'Lab')
    await app.goTo('Publish')
    await publish.chooseFile('cart-1.0.0.tgz', chart)
    await publish.chooseChunks('64 KiB')
    await publish.sendTo('charts', 'Buffered')
    await expect(publish.failure).toContainText('Too large for what answered')
    await expect(publish.failure).toContainText('a proxy or middlebox in front 413')
    await publish.failure.getByRole('button', { name: 'Publish in chunks' }).click()
    await expectPublished(publish, helm, chart)
  })

  test(`on a slow way to ${name} progress moves, and Cancel ends the request at once`, async ({
    app,
    registries,
    publish,
    helm,
    way,
  }) => {
    const chart = await chartArchive({ padding: 4 * 65_536 })
    await registries.add(way.url, 'Lab')
    await app.goTo('Publish')
    await publish.chooseFile('cart-1.0.0.tgz', chart)
    await publish.chooseChunks('64 KiB')
    const isThird = ({ headers }: Seen) => headers['content-range']?.startsWith('131072-') === true
    way.inflict({ strikes: isThird, does: 'stall', afterBytes: 10 })
    const stuck = way.reached((seen) => isThird(seen) && seen.bytes >= 10)
    await publish.sendTo('charts')
    const seen = await stuck
    // two of four chunks are there, and what left of the third
    await expect(publish.queue).toContainText(/uploading, (?:49|5\d|6\d|7[0-5])%/)
    await publish.progress.getByRole('button', { name: 'Cancel' }).click()
    await expect(publish.queue).toContainText('cancelled')
    seen.release()
    await seen.closed
    way.inflict()
    await publish.sendTo('charts')
    await expectPublished(publish, helm, chart)
  })
}

/** What befalls fewer, or takes longer. */
export function rareFaultJourneys(name: string, start: Start): void {
  const test = testThrough(start)

  test(`an upload in chunks to ${name} that breaks off in a body goes on there with Resume`, async ({
    app,
    registries,
    publish,
    helm,
    way,
  }) => {
    const chart = await chartArchive({ padding: 200_000 })
    way.inflict({
      strikes: ({ headers }) => /^[1-9]/.test(headers['content-range'] ?? ''),
      // docker-registry 2.8 cancels an upload of which it gets half a body; something that collects bodies spares it
      collects: true,
      afterBytes: 20_000,
      does: 'drop',
    })
    await registries.add(way.url, 'Lab')
    await app.goTo('Publish')
    await publish.chooseFile('cart-1.0.0.tgz', chart)
    await publish.chooseChunks('64 KiB')
    await publish.sendTo('charts')
    await expect(publish.failure).toContainText('Connection broke off')
    way.inflict()
    await app.page.getByRole('button', { name: 'Resume' }).click()
    await expectPublished(publish, helm, chart)
    await expect(app.page.getByRole('main')).toContainText('Went on where an earlier attempt had broken off')
    const ranges = way.seen.flatMap(({ headers }) => headers['content-range'] ?? [])
    expect(ranges).toContain('65536-131071')
    expect(ranges).not.toContain('0-65535')
  })

  test(`a folder is too much for the full disk of ${name}, which is told, and passes once there is room`, async ({
    app,
    registries,
    publish,
    helm,
    way,
  }) => {
    const folder = join(helm.directory, 'cart')
    await writeFolder(folder, {
      'Chart.yaml': chartYaml('cart', '3.1.0'),
      'templates/config.yaml': 'kind: ConfigMap\napiVersion: v1\nmetadata:\n  name: {{ .Chart.Name }}\n',
    })
    way.inflict({ strikes: carriesBody, does: registryAnswer('500 Internal Server Error', 'UNKNOWN') })
    await registries.add(way.url, 'Lab')
    await app.dropPaths([folder])
    await publish.sendTo('charts', 'Auto')
    await expect(publish.failure).toContainText('The server is faulty')
    await expect(publish.failure).toContainText('the registry itself 500')
    await expect(publish.failure).toContainText('Show this report to whoever runs the registry.')
    way.inflict()
    await publish.failure.getByRole('button', { name: 'Try again' }).click()
    const rendered = await expectPublished(publish, helm)
    expect(rendered).toBe((await helm.run(['template', folder])).stdout)
  })

  test(`other content under the tag in ${name} stays until Overwrite is pressed`, async ({
    app,
    registries,
    publish,
    helm,
    way,
  }) => {
    const [theirs, ours] = [await chartArchive({ padding: 1000 }), await chartArchive({ padding: 1000 })]
    await writeFile(join(helm.directory, 'cart-1.0.0.tgz'), theirs)
    await helm.run(['push', 'cart-1.0.0.tgz', `oci://${registryHost(way.url)}/charts`, '--plain-http'])
    await registries.add(way.url, 'Lab')
    await app.goTo('Publish')
    await publish.chooseFile('cart-1.0.0.tgz', ours)
    await publish.target.getByLabel('Path').fill('charts')
    await expect(publish.check('Tag')).toContainText('1.0.0 is there with other content')
    await expect(publish.target.getByRole('button', { name: 'Publish' })).toBeDisabled()
    await publish.check('Tag').getByRole('button', { name: 'Overwrite' }).click()
    await publish.sendTo('charts', 'Auto')
    await expectPublished(publish, helm, ours)
  })
}
