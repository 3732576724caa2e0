import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mediaTypes } from '../../shared/model/media-types.ts'
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../../electron/demo/registry.ts'
import { blobOfBytes } from '../../electron/oci/upload/blob-source.ts'
import { uploadBlob } from '../../electron/oci/upload/upload.ts'
import { imageClient, openTools } from './clients.ts'
import { ourClient, ourCopy, ourPull, ourPush } from './ours.ts'
import { image, type Sample, writeLayout } from './samples.ts'
import { serverFor, servers } from './servers.ts'

const tag = '1.0'
const sbom = 'application/spdx+json'
const scan = 'application/vnd.example.scan'
const empty = { mediaType: 'application/vnd.oci.empty.v1+json', size: 2 }

let opened: Awaited<ReturnType<typeof openTools<'oras' | 'regctl'>>>
let elsewhere: EmbeddedRegistry
let sample: Sample
let layout: string

beforeAll(async () => {
  opened = await openTools(['oras', 'regctl'])
  elsewhere = await startEmbeddedRegistry()
  sample = await image('subject', 1)
  const { oras, regctl } = opened.tools
  layout = join(oras.directory, 'layout')
  await writeLayout(layout, sample, tag)
  await writeFile(join(oras.directory, 'sbom.json'), '{"spdxVersion":"SPDX-2.3"}')
  await writeFile(join(regctl.directory, 'scan.txt'), 'nothing found')
})
afterAll(() => Promise.all([opened.close(), elsewhere.stop()]))

/** Media types of what refers to the sample, as our client sees them. */
async function ourReferrers(url: string, repository: string, artifactType?: string): Promise<string[]> {
  const { descriptors } = await ourClient(url).referrers(repository, sample.root.digest, { artifactType })
  return descriptors.map((descriptor) => descriptor.artifactType ?? '').toSorted()
}

describe.each(servers)('with $name', (server) => {
  const { url, host } = serverFor(server)
  const place = (repository: string) => ({ url: url(), repository, tag })
  const plain = () => ['--host', `reg=${host()},tls=disabled`]

  test('what oras and regctl attach we list, filter, copy and export with its subject', async () => {
    const { oras, regctl } = opened.tools
    const repository = 'theirs/subject'
    const subject = `${host()}/${repository}:${tag}`
    await ourPush(layout, place(repository), 'auto')
    await oras.run('attach', '--no-tty', '--plain-http', '--artifact-type', sbom, subject, 'sbom.json')
    const artifact = ['artifact', 'put', ...plain(), '--artifact-type', scan, '--subject', subject]
    await regctl.run(...artifact, '--file', 'scan.txt')

    expect(await ourReferrers(url(), repository)).toEqual([sbom, scan])
    expect(await ourReferrers(url(), repository, sbom)).toEqual([sbom])
    const to = { url: elsewhere.url, repository: `copies/${server.name.split(' ')[0]?.toLowerCase()}`, tag }
    const counts = await ourCopy(place(repository), to, { referrers: true })
    expect(counts.manifests.copied).toBe(3)
    expect(await ourReferrers(to.url, to.repository)).toEqual([sbom, scan])
    const exported = join(oras.directory, `export-${new URL(url()).port}`)
    const written = await ourPull(place(repository), exported, { referrers: true })
    expect(written.manifests.copied).toBe(3)
  })

  test('what we attach oras and regctl discover, and pull with its subject', async () => {
    const { oras, regctl } = opened.tools
    const repository = 'ours/subject'
    const subject = `${host()}/${repository}:${tag}`
    await ourPush(layout, place(repository), 'auto')
    const { digest } = await attach(url(), repository, sbom)
    const found = JSON.parse(await oras.run('discover', '--plain-http', '--format', 'json', subject)) as {
      manifests: { digest: string; artifactType: string }[]
    }
    expect(found.manifests.map((each) => [each.digest, each.artifactType])).toEqual([[digest, sbom]])
    const list = ['artifact', 'list', ...plain(), '--format', '{{jsonPretty .}}', subject]
    expect(await regctl.run(...list)).toContain(digest)
    const pulled = join(oras.directory, `pulled-${new URL(url()).port}`)
    const words = imageClient('oras').pull({ directory: pulled, host: host(), repository, tag })
    expect(await oras.run(...words, '--recursive')).toContain(sample.root.digest)
  })

  test('what we delete is no referrer any more, for us and for oras', async () => {
    const { oras } = opened.tools
    const repository = 'ours/deleted'
    await ourPush(layout, place(repository), 'auto')
    const { digest } = await attach(url(), repository, sbom)
    await attach(url(), repository, scan)
    await ourClient(url()).deleteManifest(repository, digest)
    expect(await ourReferrers(url(), repository)).toEqual([scan])
    const json = await oras.run(
      'discover',
      '--plain-http',
      '--format',
      'json',
      `${host()}/${repository}:${tag}`,
    )
    const { manifests } = JSON.parse(json) as { manifests: { artifactType: string }[] }
    expect(manifests.map(({ artifactType }) => artifactType)).toEqual([scan])
  })
})

/** Puts an artifact that refers to the sample with our client. */
async function attach(url: string, repository: string, artifactType: string): Promise<{ digest: string }> {
  const client = ourClient(url)
  const config = { ...empty, digest: await pushEmpty(url, repository) }
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    artifactType,
    config,
    layers: [config],
    subject: sample.root,
  }
  const bytes = Buffer.from(JSON.stringify(manifest))
  const { digest } = blobOfBytes(bytes)
  await client.putManifest(repository, digest, { mediaType: mediaTypes.ociManifest, bytes })
  return { digest }
}

async function pushEmpty(url: string, repository: string): Promise<string> {
  const { transport } = ourClient(url)
  const blob = blobOfBytes(Buffer.from('{}'))
  await uploadBlob({ transport, url, repository, blob, mode: 'auto', onEvent: () => undefined })
  return blob.digest
}
