import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../../../electron/demo/registry.ts'
import type { UploadJob } from '../../../electron/oci/upload/job.ts'
import type { SavedUpload } from '../../../electron/oci/upload/saved-upload.ts'
import { uploadBlob } from '../../../electron/oci/upload/upload.ts'
import { failureIn } from '../../fakes/failure-in.ts'
import { type FaultProxy, type Seen, startFaultProxy } from '../../fakes/fault-proxy.ts'
import { type DockerRegistry, startDockerRegistry } from '../../lab/docker-registry.ts'
import { html, isPatch, type Job, openUploadLab, type UploadLab } from './upload-lab.ts'

let registry: EmbeddedRegistry
let lab: UploadLab
let proxy: FaultProxy

beforeAll(async () => {
  registry = await startEmbeddedRegistry()
  lab = await openUploadLab(registry.url)
  ;({ proxy } = lab)
})
afterAll(async () => {
  await lab.stop()
  await registry.stop()
})
beforeEach(() => lab.reset())

const ranges = (seen: readonly Seen[] = proxy.seen) =>
  seen.filter(isPatch).map(({ headers }) => headers['content-range'])
const methods = (method: string) => proxy.seen.filter((seen) => seen.method === method).length

/** A job in chunks whose sessions are saved; `left` is what was saved last. */
function chunkedJob(
  more: Partial<UploadJob> = {},
  resumption: { saved?: SavedUpload; outlivesCancel?: boolean } = {},
): { job: Job; left: () => SavedUpload | undefined } {
  let left = resumption.saved
  const job = lab.job({
    mode: 'chunked',
    limits: { chunkBytes: 100_000 },
    resumption: {
      ...(resumption.saved === undefined ? {} : { saved: resumption.saved }),
      onSaved: (saved) => (left = saved),
      outlivesCancel: () => resumption.outlivesCancel ?? true,
    },
    ...more,
  })
  return { job, left: () => left }
}

/** Uploads until the app is closed in the middle of the second chunk. Returns what was saved and the blob. */
async function closeInTheMiddle(through = proxy): Promise<{ saved: SavedUpload; blob: Job['blob'] }> {
  const closing = new AbortController()
  const { job, left } = chunkedJob({ signal: closing.signal, url: through.url })
  through.fault = (seen) =>
    seen.headers['content-range'] === '100000-199999' ? { does: 'stall', afterBytes: 30_000 } : undefined
  const stuck = through.reached(
    ({ headers, bytes }) => headers['content-range'] === '100000-199999' && bytes > 30_000,
  )
  const ended = failureIn(uploadBlob(job))
  const seen = await stuck
  closing.abort()
  expect(await ended).toMatchObject({ kind: 'cancelled' })
  seen.release()
  const saved = left()
  if (saved === undefined) throw new Error('nothing was saved')
  return { saved, blob: job.blob }
}

describe('an upload in chunks that was closed in the middle', () => {
  it('goes on where the session stands, without the bytes before', async () => {
    const { saved, blob } = await closeInTheMiddle()
    expect(saved).toMatchObject({ at: 100_000, digest: blob.digest })
    expect(methods('DELETE')).toBe(0)
    lab.reset()
    const { job, left } = chunkedJob({ blob, mode: 'auto' }, { saved })
    expect(await uploadBlob(job)).toMatchObject({ strategy: 'chunked', existed: false })
    expect(ranges()).toEqual(['100000-199999', '200000-299999'])
    expect(methods('POST')).toBe(0)
    expect(job.events).toContainEqual({ type: 'resumed', bytes: 100_000 })
    expect(left()).toBeUndefined()
    expect(await lab.stored(blob.digest)).toEqual({ size: 300_000 })
  })

  it.each([
    ['less than was confirmed', '0-50000'],
    ['more than there is', '0-300000'],
    ['nothing that can be read', 'most of it'],
  ])('begins anew and says so where the session holds %s', async (_what, range) => {
    const { saved, blob } = await closeInTheMiddle()
    lab.reset()
    proxy.rewrite = ({ headers }, { method }) => {
      if (method === 'GET') headers.range = range
    }
    const { job, left } = chunkedJob({ blob }, { saved })
    await uploadBlob(job)
    expect(ranges()).toEqual(['0-99999', '100000-199999', '200000-299999'])
    expect(job.events).toContainEqual({ type: 'anew', because: expect.stringContaining('does not say') })
    expect(job.events.some(({ type }) => type === 'resumed')).toBe(false)
    expect(left()).toBeUndefined()
    expect(await lab.stored(blob.digest)).toEqual({ size: 300_000 })
  })

  it('keeps what was saved while something in front of the registry is broken', async () => {
    const { saved, blob } = await closeInTheMiddle()
    lab.reset()
    proxy.fault = ({ method }) => (method === 'GET' ? html(503) : undefined)
    const { job, left } = chunkedJob({ blob }, { saved })
    expect(await failureIn(uploadBlob(job))).toMatchObject({ kind: 'gateway-fault' })
    expect(left()).toEqual(saved)
    expect(methods('DELETE')).toBe(0)
  })

  it.each([
    ['another blob', (saved: SavedUpload): SavedUpload => ({ ...saved, digest: `sha256:${'0'.repeat(64)}` })],
    ['another repository', (saved: SavedUpload): SavedUpload => ({ ...saved, repository: 'charts/other' })],
    ['another registry', (saved: SavedUpload): SavedUpload => ({ ...saved, url: 'http://127.0.0.1:1' })],
    ['more bytes than there are', (saved: SavedUpload): SavedUpload => ({ ...saved, at: 300_001 })],
  ])('does not touch a session that was saved for %s', async (_what, other) => {
    const { saved, blob } = await closeInTheMiddle()
    lab.reset()
    const { job } = chunkedJob({ blob }, { saved: other(saved) })
    await uploadBlob(job)
    expect(proxy.seen.some(({ path }) => path === new URL(saved.location).pathname)).toBe(false)
    expect(ranges()[0]).toBe('0-99999')
  })
})

describe('an upload in chunks', () => {
  it('that the user cancels leaves nothing behind', async () => {
    const closing = new AbortController()
    const { job, left } = chunkedJob({ signal: closing.signal }, { outlivesCancel: false })
    job.onEvent = (event) => {
      if (event.type === 'sent' && event.bytes >= 200_000) closing.abort()
    }
    expect(await failureIn(uploadBlob(job))).toMatchObject({ kind: 'cancelled' })
    expect(left()).toBeUndefined()
    expect(methods('DELETE')).toBe(1)
  })

  it('whose way breaks for good can go on when it is mended', async () => {
    const { job, left } = chunkedJob()
    proxy.fault = ({ headers, method }) =>
      method === 'GET' || headers['content-range']?.startsWith('100000-') === true
        ? { does: 'reset' }
        : undefined
    expect(await failureIn(uploadBlob(job))).toMatchObject({ kind: 'connection-lost' })
    const saved = left()
    if (saved === undefined) throw new Error('nothing was saved')
    expect(saved.at).toBe(100_000)
    lab.reset()
    await uploadBlob(chunkedJob({ blob: job.blob }, { saved }).job)
    expect(ranges()).toEqual(['100000-199999', '200000-299999'])
  })
})

describe('docker-registry 2.8, which forgets a session whose body was cut', () => {
  let docker: DockerRegistry
  let behind: FaultProxy
  beforeAll(async () => {
    docker = await startDockerRegistry()
    behind = await startFaultProxy(docker.url)
  })
  afterAll(async () => {
    await behind.stop()
    await docker.stop()
  })

  it('gets all of it again, and that is said', async () => {
    const { saved, blob } = await closeInTheMiddle(behind)
    behind.inflict()
    const { job } = chunkedJob({ url: behind.url, blob }, { saved })
    await uploadBlob(job)
    expect(ranges(behind.seen)).toEqual(['0-99999', '100000-199999', '200000-299999'])
    expect(job.events).toContainEqual({ type: 'anew', because: expect.stringContaining('does not say') })
  })
})
