import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEmbeddedRegistry } from '../../../electron/demo/registry.ts'
import { createRegistryClient } from '../../../electron/oci/client.ts'
import { createTransport } from '../../../electron/oci/transport.ts'
import { blobOfBytes } from '../../../electron/oci/upload/blob-source.ts'
import { uploadBlob } from '../../../electron/oci/upload/upload.ts'
import { explainAnswer } from '../../../shared/model/explain.ts'
import { type Fault, startFaultProxy } from '../../fakes/fault-proxy.ts'
import { locationTo, losesAnswer, refusesLoneHeads } from '../../fakes/faults.ts'
import { sendLikeGo } from '../../fakes/raw-client.ts'
import { startDockerRegistry } from '../../lab/docker-registry.ts'
import { expectNoBodyTwice, expectWhole, repository, upload, wordOf } from './fault-lab.ts'
import { columns, rows, type Shape, shapes } from './fault-rows.ts'

describe('over distribution 2.8', () => {
  let registry: { url: string; stop(): Promise<void> }
  beforeAll(async () => {
    registry = await startDockerRegistry()
  })
  afterAll(() => registry.stop())

  describe.concurrent.each(rows)('$way', (row) => {
    it.each(columns(row))('%s', async (_shape, job, outcome) => {
      const uploaded = await upload(registry.url, row, job)
      expect(wordOf(uploaded)).toBe(outcome)
      expectWhole(uploaded)
      expectNoBodyTwice(uploaded.seen)
    })
  })

  it('none of our shapes lets a head go out alone', async () => {
    for (const job of Object.values(shapes)) {
      const { seen } = await upload(registry.url, { faults: [] }, job)
      expect(seen.filter(({ bytes }) => bytes > 0).map(({ apart }) => apart)).not.toContain(true)
    }
  })

  it('a client in Go’s shape is refused by a network that loses lone heads, and told what to try', async () => {
    const proxy = await startFaultProxy(registry.url)
    proxy.inflict(refusesLoneHeads)
    const opened = await fetch(`${proxy.url}/v2/${repository}/blobs/uploads/`, { method: 'POST' })
    const url = opened.headers.get('location') ?? ''
    const headers = { 'content-type': 'application/octet-stream' }
    const answer = await sendLikeGo({ method: 'PATCH', url, headers, body: randomBytes(3000) }, () =>
      proxy.reached(({ method }) => method === 'PATCH'),
    )
    await proxy.stop()
    const asked = {
      phase: 'upload-body',
      role: 'registry',
      method: 'PATCH',
      strategy: 'streamed-patch',
    } as const
    expect(explainAnswer({ ...asked, host: new URL(url).host, ...answer })).toMatchObject({
      kind: 'body-refused',
      answeredBy: 'proxy',
      next: ['use-buffered', 'use-relay', 'check-path', 'ask-proxy-admin'],
    })
  })

  it.each(Object.keys(shapes) as Shape[])('%s follows no Location from https to http', async (shape) => {
    const secure = await startFaultProxy(registry.url, { tls: true })
    const transport = createTransport({ record: () => undefined, clock: { now: Date.now } })
    const { url } = secure
    const connection = { tls: { verify: false } }
    const client = createRegistryClient({ transport, url, credential: undefined, connection })
    const blob = blobOfBytes(randomBytes(1000))
    const job = { transport: client.transport, url, repository, blob, onEvent: () => undefined }
    const error = await uploadBlob({ ...job, ...shapes[shape] }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      failure: {
        kind: 'redirect-refused',
        answeredBy: 'chartroom',
        next: ['ask-proxy-admin', 'ask-registry-admin'],
      },
    })
    expect(secure.seen.map(({ method, bytes }) => [method, bytes])).toEqual([
      ['HEAD', 0],
      ['POST', 0],
    ])
    await transport.close()
    await secure.stop()
  })

  it.each(Object.keys(shapes) as Shape[])('%s goes where Location leads, another host too', async (shape) => {
    const elsewhere = await startFaultProxy(registry.url)
    const uploaded = await upload(registry.url, { faults: [locationTo(elsewhere.url)] }, shapes[shape])
    expect(wordOf(uploaded)).toBe(shapes[shape].mode)
    expectWhole(uploaded)
    expect(elsewhere.seen.some(({ bytes }) => bytes > 0)).toBe(true)
    await elsewhere.stop()
  })
})

/** distribution 2.8 ignores Content-Range and cancels a session whose body was cut; this one keeps to the spec. */
describe('chunks over the embedded registry, which says where a session stands', () => {
  let registry: { url: string; stop(): Promise<void> }
  beforeAll(async () => {
    registry = await startEmbeddedRegistry()
  })
  afterAll(() => registry.stop())

  /** Leaves the first chunk alone: `Range: 0-0` may be one byte or none, so nobody goes on from there. */
  const later = (fault: Fault): Fault => ({
    ...fault,
    strikes: (seen) => fault.strikes(seen) && seen.headers['content-range']?.startsWith('0-') !== true,
  })

  it.concurrent.each(rows)('$way', async (row) => {
    const uploaded = await upload(registry.url, { ...row, faults: row.faults.map(later) }, shapes.chunked)
    // whoever is told what arrived can do without the answer
    const expected = row.faults.includes(losesAnswer) ? 'passes' : (row.shapes.chunked ?? row.shapes.else)
    expect(wordOf(uploaded)).toBe(expected === 'passes' ? 'chunked' : expected)
    expectWhole(uploaded)
    // a session that can be asked is taken up again, not begun anew
    if (expected === 'passes') expect(uploaded.seen.filter(({ method }) => method === 'POST')).toHaveLength(1)
  })
})
