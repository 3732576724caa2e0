import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mediaTypes } from '../../shared/model/media-types.ts'
import { openTools } from './clients.ts'
import { ourClient, ourPush, ourTags } from './ours.ts'
import { image, writeLayout } from './samples.ts'
import { serverFor, servers } from './servers.ts'

const count = 5_000
const repository = 'many'
const names = Array.from({ length: count }, (_, number) => `v${String(number).padStart(5, '0')}`)

let opened: Awaited<ReturnType<typeof openTools<'crane' | 'skopeo' | 'oras' | 'regctl'>>>

beforeAll(async () => {
  opened = await openTools(['crane', 'skopeo', 'oras', 'regctl'])
})
afterAll(() => opened.close())

describe.each(servers)('with $name', (server) => {
  const { url, host } = serverFor(server)

  test('5,000 tags we put are 5,000 tags to us and to every client', async () => {
    const { crane, skopeo, oras, regctl } = opened.tools
    const sample = await image('tagged', 1)
    const layout = `${crane.directory}/layout-${new URL(url()).port}`
    const [first = ''] = names
    await writeLayout(layout, sample, first)
    await ourPush(layout, { url: url(), repository, tag: first }, 'auto')
    const client = ourClient(url())
    const { mediaType, bytes } = await client.getManifest(repository, first)
    expect(mediaType).toBe(mediaTypes.ociManifest)
    const left = names.slice(1)
    const work = async (): Promise<void> => {
      for (let name = left.pop(); name !== undefined; name = left.pop()) {
        await client.putManifest(repository, name, { mediaType, bytes })
      }
    }
    await Promise.all(Array.from({ length: 6 }, work))

    expect((await ourTags(url(), repository)).toSorted()).toEqual(names)
    const reference = `${host()}/${repository}`
    const lines = (text: string) => text.trim().split('\n').toSorted()
    expect(lines(await crane.run('ls', '--insecure', reference))).toEqual(names)
    expect(lines(await oras.run('repo', 'tags', '--plain-http', reference))).toEqual(names)
    const plain = ['--host', `reg=${host()},tls=disabled`]
    expect(lines(await regctl.run('tag', 'ls', ...plain, reference))).toEqual(names)
    const listed = await skopeo.run('list-tags', '--tls-verify=false', `docker://${reference}`)
    expect((JSON.parse(listed) as { Tags: string[] }).Tags.toSorted()).toEqual(names)
  })
})
