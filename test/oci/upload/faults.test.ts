import { randomBytes } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRegistryClient } from '../../../electron/oci/client.ts'
import { createTransport } from '../../../electron/oci/transport.ts'
import { blobOfBytes } from '../../../electron/oci/upload/blob-source.ts'
import { uploadBlob, type UploadJob } from '../../../electron/oci/upload/upload.ts'
import { FailureError } from '../../../shared/model/failure.ts'
import { type Fault, type FaultProxy, startFaultProxy } from '../../fakes/fault-proxy.ts'
import * as f from '../../fakes/faults.ts'
import { type DockerRegistry, startDockerRegistry } from '../../lab/docker-registry.ts'

const repository = 'charts/cart'
const modes: Record<string, Partial<UploadJob>> = {
  'buffered': { mode: 'buffered' },
  'streamed-put': { mode: 'streamed-put' },
  'streamed-patch': { mode: 'streamed-patch' },
  'no length': { mode: 'streamed-patch', framing: 'chunked' },
  'chunked': { mode: 'chunked', limits: { chunkBytes: 100_000 } },
  'auto': { mode: 'auto', limits: { chunkBytes: 100_000 } },
  'auto stream': { mode: 'auto', limits: { chunkBytes: 100_000, bufferBytes: 1000 } },
}
const faults: Record<string, Fault[]> = {
  nothing: [],
  refusesChunkedFraming: [f.refusesChunkedFraming],
  refusesLoneHeads: [f.refusesLoneHeads],
  vsphere: [f.vsphere],
  bodyTooLarge: [f.bodyTooLarge(200_000)],
  bodyTooLargeAfter: [f.bodyTooLargeAfter(50_000)],
  lengthRequired: [f.lengthRequired],
  blocksPATCH: [f.blocksMethods('PATCH')],
  blocksPUT: [f.blocksMethods('PUT')],
  unauthorized: [f.unauthorizedAfter(50_000)],
  unauthorizedOnce: [{ ...f.unauthorizedAfter(50_000), times: 1 }],
  badGateway: [f.badGateway],
  badGatewayOnce: [{ ...f.badGateway, times: 1 }],
  reset: [f.resetAfter(50_000)],
  resetOnce: [{ ...f.resetAfter(50_000), times: 1 }],
  drop: [f.dropAfter(50_000)],
  dropOnce: [{ ...f.dropAfter(50_000), times: 1 }],
  stall: [f.stallAfter(50_000)],
  stallOnce: [{ ...f.stallAfter(50_000), times: 1 }],
  losesAnswer: [f.losesAnswer],
  losesAnswerOnce: [{ ...f.losesAnswer, times: 1 }],
  closesKept: [f.closesKeptConnections],
  locationElsewhere: [f.locationTo('http://127.0.0.1:9')],
}
let registry: DockerRegistry
beforeAll(async () => {
  registry = await startDockerRegistry()
})
afterAll(() => registry.stop())
describe.concurrent.each(Object.entries(faults))('%s', (name, list) => {
  it.each(Object.entries(modes))('%s', async (mode, more) => {
    const proxy = await startFaultProxy(registry.url)
    proxy.inflict(...list)
    const transport = createTransport({ record: () => undefined, clock: { now: Date.now } })
    const client = createRegistryClient({ transport, url: proxy.url, credential: undefined, wait: () => Promise.resolve() })
    const bytes = randomBytes(300_000)
    const blob = blobOfBytes(bytes)
    const out = await uploadBlob({ transport: client.transport, url: proxy.url, repository, blob, mode: 'auto', patience: 1000, onEvent: () => undefined, ...more }).then(
      (r) => `passes as ${r.strategy} after ${r.reasons.map((x) => `${x.strategy}:${x.kind}`).join(',')}`,
      (e: unknown) => (e instanceof FailureError ? `${e.failure.kind} by ${e.failure.answeredBy} ${e.failure.status} [${e.failure.next.join(',')}]` : String(e)),
    )
    const wire = proxy.seen.map((s) => `${s.method}${s.apart ? '!' : ''}`).join(' ')
    await proxy.stop()
    await transport.close()
    const got = await fetch(`${registry.url}/v2/${repository}/blobs/${blob.digest}`)
    const stored = got.status === 200 ? (Buffer.from(await got.arrayBuffer()).equals(bytes) ? 'right' : 'WRONG') : got.status
    appendFileSync('/tmp/matrix.txt', `${name.padEnd(22)} ${mode.padEnd(15)} ${out.padEnd(100)} ${stored} | ${wire}\n`)
    expect(1).toBe(1)
  })
})
