import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createRegistryClient, type RegistryClient } from '../../../electron/oci/client.ts'
import { createTransport } from '../../../electron/oci/transport.ts'
import { blobOfBytes } from '../../../electron/oci/upload/blob-source.ts'
import { uploadBlob, type UploadEvent, type UploadJob } from '../../../electron/oci/upload/upload.ts'
import type { Failure } from '../../../shared/model/failure.ts'
import {
  type Fault,
  type Seen,
  startUploadProxy,
  type UploadProxy,
  vsphere,
} from '../../fakes/upload-faults.ts'
import { type DockerRegistry, startDockerRegistry } from '../../lab/docker-registry.ts'

const repository = 'charts/cart'
const html = (status: number, afterBytes = 0): Fault => ({
  kind: 'answer',
  status,
  type: 'text/html',
  body: `<html><head><title>${status}</title></head><body><h1>${status}</h1><hr>nginx</body></html>`,
  afterBytes,
})
const isBody = ({ method, headers }: Seen) =>
  (method === 'PATCH' || method === 'PUT') && headers['content-length'] !== '0'
const isPatch = ({ method }: Seen) => method === 'PATCH'

const transport = createTransport({ record: () => undefined, clock: { now: Date.now } })
const credential = { username: 'captain', password: 'secret' }
let registry: DockerRegistry
let proxy: UploadProxy
let client: RegistryClient

beforeAll(async () => {
  registry = await startDockerRegistry({ htpasswd: credential })
  proxy = await startUploadProxy(registry.url)
  client = createRegistryClient({
    transport,
    url: proxy.url,
    credential: { source: 'password', ...credential },
  })
  // warms the credential, so that the requests counted below are the upload's own
  await client.ping()
})
afterAll(async () => {
  await transport.close()
  await proxy.stop()
  await registry.stop()
})
beforeEach(() => {
  proxy.seen.length = 0
  proxy.fault = () => undefined
  proxy.rewrite = () => undefined
})

function jobOf(more: Partial<UploadJob> = {}): UploadJob & { events: UploadEvent[] } {
  const events: UploadEvent[] = []
  return {
    transport: client.transport,
    url: proxy.url,
    repository,
    blob: blobOfBytes(randomBytes(300_000)),
    mode: 'auto',
    events,
    onEvent: (event) => events.push(event),
    ...more,
  }
}

async function failureFrom(upload: Promise<unknown>): Promise<Failure> {
  const error: unknown = await upload.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toHaveProperty('failure')
  return (error as { failure: Failure }).failure
}

const wire = () =>
  proxy.seen.map(({ method, headers }) => `${method} ${headers['content-length'] ?? 'chunked'}`)
const stored = (digest: string) => client.headBlob(repository, digest)

describe('the two shapes on the wire', () => {
  it('buffered is POST and one PUT with its length and digest', async () => {
    const job = jobOf({ mode: 'buffered' })
    await expect(uploadBlob(job)).resolves.toBe('buffered')
    expect(wire()).toEqual(['POST 0', 'PUT 300000'])
    const put = new URL(proxy.seen[1]?.path ?? '', proxy.url)
    expect(put.searchParams.get('digest')).toBe(job.blob.digest)
    expect(put.searchParams.has('_state')).toBe(true)
    expect(job.events.at(-1)).toEqual({ type: 'sent', bytes: 300_000 })
    expect(await stored(job.blob.digest)).toEqual({ size: 300_000 })
  })

  it('streamed is POST, one PATCH without Content-Range, and an empty PUT', async () => {
    const job = jobOf({ mode: 'streamed' })
    await expect(uploadBlob(job)).resolves.toBe('streamed')
    expect(wire()).toEqual(['POST 0', 'PATCH 300000', 'PUT 0'])
    expect(proxy.seen[1]?.headers).toMatchObject({ 'content-type': 'application/octet-stream' })
    expect(proxy.seen[1]?.headers).not.toHaveProperty('content-range')
    expect(job.events.map((event) => (event.type === 'step' ? event.step : event.type))).toEqual(
      expect.arrayContaining(['session', 'body', 'commit']),
    )
    expect(await stored(job.blob.digest)).toEqual({ size: 300_000 })
  })

  it.each([
    ['buffered', 'buffered' as const, 300_000],
    ['streamed above the limit', 'streamed' as const, 299_999],
  ])('auto begins %s', async (_what, mode, bufferLimit) => {
    await expect(uploadBlob(jobOf({ bufferLimit }))).resolves.toBe(mode)
  })
})

describe('Location', () => {
  it.each(['buffered', 'streamed'] as const)('may be relative (%s)', async (mode) => {
    proxy.rewrite = ({ headers }) => {
      const { location } = headers
      if (location !== undefined) headers.location = location.slice(new URL(location).origin.length)
    }
    const job = jobOf({ mode })
    await uploadBlob(job)
    expect(await stored(job.blob.digest)).toBeDefined()
  })

  it('that leads to another host gets the bytes and no Authorization', async () => {
    const storage = await startUploadProxy(registry.url)
    storage.fault = () => ({ kind: 'answer', status: 201, type: 'text/plain', body: '' })
    proxy.rewrite = ({ headers }) => {
      if (headers.location !== undefined) headers.location = headers.location.replace(proxy.url, storage.url)
    }
    await uploadBlob(jobOf({ mode: 'buffered' }))
    await storage.stop()
    expect(proxy.seen[0]?.headers.authorization).toMatch(/^Basic /)
    expect(storage.seen).toHaveLength(1)
    expect(storage.seen[0]?.headers).not.toHaveProperty('authorization')
  })

  it('that is no http address is refused', async () => {
    proxy.rewrite = ({ headers }) => {
      if (headers.location !== undefined) headers.location = 'file:///etc/passwd'
    }
    const failure = await failureFrom(uploadBlob(jobOf()))
    expect(failure).toMatchObject({ kind: 'redirect-refused', phase: 'upload-session' })
  })

  it('that is missing means that no registry answered', async () => {
    proxy.rewrite = ({ headers }) => {
      delete headers.location
    }
    expect((await failureFrom(uploadBlob(jobOf()))).phase).toBe('upload-session')
  })
})

describe('answers that registries give to bytes that arrived', () => {
  it.each([200, 201, 202, 204])('%i to PATCH and PUT is a yes', async (status) => {
    proxy.rewrite = (head, { method }) => {
      if (method === 'PATCH' || method === 'PUT') head.status = status
    }
    await expect(uploadBlob(jobOf({ mode: 'streamed' }))).resolves.toBe('streamed')
    await expect(uploadBlob(jobOf({ mode: 'buffered' }))).resolves.toBe('buffered')
  })

  it('another digest than ours is a digest-mismatch', async () => {
    const other = blobOfBytes(Buffer.from('other'))
    proxy.rewrite = ({ headers }, { method }) => {
      if (method === 'PUT') headers['docker-content-digest'] = other.digest
    }
    const failure = await failureFrom(uploadBlob(jobOf()))
    expect(failure).toMatchObject({ kind: 'digest-mismatch', phase: 'upload-body' })
    expect(failure.evidence).toContainEqual({ fact: 'actual', value: other.digest })
  })

  it('bytes that are not what their digest says are refused by the registry, and auto does not try again', async () => {
    const blob = { ...blobOfBytes(Buffer.from('these')), digest: blobOfBytes(Buffer.from('those')).digest }
    const failure = await failureFrom(uploadBlob(jobOf({ blob })))
    expect(failure).toMatchObject({ kind: 'digest-refused', answeredBy: 'registry' })
    expect(proxy.seen.filter(({ method }) => method === 'POST')).toHaveLength(1)
  })
})

describe('a network that breaks streamed bodies (go-containerregistry issue 2005)', () => {
  beforeEach(() => {
    proxy.fault = vsphere
  })

  it('streamed fails, names the proxy and says to try buffered', async () => {
    const failure = await failureFrom(uploadBlob(jobOf({ mode: 'streamed' })))
    expect(failure).toMatchObject({
      kind: 'body-refused',
      phase: 'upload-body',
      status: 400,
      answeredBy: 'proxy',
    })
    expect(failure.next[0]).toBe('use-buffered')
  })

  it('buffered passes', async () => {
    const job = jobOf({ mode: 'buffered' })
    await uploadBlob(job)
    expect(await stored(job.blob.digest)).toBeDefined()
  })

  it('auto that began streamed goes over to buffered in a new session and says so', async () => {
    const job = jobOf({ bufferLimit: 0 })
    await expect(uploadBlob(job)).resolves.toBe('buffered')
    expect(job.events).toContainEqual(
      expect.objectContaining({ type: 'fallback', from: 'streamed', to: 'buffered' }),
    )
    const sessions = proxy.seen.filter(({ method }) => method === 'POST')
    expect(sessions).toHaveLength(2)
    expect(await stored(job.blob.digest)).toBeDefined()
  })
})

describe('a body that is refused on its way', () => {
  const jsonOf = (code: string) => JSON.stringify({ errors: [{ code, message: 'no' }] })
  const fromRegistry = (status: number, code: string): Fault => ({
    kind: 'answer',
    status,
    type: 'application/json',
    body: jsonOf(code),
  })

  it.each([
    ['HTML 400 in the middle', html(400, 65_536), 'body-refused'],
    ['HTML 403', html(403), 'proxy-refused'],
    ['HTML 405', html(405), 'method-blocked'],
    ['HTML 411', html(411), 'length-required'],
    ['HTML 502', html(502, 200_000), 'gateway-fault'],
    ['a reset in the middle', { kind: 'reset', afterBytes: 65_536 }, 'connection-lost'],
  ] as Array<[string, Fault, string]>)(
    '%s: streamed fails, auto tries the other shape',
    async (_what, fault, kind) => {
      proxy.fault = (seen) => (isPatch(seen) ? fault : undefined)
      const failure = await failureFrom(uploadBlob(jobOf({ mode: 'streamed' })))
      expect(failure).toMatchObject({ kind, phase: 'upload-body' })
      expect(failure.next).toContain('use-buffered')
      const job = jobOf({ bufferLimit: 0 })
      await expect(uploadBlob(job)).resolves.toBe('buffered')
      expect(await stored(job.blob.digest)).toBeDefined()
    },
  )

  it.each([
    ['HTML 413 in the middle', html(413, 65_536), { kind: 'too-large', answeredBy: 'proxy' }],
    [
      '401 by the registry',
      fromRegistry(401, 'UNAUTHORIZED'),
      { kind: 'unauthorized', answeredBy: 'registry' },
    ],
    ['403 by the registry', fromRegistry(403, 'DENIED'), { kind: 'denied', answeredBy: 'registry' }],
    ['409 by the registry', fromRegistry(409, 'DENIED'), { kind: 'conflict', answeredBy: 'registry' }],
    ['500 by the registry', fromRegistry(500, 'UNKNOWN'), { kind: 'server-fault', answeredBy: 'registry' }],
  ] as Array<[string, Fault, Partial<Failure>]>)('%s is final', async (_what, fault, verdict) => {
    proxy.fault = (seen) => (isBody(seen) ? fault : undefined)
    const job = jobOf({ bufferLimit: 0 })
    expect(await failureFrom(uploadBlob(job))).toMatchObject(verdict)
    expect(job.events.some(({ type }) => type === 'fallback')).toBe(false)
    expect(await stored(job.blob.digest)).toBeUndefined()
  })

  it('that refuses both shapes ends with the second one’s Failure', async () => {
    proxy.fault = (seen) => (isBody(seen) ? html(400) : undefined)
    const job = jobOf({ bufferLimit: 0 })
    const failure = await failureFrom(uploadBlob(job))
    expect(failure).toMatchObject({ kind: 'body-refused', answeredBy: 'proxy' })
    expect(proxy.seen.filter(isBody).map(({ method }) => method)).toEqual(['PATCH', 'PUT'])
  })

  it('a session that is refused is not tried in another shape', async () => {
    proxy.fault = ({ method }) => (method === 'POST' ? html(405) : undefined)
    const failure = await failureFrom(uploadBlob(jobOf()))
    expect(failure).toMatchObject({ kind: 'method-blocked', phase: 'upload-session', answeredBy: 'proxy' })
    expect(proxy.seen).toHaveLength(1)
  })
})

describe('Cancel', () => {
  it.each(['buffered', 'streamed'] as const)('closes the socket in the middle of a %s body', async (mode) => {
    proxy.fault = (seen) => (isBody(seen) ? { kind: 'hang', afterBytes: 65_536 } : undefined)
    const cancel = new AbortController()
    const job = jobOf({ mode, signal: cancel.signal, blob: blobOfBytes(randomBytes(8_000_000)) })
    const reached = proxy.reached((seen) => isBody(seen) && seen.bytes >= 65_536)
    const upload = failureFrom(uploadBlob(job))
    const body = await reached
    cancel.abort()
    expect(await upload).toMatchObject({ kind: 'cancelled' })
    body.release()
    await body.closed
    expect(body.bytes).toBeLessThan(8_000_000)
    expect(proxy.seen.at(-1)?.method).toBe('DELETE')
    expect(await stored(job.blob.digest)).toBeUndefined()
  })

  it('before the start sends nothing', async () => {
    const failure = await failureFrom(uploadBlob(jobOf({ signal: AbortSignal.abort() })))
    expect(failure.kind).toBe('cancelled')
    expect(proxy.seen).toHaveLength(0)
  })
})
