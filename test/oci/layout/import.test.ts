import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { EmbeddedRegistry } from '../../../electron/demo/registry.ts'
import { openLayout } from '../../../electron/oci/layout/open-layout.ts'
import { mediaTypes } from '../../../shared/model/media-types.ts'
import { type Entry, tarOf } from '../../fakes/charts.ts'
import { failureIn } from '../../fakes/failure-in.ts'
import { type Bench, createBench, finished, layerType, sha256 } from '../copy/bench.ts'
import { dockerArchive, layoutFiles, tarOfFiles } from './archives.ts'

let bench: Bench
let target: EmbeddedRegistry

beforeAll(async () => {
  bench = await createBench()
  target = await bench.start('target')
})
afterAll(() => bench.close())

async function file(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(bench.directory, name)
  await writeFile(path, bytes)
  return path
}

async function folder(name: string, files: ReadonlyMap<string, Uint8Array>): Promise<string> {
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(bench.directory, name, path)), { recursive: true })
    await writeFile(join(bench.directory, name, path), bytes)
  }
  return join(bench.directory, name)
}

function importing(path: string, repository: string, name?: string) {
  const to = { id: 'target', repository, tag: 'v1' }
  return bench.transfers.importFrom({ path, to, referrers: false, mode: 'auto', name })
}

interface Manifest {
  mediaType: string
  config: { mediaType: string; digest: string }
  layers: Array<{ mediaType: string; digest: string; size: number }>
}

function stored(repository: string): Manifest {
  const bytes = target.store.manifest(repository, 'v1')?.bytes ?? new Uint8Array()
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as Manifest
}

test.each([
  ['a folder', (files: Map<string, Buffer>) => folder('layout', files)],
  ['a tar', async (files: Map<string, Buffer>) => file('layout.tar', await tarOfFiles(files))],
  ['a tar.gz', async (files: Map<string, Buffer>) => file('layout.tgz', gzipSync(await tarOfFiles(files)))],
  [
    'a tar whose names begin with ./',
    async (files: Map<string, Buffer>) =>
      file('dotted.tar', await tarOfFiles(new Map([...files].map(([name, bytes]) => [`./${name}`, bytes])))),
  ],
])('a layout as %s is imported with its digests', async (what, write) => {
  const { files, manifest, layer } = layoutFiles(Buffer.from(`layer of ${what}`))
  const repository = `layouts/${what.replaceAll(/[^a-z]+/g, '')}`
  const { result } = await finished(importing(await write(files), repository))
  expect(result).toMatchObject({ digest: manifest, blobs: { copied: 2 } })
  expect(target.store.manifest(repository, 'v1')?.digest).toBe(manifest)
  expect(target.store.blob(repository, layer)).toEqual(Buffer.from(`layer of ${what}`))
})

test('a gzipped archive leaves nothing where it was unpacked', async () => {
  const path = await file('left.tgz', gzipSync(await tarOfFiles(layoutFiles().files)))
  await finished(importing(path, 'layouts/left'))
  expect(await readdir(join(bench.directory, 'temporary'))).toEqual([])
})

test('docker save’s archive becomes an OCI manifest of its own bytes, with a digest that stays', async () => {
  const { entries, diffIds } = await dockerArchive()
  const path = await file('saved.tar', await tarOf(entries))
  const first = await finished(importing(path, 'docker/plain'))
  const again = await finished(importing(path, 'docker/again'))
  expect(again.result.digest).toBe(first.result.digest)
  const manifest = stored('docker/plain')
  expect(manifest).toMatchObject({
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json' },
  })
  // plain tars stay plain, so a layer is its own diff_id; the one that is a link is the one it leads to
  expect(manifest.layers.map(({ digest }) => digest)).toEqual(diffIds)
  expect(manifest.layers[0]?.mediaType).toBe('application/vnd.oci.image.layer.v1.tar')
  expect(first.result.blobs.copied).toBe(3)
})

test('gzipped layers stay gzipped', async () => {
  const { entries } = await dockerArchive({ gzip: true })
  await finished(importing(await file('zipped.tar', await tarOf(entries)), 'docker/gzip'))
  const { layers } = stored('docker/gzip')
  const kept = entries.find(({ name }) => name === 'two/layer.tar')?.body ?? ''
  expect(layers[1]).toEqual({
    mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
    digest: sha256(Buffer.from(kept)),
    size: Buffer.from(kept).length,
  })
})

test('where docker save wrote a layout as well, as docker 25 does, its manifest counts', async () => {
  const { files, manifest } = layoutFiles(Buffer.from('docker 25'))
  const { entries } = await dockerArchive()
  const both = [...entries, ...[...files].map(([name, body]) => ({ name, body }))]
  const { result } = await finished(importing(await file('both.tar', await tarOf(both)), 'docker/both'))
  expect(result.digest).toBe(manifest)
})

test('referrers that lie under a fallback tag, as regctl keeps them, are found and are no image to choose', async () => {
  const { files, manifest } = layoutFiles(Buffer.from('with referrers'))
  const add = (mediaType: string, content: object) => {
    const bytes = Buffer.from(JSON.stringify(content))
    files.set(`blobs/${sha256(bytes).replace(':', '/')}`, bytes)
    return { mediaType, digest: sha256(bytes), size: bytes.length }
  }
  const index = JSON.parse(String(files.get('index.json'))) as { manifests: object[] }
  const [subject] = index.manifests
  const config = add(mediaTypes.imageConfig, { signed: true })
  const signature = add(mediaTypes.ociManifest, { schemaVersion: 2, config, layers: [], subject })
  const listed = add(mediaTypes.ociIndex, { schemaVersion: 2, manifests: [signature] })
  const annotations = { 'org.opencontainers.image.ref.name': manifest.replace(':', '-') }
  index.manifests.unshift({ ...listed, annotations })
  files.set('index.json', Buffer.from(JSON.stringify(index)))
  const path = await folder('regctl', files)
  const to = { id: 'target', repository: 'layouts/regctl', tag: 'v1' }
  const transfer = bench.transfers.importFrom({ path, to, referrers: true, mode: 'auto' })
  expect((await finished(transfer)).result).toMatchObject({ digest: manifest, manifests: { copied: 2 } })
  expect(target.store.referrers('layouts/regctl', manifest).map(({ digest }) => digest)).toEqual([
    signature.digest,
  ])
})

/** What docker with containerd's image store saves: the whole index, with the platforms of `saved` alone. */
function partlySaved(saved: readonly string[]) {
  const files = new Map<string, Buffer>()
  const add = (mediaType: string, content: string, isThere = true) => {
    const bytes = Buffer.from(content)
    if (isThere) files.set(`blobs/${sha256(bytes).replace(':', '/')}`, bytes)
    return { mediaType, digest: sha256(bytes), size: bytes.length }
  }
  const configs: string[] = []
  const manifests = ['amd64', 'arm64', 's390x'].map((architecture) => {
    const isThere = saved.includes(architecture)
    const config = add(mediaTypes.imageConfig, JSON.stringify({ architecture }), isThere)
    if (isThere) configs.push(`blobs/${config.digest.replace(':', '/')}`)
    const image = {
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config,
      layers: [add(layerType, `layer of ${architecture}`, isThere)],
    }
    // the manifest itself is there wherever docker has it, whether or not its layers are
    return add(mediaTypes.ociManifest, JSON.stringify(image), isThere || architecture === 's390x')
  })
  const index = add(
    mediaTypes.ociIndex,
    JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }),
  )
  const list = configs.map((Config) => ({ Config, RepoTags: ['shop/cart:1'], Layers: [] }))
  files.set('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'))
  files.set('index.json', Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [index] })))
  files.set('manifest.json', Buffer.from(JSON.stringify(list)))
  return { files, index: index.digest, digests: manifests.map(({ digest }) => digest) }
}

test('of an index that docker saved in part, the one platform that is there is imported', async () => {
  const { files, digests } = partlySaved(['arm64'])
  const { result } = await finished(importing(await file('part.tar', await tarOfFiles(files)), 'docker/part'))
  expect(result.digest).toBe(digests[1])
})

test('of several platforms that are there one is named by its digest; all of them are the index', async () => {
  const part = partlySaved(['amd64', 'arm64'])
  const path = await file('parts.tar', await tarOfFiles(part.files))
  const failure = await failureIn(finished(importing(path, 'docker/parts')))
  expect(failure).toMatchObject({ kind: 'input-invalid', side: 'source' })
  expect(failure.message).toContain(part.digests.slice(0, 2).join(', '))
  const named = await finished(importing(path, 'docker/parts', part.digests[0]))
  expect(named.result.digest).toBe(part.digests[0])

  const all = partlySaved(['amd64', 'arm64', 's390x'])
  const whole = await finished(importing(await file('all.tar', await tarOfFiles(all.files)), 'docker/all'))
  expect(whole.result).toMatchObject({ digest: all.index, manifests: { copied: 4 } })
})

test('a layout that docker did not save is imported as a whole or not at all', async () => {
  const { files } = partlySaved(['arm64'])
  files.delete('manifest.json')
  const failure = await failureIn(finished(importing(await folder('holes', files), 'docker/holes')))
  expect(failure).toMatchObject({ kind: 'not-found', side: 'source' })
})

test('of several saved images one has to be named', async () => {
  const { entries } = await dockerArchive({ tag: 'shop/cart:1' })
  const list = JSON.parse(String(entries.find(({ name }) => name === 'manifest.json')?.body)) as object[]
  const more = [...list, { ...list[0], RepoTags: ['shop/cart:2'] }]
  const both = entries.map((entry) =>
    entry.name === 'manifest.json' ? { ...entry, body: JSON.stringify(more) } : entry,
  )
  const path = await file('two.tar', await tarOf(both))
  const failure = await failureIn(finished(importing(path, 'docker/two')))
  expect(failure).toMatchObject({ kind: 'input-invalid', side: 'source' })
  expect(failure.message).toContain('shop/cart:1, shop/cart:2')
  const { result } = await finished(importing(path, 'docker/two', 'shop/cart:2'))
  expect(result.manifests.copied).toBe(1)
})

test('a layer that is not what the config names is refused', async () => {
  const { entries } = await dockerArchive({ lie: true })
  const failure = await failureIn(
    finished(importing(await file('lie.tar', await tarOf(entries)), 'docker/lie')),
  )
  expect(failure).toMatchObject({ kind: 'digest-mismatch', side: 'source' })
  expect(target.store.tags('docker/lie')).toEqual([])
})

test('a blob or manifest that is not what its name says is refused and no tag is set', async () => {
  for (const wrong of ['layer', 'manifest'] as const) {
    const layout = layoutFiles()
    const path = `blobs/${layout[wrong].replace(':', '/')}`
    layout.files.set(path, Buffer.from('b layer'))
    const tar = await file(`wrong-${wrong}.tar`, await tarOfFiles(layout.files))
    const failure = await failureIn(finished(importing(tar, `wrong/${wrong}`)))
    expect(failure).toMatchObject({ kind: 'digest-mismatch', side: 'source' })
    expect(target.store.tags(`wrong/${wrong}`)).toEqual([])
    expect(target.store.blob(`wrong/${wrong}`, layout[wrong])).toBeUndefined()
  }
})

test('a layout that lacks a blob it names says which', async () => {
  const { files, layer } = layoutFiles()
  files.delete(`blobs/${layer.replace(':', '/')}`)
  const failure = await failureIn(finished(importing(await folder('lacks', files), 'wrong/lacks')))
  expect(failure).toMatchObject({ kind: 'archive-invalid', side: 'source' })
  expect(failure.message).toContain(layer.slice('sha256:'.length))
})

const hostile: Array<[string, Entry[], string]> = [
  ['a path that leaves the archive', [{ name: '../../etc/passwd', body: 'x' }], 'archive-invalid'],
  ['an absolute path', [{ name: '/etc/passwd', body: 'x' }], 'archive-invalid'],
  ['a symbolic link out of it', [link('symlink', '../../etc/passwd')], 'archive-invalid'],
  ['an absolute link', [link('symlink', '/etc/passwd')], 'archive-invalid'],
  ['a hard link to nothing', [link('link', 'nothing')], 'archive-invalid'],
  ['links in a circle', [link('symlink', 'b', 'a'), link('symlink', 'a', 'b')], 'archive-invalid'],
  ['a device', [{ name: 'dev', type: 'character-device', size: 0 }], 'archive-invalid'],
  ['a pipe', [{ name: 'pipe', type: 'fifo', size: 0 }], 'archive-invalid'],
  ['a file twice', [{ name: 'index.json', body: '{}' }], 'archive-invalid'],
]

function link(type: 'symlink' | 'link', linkname: string, name = 'link'): Entry {
  return { name, type, linkname, size: 0 }
}

test.each(hostile)('an archive with %s is refused before anything is sent', async (_, entries, kind) => {
  const { files } = layoutFiles()
  const bytes = await tarOf([...[...files].map(([name, body]) => ({ name, body })), ...entries])
  bench.requests.length = 0
  expect(await failureIn(finished(importing(await file('hostile.tar', bytes), 'hostile')))).toMatchObject({
    kind,
  })
  expect(bench.requests).toEqual([])
})

test.each<[string, (tar: Buffer) => Buffer]>([
  ['is cut off', (tar) => tar.subarray(0, tar.length - 2048)],
  ['has a header that was changed', (tar) => Buffer.concat([Buffer.from('X'), tar.subarray(1)])],
  ['claims a size beyond its end', (tar) => withSize(tar, '77777777777')],
  ['claims a size that is no number', (tar) => withSize(tar, '9z9z9z9z9z9')],
  ['is no tar at all', () => Buffer.from('hello '.repeat(1000))],
  ['is empty', () => Buffer.alloc(0)],
  ['is broken gzip', (tar) => gzipSync(tar).subarray(0, 200)],
  ['holds something else', (tar) => Buffer.concat([tar.subarray(tar.length - 1024)])],
])('a file that %s is refused', async (_, change) => {
  const whole = Buffer.from(await tarOfFiles(layoutFiles().files))
  const path = await file('broken.tar', change(whole))
  expect(await failureIn(finished(importing(path, 'broken')))).toMatchObject({ kind: 'archive-invalid' })
})

/** The same tar, its first header claiming `size`, with a right checksum. */
function withSize(tar: Buffer, size: string): Buffer {
  const changed = Buffer.from(tar)
  changed.write(size, 124, 'latin1')
  changed.fill(' ', 148, 156)
  const sum = changed.subarray(0, 512).reduce((total, byte) => total + byte, 0)
  changed.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return changed
}

test('a gzipped archive that unpacks to too much is refused, and nothing of it stays', async () => {
  const path = await file('bomb.tgz', gzipSync(Buffer.alloc(4 * 1024 * 1024)))
  const temporary = join(bench.directory, 'bombs')
  const opening = openLayout(path, { temporary, maxUnpacked: 1024 * 1024 })
  expect(await failureIn(opening)).toMatchObject({ kind: 'file-too-large' })
  expect(await readdir(temporary)).toEqual([])
})

test('a gzipped layer that unpacks to too much is refused', async () => {
  const { entries } = await dockerArchive({ gzip: true })
  const bomb = entries.map((entry) =>
    entry.name === 'two/layer.tar' ? { ...entry, body: gzipSync(Buffer.alloc(4 * 1024 * 1024)) } : entry,
  )
  const path = await file('layer-bomb.tar', await tarOf(bomb))
  const opened = await openLayout(path, { temporary: bench.directory, maxUnpacked: 1024 * 1024 })
  const failure = await failureIn(opened.source.resolve(undefined))
  await opened.close()
  expect(failure).toMatchObject({ kind: 'file-too-large' })
})

test.each([
  ['a file that is not there', 'nothing.tar', 'no-such-item'],
  ['a folder that is no layout', '.', 'archive-invalid'],
])('%s is refused', async (_, name, kind) => {
  const failure = await failureIn(finished(importing(join(bench.directory, name), 'nothing')))
  expect(failure).toMatchObject({ kind, phase: 'input' })
})
