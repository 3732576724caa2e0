import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startEmbeddedRegistry, type EmbeddedRegistry } from '../../electron/demo/registry.ts'
import { mediaTypes } from '../../shared/model/media-types.ts'

let registry: EmbeddedRegistry
beforeEach(async () => {
  registry = await startEmbeddedRegistry({ limits: { maxBytes: 1_000_000, maxItems: 60 } })
})
afterEach(() => registry.stop())

const sha256 = (bytes: string | Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
const ask = (path: string, init?: RequestInit) => fetch(new URL(path, registry.url), init)
const codeOf = async (response: Response) => {
  const body = (await response.json()) as { errors: { code: string; message: string }[] }
  return body.errors[0]?.code
}
const locationOf = (response: Response) => response.headers.get('location') ?? ''

async function pushBlob(repository: string, text: string): Promise<string> {
  const digest = sha256(text)
  const response = await ask(`/v2/${repository}/blobs/uploads/?digest=${digest}`, {
    method: 'POST',
    body: text,
    headers: { 'Content-Type': 'application/octet-stream' },
  })
  expect(response.status).toBe(201)
  return digest
}

async function pushManifest(repository: string, reference: string, more: object = {}): Promise<string> {
  const config = '{}'
  const digest = await pushBlob(repository, config)
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: mediaTypes.imageConfig, digest, size: config.length },
    layers: [],
    ...more,
  })
  const name = reference === '' ? sha256(manifest) : reference
  const response = await ask(`/v2/${repository}/manifests/${name}`, {
    method: 'PUT',
    body: manifest,
    headers: { 'Content-Type': mediaTypes.ociManifest },
  })
  expect(response.status).toBe(201)
  expect(response.headers.get('docker-content-digest')).toBe(sha256(manifest))
  return sha256(manifest)
}

test('says that it is a registry, and answers what it does not know in the form of the spec', async () => {
  const ping = await ask('/v2/')
  expect(ping.status).toBe(200)
  expect(ping.headers.get('docker-distribution-api-version')).toBe('registry/2.0')
  const astray = await ask('/elsewhere')
  expect([astray.status, await codeOf(astray)]).toEqual([404, 'UNSUPPORTED'])
  const method = await ask('/v2/a/tags/list', { method: 'DELETE' })
  expect([method.status, method.headers.get('allow'), await codeOf(method)]).toEqual([
    405,
    'GET',
    'UNSUPPORTED',
  ])
  const name = await ask('/v2/UPPER/tags/list')
  expect([name.status, await codeOf(name)]).toEqual([400, 'NAME_INVALID'])
  const escape = await ask('/v2/%zz/tags/list')
  expect([escape.status, await codeOf(escape)]).toEqual([400, 'NAME_INVALID'])
})

describe('uploads', () => {
  test('in one request, and read back whole, in part and as a head', async () => {
    const digest = await pushBlob('a/b', '0123456789')
    const blob = await ask(`/v2/a/b/blobs/${digest}`)
    expect([blob.status, await blob.text()]).toEqual([200, '0123456789'])
    const head = await ask(`/v2/a/b/blobs/${digest}`, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '10'])
    for (const [range, text, place] of [
      ['bytes=2-4', '234', 'bytes 2-4/10'],
      ['bytes=7-', '789', 'bytes 7-9/10'],
      ['bytes=-2', '89', 'bytes 8-9/10'],
      ['bytes=8-99', '89', 'bytes 8-9/10'],
    ] as const) {
      const part = await ask(`/v2/a/b/blobs/${digest}`, { headers: { Range: range } })
      expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([206, text, place])
    }
    const beyond = await ask(`/v2/a/b/blobs/${digest}`, { headers: { Range: 'bytes=10-' } })
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */10'])
  })

  test('as a session: a streamed PATCH and a PUT', async () => {
    const start = await ask('/v2/a/blobs/uploads/', { method: 'POST' })
    expect(start.status).toBe(202)
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('hello '))
        controller.enqueue(new TextEncoder().encode('stream'))
        controller.close()
      },
    })
    const patch = await ask(locationOf(start), { method: 'PATCH', body, duplex: 'half' } as RequestInit)
    expect([patch.status, patch.headers.get('range')]).toEqual([202, '0-11'])
    const digest = sha256('hello stream')
    const put = await ask(`${locationOf(patch)}?digest=${digest}`, { method: 'PUT' })
    expect([put.status, locationOf(put)]).toEqual([201, `/v2/a/blobs/${digest}`])
    expect(await (await ask(locationOf(put))).text()).toBe('hello stream')
    // the session is over
    expect((await ask(locationOf(start))).status).toBe(404)
  })

  test('in chunks, each of which must continue the one before', async () => {
    const start = await ask('/v2/a/blobs/uploads/', { method: 'POST' })
    const chunk = (text: string, range: string) =>
      ask(locationOf(start), { method: 'PATCH', body: text, headers: { 'Content-Range': range } })
    expect((await chunk('abcd', '0-3')).status).toBe(202)
    for (const [text, range] of [
      ['efgh', '5-8'],
      ['abcd', '0-3'],
      ['efgh', '4-9'],
      ['efgh', 'bytes 4-7'],
    ] as const) {
      const refused = await chunk(text, range)
      expect([refused.status, refused.headers.get('range')]).toEqual([416, '0-3'])
    }
    const status = await ask(locationOf(start))
    expect([status.status, status.headers.get('range')]).toEqual([204, '0-3'])
    const digest = sha256('abcdefgh')
    const put = await ask(`${locationOf(start)}?digest=${digest}`, {
      method: 'PUT',
      body: 'efgh',
      headers: { 'Content-Range': '4-7' },
    })
    expect(put.status).toBe(201)
  })

  test('are refused when the digest is another, and can be called off', async () => {
    const wrong = await ask(`/v2/a/blobs/uploads/?digest=${sha256('other')}`, {
      method: 'POST',
      body: 'this',
    })
    expect([wrong.status, await codeOf(wrong)]).toEqual([400, 'DIGEST_INVALID'])
    const nonsense = await ask('/v2/a/blobs/uploads/?digest=md5:0', { method: 'POST', body: 'this' })
    expect([nonsense.status, await codeOf(nonsense)]).toEqual([400, 'DIGEST_INVALID'])
    const start = await ask('/v2/a/blobs/uploads/', { method: 'POST' })
    expect((await ask(locationOf(start), { method: 'DELETE' })).status).toBe(204)
    const late = await ask(locationOf(start), { method: 'PATCH', body: 'x' })
    expect([late.status, await codeOf(late)]).toEqual([404, 'BLOB_UPLOAD_UNKNOWN'])
  })

  test('are spared where another repository has the blob', async () => {
    const digest = await pushBlob('from', 'shared')
    const mount = await ask(`/v2/to/blobs/uploads/?mount=${digest}&from=from`, { method: 'POST' })
    expect([mount.status, locationOf(mount)]).toEqual([201, `/v2/to/blobs/${digest}`])
    const nothing = await ask(`/v2/to/blobs/uploads/?mount=${sha256('unknown')}&from=from`, {
      method: 'POST',
    })
    expect(nothing.status).toBe(202)
    // what one repository deletes stays with the other
    expect((await ask(`/v2/from/blobs/${digest}`, { method: 'DELETE' })).status).toBe(202)
    expect((await ask(`/v2/from/blobs/${digest}`)).status).toBe(404)
    expect(await (await ask(`/v2/to/blobs/${digest}`)).text()).toBe('shared')
  })

  test('that do not fit are refused and leave what is stored alone', async () => {
    const digest = await pushBlob('a', 'kept')
    const large = 'x'.repeat(999_999)
    const full = await ask(`/v2/a/blobs/uploads/?digest=${sha256(large)}`, { method: 'POST', body: large })
    expect([full.status, await codeOf(full)]).toEqual([413, 'SIZE_INVALID'])
    const longer = `${large}yz`
    const over = await ask(`/v2/a/blobs/uploads/?digest=${sha256(longer)}`, { method: 'POST', body: longer })
    expect(over.status).toBe(413)
    expect(await (await ask(`/v2/a/blobs/${digest}`)).text()).toBe('kept')
  })

  test('whose sender goes away take nothing', async () => {
    const start = await ask('/v2/a/blobs/uploads/', { method: 'POST' })
    await new Promise<void>((resolve) => {
      const half = request(new URL(locationOf(start), registry.url), {
        method: 'PATCH',
        headers: { 'Content-Length': 100 },
      })
      half.once('error', () => resolve())
      half.write('only this', () => half.destroy(new Error('gone')))
    })
    const status = await ask(locationOf(start))
    expect([status.status, status.headers.get('range')]).toEqual([204, '0-0'])
  })
})

describe('manifests', () => {
  test('are put by tag and by digest, read by both, and deleted', async () => {
    const digest = await pushManifest('a', '1.0')
    expect(await pushManifest('a', '', {})).toBe(digest)
    const byTag = await ask('/v2/a/manifests/1.0')
    expect([
      byTag.status,
      byTag.headers.get('content-type'),
      byTag.headers.get('docker-content-digest'),
    ]).toEqual([200, mediaTypes.ociManifest, digest])
    expect(sha256(await byTag.text())).toBe(digest)
    expect((await ask(`/v2/a/manifests/${digest}`, { method: 'HEAD' })).status).toBe(200)
    await pushManifest('a', '1.1')
    expect((await ask('/v2/a/manifests/1.0', { method: 'DELETE' })).status).toBe(202)
    expect((await ask('/v2/a/manifests/1.0')).status).toBe(404)
    expect((await ask(`/v2/a/manifests/${digest}`, { method: 'DELETE' })).status).toBe(202)
    const gone = await ask('/v2/a/manifests/1.1')
    expect([gone.status, await codeOf(gone)]).toEqual([404, 'MANIFEST_UNKNOWN'])
    expect((await ask('/v2/a/manifests/1.1', { method: 'DELETE' })).status).toBe(404)
    expect((await ask('/v2/a/manifests/.no-tag')).status).toBe(404)
  })

  test.each([
    ['no JSON', '1', 'nonsense', mediaTypes.ociManifest, 'MANIFEST_INVALID'],
    ['another shape', '1', '{"schemaVersion":2}', mediaTypes.ociManifest, 'MANIFEST_INVALID'],
    [
      'another media type than it says',
      '1',
      `{"schemaVersion":2,"mediaType":"${mediaTypes.ociIndex}","manifests":[]}`,
      mediaTypes.ociManifest,
      'MANIFEST_INVALID',
    ],
    [
      'a blob that is not there',
      '1',
      JSON.stringify({
        schemaVersion: 2,
        config: { mediaType: mediaTypes.imageConfig, digest: sha256('absent'), size: 6 },
        layers: [],
      }),
      mediaTypes.ociManifest,
      'MANIFEST_BLOB_UNKNOWN',
    ],
    ['another digest', sha256('other'), '{}', mediaTypes.ociIndex, 'DIGEST_INVALID'],
    ['no tag', '-bad-', '{}', mediaTypes.ociIndex, 'TAG_INVALID'],
  ])('with %s are refused', async (_, reference, body, type, code) => {
    const response = await ask(`/v2/a/manifests/${reference}`, {
      method: 'PUT',
      body,
      headers: { 'Content-Type': type },
    })
    expect([response.status, await codeOf(response)]).toEqual([400, code])
  })

  test('may name layers that nobody may distribute, and those need not be there', async () => {
    const config = await pushBlob('a', '{}')
    const layer = { digest: sha256('elsewhere'), size: 9 }
    for (const mediaType of [
      'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
      'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
    ]) {
      const response = await ask('/v2/a/manifests/windows', {
        method: 'PUT',
        body: JSON.stringify({
          schemaVersion: 2,
          config: { mediaType: mediaTypes.imageConfig, digest: config, size: 2 },
          layers: [{ mediaType, ...layer }],
        }),
        headers: { 'Content-Type': mediaTypes.ociManifest },
      })
      expect(response.status).toBe(201)
    }
  })

  test('are found by what they refer to', async () => {
    const subject = { mediaType: mediaTypes.ociManifest, digest: sha256('not there yet'), size: 13 }
    const put = await pushManifest('a', '', { subject, artifactType: 'application/spdx+json' })
    await pushManifest('a', '', { subject, annotations: { 'example.note': 'signed' } })
    const all = await ask(`/v2/a/referrers/${subject.digest}`)
    expect([all.status, all.headers.get('content-type')]).toEqual([200, mediaTypes.ociIndex])
    const { manifests } = (await all.json()) as {
      manifests: { artifactType: string; annotations?: object }[]
    }
    expect(manifests.map(({ artifactType }) => artifactType)).toEqual([
      'application/spdx+json',
      mediaTypes.imageConfig,
    ])
    expect(manifests[1]?.annotations).toEqual({ 'example.note': 'signed' })
    const some = await ask(`/v2/a/referrers/${subject.digest}?artifactType=application%2Fspdx%2Bjson`)
    expect(some.headers.get('oci-filters-applied')).toBe('artifactType')
    expect(await some.json()).toMatchObject({ manifests: [{ digest: put }] })
    expect(await (await ask(`/v2/none/referrers/${subject.digest}`)).json()).toMatchObject({ manifests: [] })
    expect((await ask('/v2/a/referrers/latest')).status).toBe(400)
  })

  test('with a subject are acknowledged as such', async () => {
    const config = await pushBlob('a', '{}')
    const subject = { mediaType: mediaTypes.ociManifest, digest: sha256('s'), size: 1 }
    const response = await ask('/v2/a/manifests/signature', {
      method: 'PUT',
      body: JSON.stringify({
        schemaVersion: 2,
        config: { mediaType: mediaTypes.imageConfig, digest: config, size: 2 },
        layers: [],
        subject,
      }),
      headers: { 'Content-Type': mediaTypes.ociManifest },
    })
    expect([response.status, response.headers.get('oci-subject')]).toEqual([201, subject.digest])
  })

  test('longer than 4 MiB are refused', async () => {
    const response = await ask('/v2/a/manifests/1', { method: 'PUT', body: 'x'.repeat(4 * 1024 * 1024 + 1) })
    expect([response.status, await codeOf(response)]).toEqual([413, 'SIZE_INVALID'])
  })
})

describe('listing', () => {
  /** Follows Link to the end. */
  async function walk(path: string): Promise<{ pages: string[][]; links: string[] }> {
    const pages: string[][] = []
    const links: string[] = []
    let next: string | undefined = path
    while (next !== undefined) {
      const response: Response = await ask(next)
      expect(response.status).toBe(200)
      const body = (await response.json()) as { repositories?: string[]; tags?: string[] }
      pages.push(body.repositories ?? body.tags ?? [])
      next = /^<([^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1]
      if (next !== undefined) links.push(next)
    }
    return { pages, links }
  }

  test('comes in pages whose links lead to the end', async () => {
    for (const tag of ['b', 'a', 'C', '1.0', 'a-1']) await pushManifest('z', tag)
    await pushManifest('m/n', 'x')
    expect((await walk('/v2/z/tags/list')).pages).toEqual([['1.0', 'C', 'a', 'a-1', 'b']])
    const tags = await walk('/v2/z/tags/list?n=2')
    expect(tags.pages).toEqual([['1.0', 'C'], ['a', 'a-1'], ['b']])
    expect(tags.links[0]).toBe('/v2/z/tags/list?n=2&last=C')
    expect((await walk('/v2/z/tags/list?n=9&last=B')).pages).toEqual([['C', 'a', 'a-1', 'b']])
    expect((await walk('/v2/z/tags/list?n=0')).pages).toEqual([[]])
    expect((await walk('/v2/_catalog?n=1')).pages).toEqual([['m/n'], ['z']])
  })

  test('refuses a page size that is none, and a repository it does not have', async () => {
    const size = await ask('/v2/_catalog?n=-1')
    expect([size.status, await codeOf(size)]).toEqual([400, 'PAGINATION_NUMBER_INVALID'])
    const name = await ask('/v2/nowhere/tags/list')
    expect([name.status, await codeOf(name)]).toEqual([404, 'NAME_UNKNOWN'])
  })

  test('stays bounded: one item too many is refused', async () => {
    for (let number = 0; number < 58; number += 1) await pushManifest('many', `t${number}`)
    const response = await ask(`/v2/many/blobs/uploads/?digest=${sha256('more')}`, {
      method: 'POST',
      body: 'more',
    })
    expect([response.status, await codeOf(response)]).toEqual([413, 'DENIED'])
  })
})
