import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { unpackTar } from 'modern-tar'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { EmbeddedRegistry } from '../../../electron/demo/registry.ts'
import { seed } from '../../../electron/demo/seed.ts'
import { failureIn } from '../../fakes/failure-in.ts'
import { type Bench, createBench, fill, finished, layerType } from '../copy/bench.ts'

let bench: Bench
let source: EmbeddedRegistry
let target: EmbeddedRegistry

beforeAll(async () => {
  bench = await createBench()
  source = await bench.start('source')
  target = await bench.start('target')
  await seed(source.store)
})
afterAll(() => bench.close())

function exported(repository: string, reference: string, name: string, referrers = false) {
  const from = { id: 'source', repository, reference }
  return bench.transfers.exportTo({ from, path: join(bench.directory, name), referrers })
}

function imported(name: string, repository: string, more: { name?: string; referrers?: boolean } = {}) {
  return bench.transfers.importFrom({
    path: join(bench.directory, name),
    to: { id: 'target', repository, tag: 'back' },
    referrers: more.referrers ?? false,
    mode: 'auto',
    name: more.name,
  })
}

async function indexOf(
  folder: string,
): Promise<Array<{ digest: string; annotations?: Record<string, string> }>> {
  const index = JSON.parse(await readFile(join(bench.directory, folder, 'index.json'), 'utf8')) as {
    manifests: Array<{ digest: string; annotations?: Record<string, string> }>
  }
  return index.manifests
}

test('a folder holds the layout of image-spec: marker, index with the name, blobs under their digests', async () => {
  const { result } = await finished(exported('images/checkout', 'latest', 'checkout'))
  const folder = join(bench.directory, 'checkout')
  expect(JSON.parse(await readFile(join(folder, 'oci-layout'), 'utf8'))).toEqual({
    imageLayoutVersion: '1.0.0',
  })
  expect(await indexOf('checkout')).toEqual([
    {
      mediaType: 'application/vnd.oci.image.index.v1+json',
      digest: result.digest,
      size: expect.any(Number) as number,
      annotations: {
        'org.opencontainers.image.ref.name': 'latest',
        'io.containerd.image.name': `${new URL(source.url).host}/images/checkout:latest`,
      },
    },
  ])
  const blobs = await readdir(join(folder, 'blobs', 'sha256'))
  expect(blobs).toHaveLength(9)
  for (const hex of blobs) {
    const bytes = await readFile(join(folder, 'blobs', 'sha256', hex))
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(hex)
  }
  // nothing that was on its way is left
  expect((await readdir(folder)).toSorted()).toEqual(['blobs', 'index.json', 'oci-layout'])
})

test('a layout that is there is added to, and what it has is not fetched again', async () => {
  await finished(exported('images/checkout', '1.8.0', 'both'))
  await finished(exported('images/migrate', '2026.10', 'both'))
  const names = (await indexOf('both')).map(
    ({ annotations }) => annotations?.['org.opencontainers.image.ref.name'],
  )
  expect(names).toEqual(['1.8.0', '2026.10'])
  bench.requests.length = 0
  const { result } = await finished(exported('images/checkout', '1.8.0', 'both'))
  expect(result).toMatchObject({ bytes: 0, manifests: { copied: 0, skipped: 3 } })
  expect(bench.requests.filter((request) => request.includes('/blobs/'))).toEqual([])
  expect(await indexOf('both')).toHaveLength(2)
})

test('a tag that moved is moved in the layout too; the same tag of another repository keeps its whole name', async () => {
  const { image } = fill(source, 'moving/app')
  image('before', { tag: 'edge' })
  await finished(exported('moving/app', 'edge', 'moving'))
  const after = image('after', { tag: 'edge' })
  await finished(exported('moving/app', 'edge', 'moving'))
  expect((await indexOf('moving')).map(({ digest }) => digest)).toEqual([after.digest])

  const { image: other } = fill(source, 'moving/other')
  other('other', { tag: 'edge' })
  await finished(exported('moving/other', 'edge', 'moving'))
  const host = new URL(source.url).host
  expect((await indexOf('moving')).map(({ annotations }) => annotations)).toEqual([
    { 'io.containerd.image.name': `${host}/moving/app:edge` },
    {
      'org.opencontainers.image.ref.name': 'edge',
      'io.containerd.image.name': `${host}/moving/other:edge`,
    },
  ])
})

test('a tar holds the same, is the same every time, and comes back with the same digest', async () => {
  const { result } = await finished(exported('images/checkout', 'latest', 'one.tar'))
  await finished(exported('images/checkout', 'latest', 'two.tar'))
  const bytes = await readFile(join(bench.directory, 'one.tar'))
  expect(bytes.equals(await readFile(join(bench.directory, 'two.tar')))).toBe(true)
  const entries = await unpackTar(bytes, { strict: true })
  const names = entries.map(({ header }) => header.name)
  expect(new Set(names).size).toBe(names.length)
  expect(names).toEqual(expect.arrayContaining(['oci-layout', 'index.json']))
  for (const { header, data = new Uint8Array() } of entries) {
    const [, hex] = /^blobs\/sha256\/(.+)$/.exec(header.name) ?? []
    if (hex !== undefined) expect(createHash('sha256').update(data).digest('hex')).toBe(hex)
  }
  const back = await finished(imported('one.tar', 'back/tar'))
  expect(back.result.digest).toBe(result.digest)
  expect(target.store.manifest('back/tar', 'back')).toEqual(
    source.store.manifest('images/checkout', 'latest'),
  )
})

test.each(['sbom', 'sbom.tar'])('referrers go into %s and come out of it', async (name) => {
  await finished(exported('tools/loadgen', '0.4.2', name, true))
  const { result } = await finished(imported(name, `back/${name}`, { referrers: true }))
  const [sbom] = source.store.referrers('tools/loadgen', result.digest)
  expect(sbom).toBeDefined()
  expect(target.store.referrers(`back/${name}`, result.digest)).toEqual([sbom])
})

test('what is exported by digest has no name and is found as the only one', async () => {
  const digest = source.store.manifest('charts/cart', '1.3.0')?.digest ?? ''
  await finished(exported('charts/cart', digest, 'nameless'))
  expect((await indexOf('nameless')).map(({ annotations }) => annotations)).toEqual([undefined])
  const { result } = await finished(imported('nameless', 'back/nameless'))
  expect(result.digest).toBe(digest)
})

test('of several images the one that is named is imported; without a name the failure lists them', async () => {
  await finished(exported('images/checkout', '1.9.0', 'several'))
  const { result } = await finished(exported('images/migrate', 'latest', 'several'))
  const named = await finished(imported('several', 'back/several', { name: 'latest' }))
  expect(named.result.digest).toBe(result.digest)
  const failure = await failureIn(finished(imported('several', 'back/several')))
  expect(failure).toMatchObject({ kind: 'input-invalid', side: 'source' })
  expect(failure.message).toContain('1.9.0, ')
  const unknown = await failureIn(finished(imported('several', 'back/several', { name: 'nope' })))
  expect(unknown).toMatchObject({ kind: 'not-found', side: 'source' })
})

test('a folder with other things in it is not written to', async () => {
  await mkdir(join(bench.directory, 'mine'))
  await writeFile(join(bench.directory, 'mine', 'letter.txt'), 'dear')
  const failure = await failureIn(finished(exported('images/migrate', 'latest', 'mine')))
  expect(failure).toMatchObject({ kind: 'input-invalid' })
  expect(await readdir(join(bench.directory, 'mine'))).toEqual(['letter.txt'])
})

test.each([
  ['a compressed name', 'image.tar.gz', 'input-invalid'],
  ['a folder that is not there', 'no/such/place.tar', 'internal'],
])('%s is refused and nothing is left', async (_, name, kind) => {
  expect(await failureIn(finished(exported('images/migrate', 'latest', name)))).toMatchObject({ kind })
  expect(await readdir(bench.directory)).not.toContainEqual(expect.stringMatching(/\.part$|^image/))
})

test('an export that breaks off leaves the file that was there as it was, and no half of the new one', async () => {
  const { blob, image } = fill(source, 'half/app')
  const layers = [
    blob(layerType, 'whole'),
    { ...blob(layerType, 'whole'), digest: `sha256:${'0'.repeat(64)}` },
  ]
  source.store.addBlob('half/app', layers[1]?.digest ?? '', Buffer.from('other'))
  image('half', { tag: 'v1', layers })
  await writeFile(join(bench.directory, 'half.tar'), 'before')
  const failure = await failureIn(finished(exported('half/app', 'v1', 'half.tar')))
  expect(failure).toMatchObject({ kind: 'digest-mismatch', side: 'source' })
  expect(await readFile(join(bench.directory, 'half.tar'), 'utf8')).toBe('before')

  expect(await failureIn(finished(exported('half/app', 'v1', 'half')))).toMatchObject({ side: 'source' })
  await expect(stat(join(bench.directory, 'half', 'index.json'))).rejects.toThrow('ENOENT')
  expect(await readdir(join(bench.directory, 'half', 'blobs', 'sha256'))).not.toContain('0'.repeat(64))
  const left = [...(await readdir(bench.directory)), ...(await readdir(join(bench.directory, 'half')))]
  expect(left.filter((file) => /\.part$|incoming/.test(file))).toEqual([])
})

test('a reference that is not there makes no folder', async () => {
  const failure = await failureIn(finished(exported('images/migrate', 'nope', 'unmade')))
  expect(failure).toMatchObject({ kind: 'not-found', side: 'source' })
  expect(await readdir(bench.directory)).not.toContain('unmade')
})

test('an export that is cancelled leaves nothing behind', async () => {
  const transfer = exported('images/checkout', 'latest', 'cancelled.tar')
  await transfer.next()
  await transfer.return(undefined as never)
  expect((await readdir(bench.directory)).filter((file) => file.startsWith('cancelled'))).toEqual([])
  expect(bench.transfers.running()).toBe(0)
})
