import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { AnswerHead } from '../../../electron/oci/ask.ts'
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../../../electron/demo/registry.ts'
import { heldBytes } from '../../../electron/oci/upload/range.ts'
import { uploadBlob } from '../../../electron/oci/upload/upload.ts'
import type { UploadJob } from '../../../electron/oci/upload/job.ts'
import { failureIn } from '../../fakes/failure-in.ts'
import { type FaultProxy, type Seen, startFaultProxy, type Stroke } from '../../fakes/fault-proxy.ts'
import { type DockerRegistry, startDockerRegistry } from '../../lab/docker-registry.ts'
import { html, isPatch, openUploadLab, type UploadLab } from './upload-lab.ts'

const chunks = { mode: 'chunked', limits: { chunkBytes: 100_000 } } satisfies Partial<UploadJob>
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
const sessions = (seen: readonly Seen[] = proxy.seen) => seen.filter(({ method }) => method === 'POST').length
/** Strikes PATCHes by their number, counted from 0. */
function strike(numbers: readonly number[], stroke: Stroke): FaultProxy['fault'] {
  let count = 0
  return (seen) => (isPatch(seen) && numbers.includes(count++) ? stroke : undefined)
}

describe('what a session says it holds', () => {
  it.each<[string | undefined, number | undefined, string]>([
    ['0-99', 100, 'the spec'],
    ['bytes=0-99', 100, 'quay'],
    ['bytes=0--1', 0, 'quay, of an empty session'],
    ['0--1', 0, 'the same without a unit'],
    ['0-0', undefined, 'one byte in the spec, none at distribution'],
    ['100-199', undefined, 'the place of a chunk'],
    ['0-99/200', undefined, 'a range of something else'],
    ['0-99999999999999999', undefined, 'more than a number can be'],
    [undefined, undefined, 'nothing'],
  ])('%s is %s bytes: %s', (range, bytes) => {
    const headers = range === undefined ? {} : { range }
    expect(heldBytes({ headers } as unknown as AnswerHead)).toBe(bytes)
  })
})

describe('the size of chunks', () => {
  it('is what the registry asks for at least', async () => {
    proxy.rewrite = ({ headers }, { method }) => {
      if (method === 'POST') headers['oci-chunk-min-length'] = '160000'
    }
    await uploadBlob(lab.job(chunks))
    expect(ranges()).toEqual(['0-159999', '160000-299999'])
  })

  it.each(['0', '-5', 'many', '1e400'])('is ours where it asks for "%s"', async (text) => {
    proxy.rewrite = ({ headers }, { method }) => {
      if (method === 'POST') headers['oci-chunk-min-length'] = text
    }
    await uploadBlob(lab.job(chunks))
    expect(ranges()).toEqual(['0-99999', '100000-199999', '200000-299999'])
  })
})

describe('a chunk that broke off', () => {
  it.each([
    ['a reset', { does: 'reset', afterBytes: 30_000 }],
    ['a 502', html(502, 30_000)],
  ] as Array<[string, Stroke]>)(
    'by %s is taken up where the session says it stands',
    async (_what, fault) => {
      proxy.fault = strike([1], fault)
      const job = lab.job(chunks)
      await uploadBlob(job)
      expect(ranges()).toEqual(['0-99999', '100000-199999', '100000-199999', '200000-299999'])
      expect(sessions()).toBe(1)
      expect(job.events).toContainEqual({ type: 'sent', bytes: 100_000 })
      expect(await lab.stored(job.blob.digest)).toEqual({ size: 300_000 })
    },
  )

  it('after the registry took it is not sent again', async () => {
    proxy.rewrite = (head, seen) => {
      if (seen.headers['content-range'] === '100000-199999') head.status = 502
    }
    const job = lab.job(chunks)
    await uploadBlob(job)
    expect(ranges()).toEqual(['0-99999', '100000-199999', '200000-299999'])
    expect(await lab.stored(job.blob.digest)).toEqual({ size: 300_000 })
  })

  it('as the first one begins a new session, since 0-0 may be one byte or none', async () => {
    proxy.fault = strike([0], { does: 'reset', afterBytes: 30_000 })
    const job = lab.job(chunks)
    await uploadBlob(job)
    expect(ranges()).toEqual(['0-99999', '0-99999', '100000-199999', '200000-299999'])
    expect(sessions()).toBe(2)
    expect(await lab.stored(job.blob.digest)).toEqual({ size: 300_000 })
  })

  it.each([
    ['less than it confirmed', '0-50000'],
    ['more than was sent', '0-250000'],
    ['nothing that can be read', 'most of it'],
  ])('begins a new session where the old one says it holds %s', async (_what, range) => {
    proxy.fault = strike([1], { does: 'reset', afterBytes: 30_000 })
    proxy.rewrite = ({ headers }, { method }) => {
      if (method === 'GET') headers.range = range
    }
    const job = lab.job(chunks)
    await uploadBlob(job)
    expect(ranges()).toEqual(['0-99999', '100000-199999', '0-99999', '100000-199999', '200000-299999'])
    expect(sessions()).toBe(2)
    expect(await lab.stored(job.blob.digest)).toEqual({ size: 300_000 })
  })

  it('again and again is given up', async () => {
    proxy.fault = (seen) =>
      seen.headers['content-range']?.startsWith('100000-') === true ? html(502) : undefined
    const job = lab.job(chunks)
    const failure = await failureIn(uploadBlob(job))
    expect(failure).toMatchObject({ kind: 'gateway-fault', phase: 'upload-body', answeredBy: 'proxy' })
    expect(sessions()).toBe(2)
    expect(proxy.seen.filter(isPatch)).toHaveLength(8)
    expect(await lab.stored(job.blob.digest)).toBeUndefined()
  })
})

describe('a Range that cannot be', () => {
  it('that never moves on is not believed: the chunk was taken (aws/containers-roadmap issue 2831)', async () => {
    proxy.rewrite = ({ headers }, seen) => {
      if (isPatch(seen)) headers.range = '0-99999'
    }
    const job = lab.job(chunks)
    await uploadBlob(job)
    expect(ranges()).toEqual(['0-99999', '100000-199999', '200000-299999'])
    expect(await lab.stored(job.blob.digest)).toEqual({ size: 300_000 })
  })

  it.each([
    ['goes past what was sent', '0-100000'],
    ['falls short of it', '0-99998'],
  ])('that %s ends the upload', async (_what, range) => {
    proxy.rewrite = ({ headers }, seen) => {
      if (isPatch(seen)) headers.range = range
    }
    const job = lab.job(chunks)
    const failure = await failureIn(uploadBlob(job))
    expect(failure).toMatchObject({ kind: 'range-refused', answeredBy: 'registry' })
    expect(failure.evidence).toEqual([
      { fact: 'expected', value: '0-99999' },
      { fact: 'range', value: range },
    ])
    expect(await lab.stored(job.blob.digest)).toBeUndefined()
  })
})

describe('distribution 2.8, which knows no Content-Range and cancels a session whose PATCH was cut', () => {
  let docker: DockerRegistry
  let old: UploadLab
  let way: FaultProxy

  beforeAll(async () => {
    docker = await startDockerRegistry()
    way = await startFaultProxy(docker.url)
    old = await openUploadLab(way.url)
  })
  afterAll(async () => {
    await old.stop()
    await way.stop()
    await docker.stop()
  })
  beforeEach(() => old.reset())

  it.each(['reset', 'drop', 'lose-answer'] as const)('gets a new session after a %s', async (does) => {
    way.inflict({
      strikes: ({ headers }) => headers['content-range'] === '100000-199999',
      times: 1,
      afterBytes: 30_000,
      does,
    })
    const job = old.job(chunks)
    await uploadBlob(job)
    expect(sessions(old.proxy.seen)).toBe(2)
    expect(await old.stored(job.blob.digest)).toEqual({ size: 300_000 })
  })

  it('is given up after a drop in each session, and the drop is the verdict', async () => {
    way.inflict({
      strikes: ({ headers }) => headers['content-range'] === '100000-199999',
      afterBytes: 30_000,
      does: 'drop',
    })
    const job = old.job(chunks)
    const failure = await failureIn(uploadBlob(job))
    expect(failure).toMatchObject({ kind: 'connection-lost', answeredBy: 'nobody', retryable: true })
    expect(sessions(old.proxy.seen)).toBe(2)
    expect(await old.stored(job.blob.digest)).toBeUndefined()
  })
})
