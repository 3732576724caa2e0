import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startEmbeddedRegistry } from '../../../electron/demo/registry.ts'
import { blobOfBytes, blobOfFile } from '../../../electron/oci/upload/blob-source.ts'
import { uploadBlob } from '../../../electron/oci/upload/upload.ts'
import { strategySchema } from '../../../shared/model/upload.ts'
import { failureIn } from '../../fakes/failure-in.ts'
import { type FaultProxy, startFaultProxy, type Stroke } from '../../fakes/fault-proxy.ts'
import { vsphere } from '../../fakes/faults.ts'
import { type DockerRegistry, startDockerRegistry } from '../../lab/docker-registry.ts'
import {
  fromRegistry,
  html,
  isBody,
  isPatch,
  openUploadLab,
  reply,
  repository,
  type UploadLab,
} from './upload-lab.ts'

const credential = { username: 'captain', password: 'secret' }
const every = strategySchema.options
let registry: DockerRegistry
let lab: UploadLab
let proxy: FaultProxy

beforeAll(async () => {
  registry = await startDockerRegistry({ htpasswd: credential })
  lab = await openUploadLab(registry.url, credential)
  ;({ proxy } = lab)
})
afterAll(async () => {
  await lab.stop()
  await registry.stop()
})
beforeEach(() => lab.reset())

describe('the shapes on the wire', () => {
  it('buffered is POST and one PUT with its length and digest', async () => {
    const job = lab.job({ mode: 'buffered' })
    expect(await uploadBlob(job)).toEqual({
      strategy: 'buffered',
      existed: false,
      mounted: false,
      reasons: [],
    })
    expect(lab.wire()).toEqual(['POST 0', 'PUT 300000'])
    const put = new URL(proxy.seen.at(-1)?.path ?? '', proxy.url)
    expect(put.searchParams.get('digest')).toBe(job.blob.digest)
    expect(put.searchParams.has('_state')).toBe(true)
    expect(job.events.at(-1)).toEqual({ type: 'sent', bytes: 300_000 })
    expect(await lab.stored(job.blob.digest)).toEqual({ size: 300_000 })
  })

  it('streamed-put is the same with a body that is read as it leaves', async () => {
    const blob = blobOfBytes(randomBytes(300_000))
    const job = lab.job({
      mode: 'streamed-put',
      blob: { ...blob, read: () => Promise.reject(new Error('read into memory')) },
    })
    expect(await uploadBlob(job)).toMatchObject({ strategy: 'streamed-put' })
    expect(lab.wire()).toEqual(['POST 0', 'PUT 300000'])
    expect(await lab.stored(blob.digest)).toEqual({ size: 300_000 })
  })

  it.each(['streamed', 'streamed-patch'] as const)(
    '%s is POST, one PATCH without Content-Range, and an empty PUT',
    async (mode) => {
      const job = lab.job({ mode })
      expect(await uploadBlob(job)).toMatchObject({ strategy: 'streamed-patch' })
      expect(lab.wire()).toEqual(['POST 0', 'PATCH 300000', 'PUT 0'])
      const patch = proxy.seen.find(isPatch)
      expect(patch?.headers).toMatchObject({ 'content-type': 'application/octet-stream' })
      expect(patch?.headers).not.toHaveProperty('content-range')
      expect(job.events.flatMap((event) => (event.type === 'step' ? [event.step] : []))).toEqual([
        'session',
        'body',
        'commit',
      ])
      expect(await lab.stored(job.blob.digest)).toEqual({ size: 300_000 })
    },
  )

  it('streamed-patch can go without a length, as docker sends it', async () => {
    const job = lab.job({ mode: 'streamed-patch', framing: 'chunked' })
    await uploadBlob(job)
    expect(lab.wire()).toEqual(['POST 0', 'PATCH chunked', 'PUT 0'])
    expect(await lab.stored(job.blob.digest)).toEqual({ size: 300_000 })
  })

  it('chunked is POST, PATCHes that name their place, an empty PUT, and a HEAD', async () => {
    const job = lab.job({ mode: 'chunked', limits: { chunkBytes: 131_072 } })
    await uploadBlob(job)
    expect(lab.wire()).toEqual(['POST 0', 'PATCH 131072', 'PATCH 131072', 'PATCH 37856', 'PUT 0'])
    expect(proxy.seen.filter(isPatch).map(({ headers }) => headers['content-range'])).toEqual([
      '0-131071',
      '131072-262143',
      '262144-299999',
    ])
    expect(proxy.seen.at(-1)?.method).toBe('HEAD')
    expect(job.events.at(-2)).toEqual({ type: 'sent', bytes: 300_000 })
    expect(await lab.stored(job.blob.digest)).toEqual({ size: 300_000 })
  })

  it.each(every.flatMap((mode) => [0, 1].map((size) => [mode, size] as const)))(
    '%s carries a blob of %i bytes',
    async (mode, size) => {
      const job = lab.job({ mode, repository: `tiny/${mode}`, blob: blobOfBytes(randomBytes(size)) })
      await uploadBlob(job)
      expect(await lab.client.headBlob(`tiny/${mode}`, job.blob.digest)).toEqual({ size })
    },
  )

  it.each(every)('%s carries a blob named by its sha512', async (mode) => {
    const job = lab.job({ mode, blob: blobOfBytes(randomBytes(200_000), 'sha512:') })
    await uploadBlob(job)
    expect(job.blob.digest).toMatch(/^sha512:/)
    expect(await lab.stored(job.blob.digest)).toEqual({ size: 200_000 })
  })
})

describe('what need not be sent', () => {
  it('a blob that is there is found by one HEAD', async () => {
    const job = lab.job()
    await uploadBlob(job)
    lab.reset()
    expect(await uploadBlob(job)).toEqual({ existed: true, mounted: false, reasons: [] })
    expect(proxy.seen.map(({ method }) => method)).toEqual(['HEAD'])
  })

  it('one that is there in another size is sent again', async () => {
    const job = lab.job()
    await uploadBlob(job)
    proxy.rewrite = ({ headers }, { method }) => {
      if (method === 'HEAD') headers['content-length'] = '7'
    }
    expect(await uploadBlob(job)).toMatchObject({ existed: false, strategy: 'buffered' })
  })

  it('one of another repository is mounted', async () => {
    const job = lab.job()
    await uploadBlob(job)
    lab.reset()
    const result = await uploadBlob({ ...job, repository: 'charts/other', mountFrom: repository })
    expect(result).toEqual({ existed: false, mounted: true, reasons: [] })
    expect(proxy.seen.map(({ method }) => method)).toEqual(['HEAD', 'POST'])
    expect(await lab.client.headBlob('charts/other', job.blob.digest)).toEqual({ size: 300_000 })
  })

  it('the session a registry opens instead of a mount is used', async () => {
    const job = lab.job({ mountFrom: 'charts/nothing', mode: 'buffered' })
    expect(await uploadBlob(job)).toMatchObject({ mounted: false, strategy: 'buffered' })
    expect(lab.wire()).toEqual(['POST 0', 'PUT 300000'])
  })

  it('a mount that is refused costs nothing but itself', async () => {
    proxy.fault = ({ path }) => (path.includes('mount=') ? html(403) : undefined)
    const job = lab.job({ mountFrom: 'charts/nothing', mode: 'buffered' })
    expect(await uploadBlob(job)).toMatchObject({ mounted: false, strategy: 'buffered' })
    expect(lab.wire()).toEqual(['POST 0', 'POST 0', 'PUT 300000'])
  })
})

describe('Location', () => {
  it.each(every)('may be relative (%s)', async (mode) => {
    proxy.rewrite = ({ headers }) => {
      const { location } = headers
      if (location !== undefined) headers.location = location.slice(new URL(location).origin.length)
    }
    const job = lab.job({ mode })
    await uploadBlob(job)
    expect(await lab.stored(job.blob.digest)).toBeDefined()
  })

  it('that leads to another host gets the bytes and no Authorization', async () => {
    const storage = await startFaultProxy(registry.url)
    storage.fault = () => reply(201)
    proxy.rewrite = ({ headers }) => {
      if (headers.location !== undefined) headers.location = headers.location.replace(proxy.url, storage.url)
    }
    await uploadBlob(lab.job({ mode: 'buffered' }))
    await storage.stop()
    expect(proxy.seen[0]?.headers.authorization).toMatch(/^Basic /)
    expect(storage.seen).toHaveLength(1)
    expect(storage.seen[0]?.headers).not.toHaveProperty('authorization')
  })

  it('that is no http address is refused', async () => {
    proxy.rewrite = ({ headers }) => {
      if (headers.location !== undefined) headers.location = 'file:///etc/passwd'
    }
    const failure = await failureIn(uploadBlob(lab.job()))
    expect(failure).toMatchObject({ kind: 'redirect-refused', phase: 'upload-session' })
  })

  it('that is missing means that no registry answered', async () => {
    proxy.rewrite = ({ headers }) => {
      delete headers.location
    }
    expect((await failureIn(uploadBlob(lab.job()))).phase).toBe('upload-session')
  })
})

describe('a request that has to be made twice', () => {
  const redirect = (status: number, location: string) => reply(status, { location }, 10_000)

  it.each(every.flatMap((mode) => [307, 308].map((status) => [mode, status] as const)))(
    '%s that is redirected by %i in the middle of its body is sent anew, whole',
    async (mode, status) => {
      const moved = ({ path }: { path: string }) => path.includes('moved=1')
      proxy.fault = (seen) =>
        isBody(seen) && !moved(seen) ? redirect(status, `${seen.path}&moved=1`) : undefined
      const job = lab.job({ mode, limits: { chunkBytes: 131_072 } })
      await uploadBlob(job)
      expect(proxy.seen.some(moved)).toBe(true)
      expect(await lab.stored(job.blob.digest)).toEqual({ size: 300_000 })
    },
  )

  it('a redirect of the bytes to another host gets no Authorization', async () => {
    const storage = await startFaultProxy(registry.url)
    storage.fault = () => reply(201, {}, 300_000)
    proxy.fault = (seen) => (isBody(seen) ? redirect(307, `${storage.url}/bucket`) : undefined)
    await uploadBlob(lab.job({ mode: 'streamed-put' }))
    await storage.stop()
    expect(storage.seen).toMatchObject([{ method: 'PUT', bytes: 300_000 }])
    expect(storage.seen[0]?.headers).not.toHaveProperty('authorization')
  })

  it('redirects without an end are refused', async () => {
    proxy.fault = (seen) => (isBody(seen) ? redirect(307, seen.path) : undefined)
    const failure = await failureIn(uploadBlob(lab.job({ mode: 'buffered' })))
    expect(failure).toMatchObject({ kind: 'redirect-refused', phase: 'upload-body' })
    expect(proxy.seen.filter(isBody)).toHaveLength(6)
  })

  it.each(every)(
    '%s that is asked for a token in the middle of its body is sent anew, whole',
    async (mode) => {
      const headers = { 'content-type': 'application/json' }
      const token = { answer: { status: '200 OK', headers, body: '{"token":"t"}' } }
      const embedded = await startEmbeddedRegistry()
      const guarded = await openUploadLab(embedded.url)
      guarded.proxy.fault = ({ path, method, headers }) => {
        if (path.startsWith('/token')) return { does: token }
        if (method === 'HEAD' || method === 'POST' || headers.authorization === 'Bearer t') return undefined
        const challenge = `Bearer realm="${guarded.proxy.url}/token",service="lab"`
        return reply(401, { 'www-authenticate': challenge }, 10_000)
      }
      const job = guarded.job({ mode, limits: { chunkBytes: 131_072 } })
      await uploadBlob(job)
      // nobody knows how much of a PATCH was taken: a new session begins with the new token
      const sessions = mode === 'buffered' || mode === 'streamed-put' ? 1 : 2
      expect(guarded.wire().filter((line) => line === 'POST 0')).toHaveLength(sessions)
      expect(await guarded.stored(job.blob.digest)).toEqual({ size: 300_000 })
      await guarded.stop()
      await embedded.stop()
    },
  )
})

describe('answers that registries give to bytes that arrived', () => {
  it.each(every.flatMap((mode) => [200, 201, 202, 204].map((status) => [mode, status] as const)))(
    '%s takes %i for a yes',
    async (mode, status) => {
      proxy.rewrite = (head, { method }) => {
        if (method === 'PATCH' || method === 'PUT') head.status = status
      }
      expect(await uploadBlob(lab.job({ mode }))).toMatchObject({ existed: false })
    },
  )

  it.each(every)('another digest than ours is a digest-mismatch (%s)', async (mode) => {
    const other = blobOfBytes(Buffer.from('other'))
    proxy.rewrite = ({ headers }, { method }) => {
      if (method === 'PUT') headers['docker-content-digest'] = other.digest
    }
    const failure = await failureIn(uploadBlob(lab.job({ mode })))
    expect(failure.kind).toBe('digest-mismatch')
    expect(failure.evidence).toContainEqual({ fact: 'actual', value: other.digest })
  })

  it('a registry that took all chunks and kept no blob is found out', async () => {
    proxy.rewrite = (head, { method }) => {
      if (method === 'HEAD') head.status = 404
    }
    const failure = await failureIn(uploadBlob(lab.job({ mode: 'chunked' })))
    expect(failure).toMatchObject({ kind: 'digest-mismatch', phase: 'upload-commit' })
  })
})

describe('a shape the user chose', () => {
  it.each([
    ['HTML 400 in the middle', html(400, 65_536), { kind: 'body-refused', next: 'use-buffered' }],
    ['HTML 405', html(405), { kind: 'method-blocked', next: 'use-buffered' }],
    ['HTML 411', html(411), { kind: 'length-required', next: 'use-buffered' }],
    ['HTML 413', html(413, 65_536), { kind: 'too-large', next: 'use-chunked' }],
    ['HTML 502', html(502, 200_000), { kind: 'gateway-fault', next: 'use-buffered' }],
    ['a reset', { does: 'reset', afterBytes: 65_536 }, { kind: 'connection-lost', next: 'use-buffered' }],
    ['HTML 403', html(403), { kind: 'proxy-refused', next: 'ask-proxy-admin' }],
    ['409 by the registry', fromRegistry(409, 'DENIED'), { kind: 'conflict', next: 'choose-another-tag' }],
  ] as Array<[string, Stroke, { kind: string; next: string }]>)(
    'is not changed by %s, which says what to try',
    async (_what, fault, { kind, next }) => {
      proxy.fault = (seen) => (isPatch(seen) ? fault : undefined)
      const job = lab.job({ mode: 'streamed' })
      const failure = await failureIn(uploadBlob(job))
      expect(failure).toMatchObject({ kind, phase: 'upload-body' })
      expect(failure.next[0]).toBe(next)
      expect(proxy.seen.filter(isBody).every(isPatch)).toBe(true)
      expect(await lab.stored(job.blob.digest)).toBeUndefined()
    },
  )

  it('is tried once more in a new session after an accident', async () => {
    let strikes = 0
    proxy.fault = (seen) => (isBody(seen) && (strikes += 1) === 1 ? html(502) : undefined)
    const job = lab.job({ mode: 'streamed-put' })
    await uploadBlob(job)
    expect(lab.wire().filter((line) => line === 'POST 0')).toHaveLength(2)
    expect(job.events.some(({ type }) => type === 'fallback')).toBe(false)
    expect(await lab.stored(job.blob.digest)).toEqual({ size: 300_000 })
  })

  it('streamed fails where a network breaks streams, and buffered passes (go-containerregistry issue 2005)', async () => {
    proxy.inflict(vsphere)
    const failure = await failureIn(uploadBlob(lab.job({ mode: 'streamed' })))
    expect(failure).toMatchObject({
      kind: 'body-refused',
      phase: 'upload-body',
      status: 400,
      answeredBy: 'proxy',
    })
    expect(failure.next[0]).toBe('use-buffered')
    const job = lab.job({ mode: 'buffered' })
    await uploadBlob(job)
    expect(await lab.stored(job.blob.digest)).toBeDefined()
  })

  it('buffered refuses what is larger than memory may be, before anything is sent', async () => {
    const failure = await failureIn(
      uploadBlob(lab.job({ mode: 'buffered', limits: { bufferBytes: 299_999 } })),
    )
    expect(failure).toMatchObject({ kind: 'file-too-large', answeredBy: 'chartroom', next: ['use-streamed'] })
    expect(proxy.seen).toHaveLength(0)
  })

  it.each(every)('%s says so when the file is gone', async (mode) => {
    const path = join(tmpdir(), `chartroom-gone-${mode}`)
    await writeFile(path, 'bytes')
    const blob = blobOfFile({ path, size: 5, digest: blobOfBytes(randomBytes(5)).digest })
    await rm(path)
    const failure = await failureIn(uploadBlob(lab.job({ mode, blob })))
    expect(failure).toMatchObject({ kind: 'no-such-item', answeredBy: 'chartroom' })
  })
})

describe('Cancel', () => {
  it.each(every)('closes the socket in the middle of a %s body', async (mode) => {
    proxy.fault = (seen) => (isBody(seen) ? { does: 'stall', afterBytes: 65_536 } : undefined)
    const cancel = new AbortController()
    const job = lab.job({ mode, signal: cancel.signal, blob: blobOfBytes(randomBytes(8_000_000)) })
    const reached = proxy.reached((seen) => isBody(seen) && seen.bytes >= 65_536)
    const upload = failureIn(uploadBlob(job))
    const body = await reached
    cancel.abort()
    expect(await upload).toMatchObject({ kind: 'cancelled' })
    body.release()
    await body.closed
    expect(body.bytes).toBeLessThan(8_000_000)
    expect(proxy.seen.at(-1)?.method).toBe('DELETE')
    expect(await lab.stored(job.blob.digest)).toBeUndefined()
  })

  it('before the start sends nothing', async () => {
    const failure = await failureIn(uploadBlob(lab.job({ signal: AbortSignal.abort() })))
    expect(failure.kind).toBe('cancelled')
    expect(proxy.seen).toHaveLength(0)
  })
})
