import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../../../electron/demo/registry.ts'
import { type BlobSource, blobOfBytes } from '../../../electron/oci/upload/blob-source.ts'
import { createUploadMemory, type UploadMemory } from '../../../electron/oci/upload/memory.ts'
import { uploadBlob } from '../../../electron/oci/upload/upload.ts'
import type { Learned } from '../../../shared/model/upload.ts'
import { failureIn } from '../../fakes/failure-in.ts'
import { type FaultProxy, type Seen, type Stroke } from '../../fakes/fault-proxy.ts'
import { bareAnswer, vsphere } from '../../fakes/faults.ts'
import { fromRegistry, html, isBody, isPatch, openUploadLab, type UploadLab } from './upload-lab.ts'

/** More than `auto` reads into memory. */
const large = 33 * 1024 * 1024
const isPut = ({ method, headers }: Seen) => method === 'PUT' && headers['content-length'] !== '0'
let registry: EmbeddedRegistry
let lab: UploadLab
let proxy: FaultProxy
let directory: string
let memory: UploadMemory
let count = 0

beforeAll(async () => {
  registry = await startEmbeddedRegistry()
  lab = await openUploadLab(registry.url)
  ;({ proxy } = lab)
  directory = await mkdtemp(join(tmpdir(), 'chartroom-auto-'))
})
afterAll(async () => {
  await lab.stop()
  await registry.stop()
  await rm(directory, { recursive: true })
})
beforeEach(async () => {
  lab.reset()
  memory = createUploadMemory({ directory, clock: { now: Date.now } })
  await memory.forget(proxy.url)
})

/** A blob no other test sent. */
function blobOf(size: number): BlobSource {
  count += 1
  return blobOfBytes(Buffer.alloc(size, `blob ${count} `))
}
const known = (): Promise<Learned | undefined> => memory.recall(proxy.url)
const bodies = () =>
  proxy.seen.filter(isBody).map(({ method, headers }) => {
    const range = headers['content-range']
    return range === undefined ? method : `${method} ${range}`
  })

describe('where auto begins', () => {
  it.each([
    ['from memory up to 32 MiB', 300_000, 'buffered'],
    ['as a stream above', large, 'streamed-put'],
  ] as const)('%s, which teaches nothing', async (_what, size, strategy) => {
    const result = await uploadBlob(lab.job({ memory, blob: blobOf(size) }))
    expect(result).toMatchObject({ strategy, reasons: [] })
    expect(await known()).toBeUndefined()
  })

  it('never in memory what is larger than may be', async () => {
    const job = lab.job({ memory, blob: blobOf(300_000), limits: { bufferBytes: 1000 } })
    expect(await uploadBlob(job)).toMatchObject({ strategy: 'streamed-put' })
  })
})

describe('auto goes on to another shape', () => {
  it.each([
    ['a bare 400', { does: bareAnswer('400 Bad Request') }, 'body-refused'],
    ['HTML 411', html(411), 'length-required'],
    ['HTML 502, twice', html(502), 'gateway-fault'],
    ['a reset, twice', { does: 'reset', afterBytes: 65_536 }, 'connection-lost'],
    ['500 by the registry, twice', fromRegistry(500, 'UNKNOWN'), 'server-fault'],
  ] as Array<[string, Stroke, string]>)('after %s, in a session of its own', async (_what, fault, kind) => {
    proxy.fault = (seen) => (isPut(seen) ? fault : undefined)
    const job = lab.job({ memory })
    const { strategy, reasons } = await uploadBlob(job)
    expect(strategy).toBe('streamed-patch')
    expect(reasons).toMatchObject([{ strategy: 'buffered', kind, bytes: 300_000 }])
    const { events } = job
    expect(events.filter(({ type }) => type === 'fallback')).toMatchObject([
      { from: 'buffered', to: 'streamed-patch' },
    ])
    const sessions = proxy.seen.filter(({ method }) => method === 'POST').length
    expect(sessions).toBe(proxy.seen.filter(isBody).length)
    expect(await lab.stored(job.blob.digest)).toEqual({ size: 300_000 })
  })

  it('chunks alone after 413, and in chunks that nginx lets through where those are too large too', async () => {
    const mebibyte = 1024 * 1024
    proxy.fault = ({ headers }) => (Number(headers['content-length']) > mebibyte ? html(413) : undefined)
    const job = lab.job({ memory, blob: blobOf(2_500_000) })
    const { strategy, reasons } = await uploadBlob(job)
    expect(strategy).toBe('chunked')
    expect(reasons).toMatchObject([{ strategy: 'buffered', kind: 'too-large', answeredBy: 'proxy' }])
    expect(bodies()).toEqual([
      'PUT',
      'PATCH 0-2499999',
      'PATCH 0-1048575',
      'PATCH 1048576-2097151',
      'PATCH 2097152-2499999',
    ])
    expect(await lab.stored(job.blob.digest)).toEqual({ size: 2_500_000 })
  })

  it('without PATCH where PATCH is blocked', async () => {
    await memory.learn(proxy.url, {
      strategy: 'streamed-patch',
      refused: [{ strategy: 'buffered', kind: 'body-refused', answeredBy: 'proxy', bytes: 1, at: 1 }],
    })
    proxy.fault = (seen) => (isPatch(seen) ? html(405) : undefined)
    const { strategy, reasons } = await uploadBlob(lab.job({ memory }))
    expect(strategy).toBe('buffered')
    expect(reasons).toMatchObject([{ strategy: 'streamed-patch', kind: 'method-blocked' }])
  })

  it('until none is left, and says to look at the way', async () => {
    proxy.fault = (seen) => (isBody(seen) ? html(400) : undefined)
    const failure = await failureIn(uploadBlob(lab.job({ memory })))
    expect(failure).toMatchObject({ kind: 'body-refused', answeredBy: 'proxy' })
    expect(failure.next).toEqual(['check-path', 'ask-proxy-admin'])
    expect(bodies()).toEqual(['PUT', 'PATCH', 'PATCH 0-299999'])
    expect(await known()).toBeUndefined()
  })
})

describe('auto stays with its shape', () => {
  it.each([
    ['401 by the registry', fromRegistry(401, 'UNAUTHORIZED')],
    ['403 by the registry', fromRegistry(403, 'DENIED')],
    ['403 by a proxy', html(403)],
    ['409 by the registry', fromRegistry(409, 'DENIED')],
    ['412 by a proxy', html(412)],
    ['a digest the registry refuses', fromRegistry(400, 'DIGEST_INVALID')],
    ['MANIFEST_INVALID', fromRegistry(400, 'MANIFEST_INVALID')],
    ['503 by the registry', fromRegistry(503, 'UNAVAILABLE')],
  ])('after %s', async (_what, fault) => {
    proxy.fault = (seen) => (isBody(seen) ? fault : undefined)
    const job = lab.job({ memory })
    await failureIn(uploadBlob(job))
    expect(job.events.some(({ type }) => type === 'fallback')).toBe(false)
    expect(proxy.seen.some(isPatch)).toBe(false)
    expect(await known()).toBeUndefined()
    expect(await lab.stored(job.blob.digest)).toBeUndefined()
  })

  it('when the bytes are not what their digest says', async () => {
    const blob = { ...blobOf(10), digest: blobOf(20).digest }
    const failure = await failureIn(uploadBlob(lab.job({ memory, blob })))
    expect(failure).toMatchObject({ kind: 'digest-refused', answeredBy: 'registry' })
    expect(bodies()).toEqual(['PUT'])
  })

  it('when the session itself is refused', async () => {
    proxy.fault = ({ method }) => (method === 'POST' ? html(405) : undefined)
    const failure = await failureIn(uploadBlob(lab.job({ memory })))
    expect(failure).toMatchObject({ kind: 'method-blocked', phase: 'upload-session', answeredBy: 'proxy' })
    expect(bodies()).toEqual([])
  })
})

describe('what auto remembers', () => {
  it('a refusal and what passed after it: the next upload begins there', async () => {
    proxy.fault = (seen) => (isPut(seen) ? html(400) : undefined)
    await uploadBlob(lab.job({ memory }))
    expect(await known()).toMatchObject({
      strategy: 'streamed-patch',
      refused: [
        { strategy: 'buffered', kind: 'body-refused', answeredBy: 'proxy', status: 400, bytes: 300_000 },
      ],
    })
    lab.reset()
    const { strategy, reasons } = await uploadBlob(lab.job({ memory, blob: blobOf(10) }))
    expect({ strategy, reasons }).toEqual({ strategy: 'streamed-patch', reasons: [] })
    expect(bodies()).toEqual(['PATCH'])
  })

  it('a limit of size for blobs of that size alone', async () => {
    proxy.fault = (seen) => (isPut(seen) && seen.path.includes('digest') ? html(413) : undefined)
    await uploadBlob(lab.job({ memory }))
    expect(await known()).toMatchObject({ strategy: 'chunked' })
    lab.reset()
    expect(await uploadBlob(lab.job({ memory, blob: blobOf(299_999) }))).toMatchObject({
      strategy: 'buffered',
    })
    expect(await uploadBlob(lab.job({ memory, blob: blobOf(300_001) }))).toMatchObject({
      strategy: 'chunked',
    })
  })

  it('nothing after an accident that did not happen again', async () => {
    let strikes = 0
    proxy.fault = (seen) => (isPut(seen) && (strikes += 1) === 1 ? { does: 'reset' } : undefined)
    expect(await uploadBlob(lab.job({ memory }))).toMatchObject({ strategy: 'buffered', reasons: [] })
    expect(strikes).toBe(2)
    expect(await known()).toBeUndefined()
  })

  it('the new way where the old one does not pass any more', async () => {
    proxy.fault = (seen) => (isPut(seen) ? html(400) : undefined)
    await uploadBlob(lab.job({ memory }))
    proxy.inflict(vsphere)
    expect(await uploadBlob(lab.job({ memory }))).toMatchObject({ strategy: 'buffered' })
    expect(await known()).toMatchObject({
      strategy: 'buffered',
      refused: [{ strategy: 'streamed-patch' }, { strategy: 'chunked' }],
    })
  })

  it('nothing any more where nothing passes', async () => {
    proxy.fault = (seen) => (isPut(seen) ? html(400) : undefined)
    await uploadBlob(lab.job({ memory }))
    proxy.fault = (seen) => (isBody(seen) ? html(400) : undefined)
    await failureIn(uploadBlob(lab.job({ memory })))
    expect(await known()).toBeUndefined()
  })

  it('what it did where the registry only wants to know who asks', async () => {
    proxy.fault = (seen) => (isPut(seen) ? html(400) : undefined)
    await uploadBlob(lab.job({ memory }))
    proxy.fault = (seen) => (isPatch(seen) ? fromRegistry(403, 'DENIED') : undefined)
    await failureIn(uploadBlob(lab.job({ memory })))
    expect(await known()).toMatchObject({ strategy: 'streamed-patch' })
  })

  it('each route by itself', async () => {
    proxy.fault = (seen) => (isPut(seen) ? html(400) : undefined)
    await uploadBlob(lab.job({ memory, route: 'relay' }))
    expect(await known()).toBeUndefined()
    expect(await memory.recall(proxy.url, 'relay')).toMatchObject({ strategy: 'streamed-patch' })
  })

  it('nothing of a shape the user chose, which is used whatever is known', async () => {
    proxy.fault = (seen) => (isPut(seen) ? html(400) : undefined)
    await uploadBlob(lab.job({ memory }))
    const before = await known()
    lab.reset()
    expect(await uploadBlob(lab.job({ memory, mode: 'buffered' }))).toMatchObject({ strategy: 'buffered' })
    expect(await known()).toEqual(before)
  })

  it('or the upload passes all the same where it cannot be read', async () => {
    const broken = { ...memory, recall: () => Promise.reject(new Error('permission denied')) }
    expect(await uploadBlob(lab.job({ memory: broken }))).toMatchObject({ strategy: 'buffered' })
  })

  it('or the upload passes all the same where it cannot be kept', async () => {
    proxy.fault = (seen) => (isPut(seen) ? html(400) : undefined)
    const broken = { ...memory, learn: () => Promise.reject(new Error('no space left on device')) }
    expect(await uploadBlob(lab.job({ memory: broken }))).toMatchObject({ strategy: 'streamed-patch' })
  })
})
