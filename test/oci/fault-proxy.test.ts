import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Ask } from '../../electron/oci/ask.ts'
import { digestOf } from '../../electron/oci/digest.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import { failureIn } from '../fakes/failure-in.ts'
import { type FaultProxy, startFaultProxy } from '../fakes/fault-proxy.ts'
import {
  badGateway,
  closesKeptConnections,
  locationTo,
  losesAnswer,
  refusesChunkedFraming,
  refusesLoneHeads,
  resetAfter,
  stallAfter,
} from '../fakes/faults.ts'
import { sendLikeGo } from '../fakes/raw-client.ts'
import { type DockerRegistry, startDockerRegistry } from '../lab/docker-registry.ts'

const transport = createTransport({ record: () => undefined, clock: { now: Date.now } })
const bytes = randomBytes(300_000)
const digest = digestOf(bytes)
let registry: DockerRegistry
let proxy: FaultProxy

beforeAll(async () => {
  registry = await startDockerRegistry()
  proxy = await startFaultProxy(registry.url)
})
afterAll(async () => {
  await transport.close()
  await proxy.stop()
  await registry.stop()
})
beforeEach(() => proxy.inflict())

const send = (method: Ask['method'], url: string, more: Partial<Ask> = {}) =>
  transport.send({
    method,
    url: new URL(url, proxy.url).toString(),
    phase: 'upload-body',
    role: 'registry',
    maxBytes: 1_000_000,
    headers: { 'content-type': 'application/octet-stream' },
    ...more,
  })
const session = async () => (await send('POST', '/v2/a/blobs/uploads/')).headers['location'] ?? ''
const stream = () => ({ stream: Readable.from([bytes]) })

it('lets everything pass where nothing is wrong, in chunks and with a length, over one connection', async () => {
  const patched = await send('PATCH', await session(), { body: stream })
  expect(patched.status).toBe(202)
  const put = await send('PUT', `${patched.headers['location']}&digest=${digest}`)
  expect(put.status).toBe(201)
  expect((await send('HEAD', `/v2/a/blobs/${digest}`)).headers['content-length']).toBe('300000')
  expect(Buffer.from((await send('GET', `/v2/a/blobs/${digest}`)).body).equals(bytes)).toBe(true)
  expect(proxy.seen.map(({ method, reused }) => [method, reused])).toEqual([
    ['POST', false],
    ['PATCH', true],
    ['PUT', true],
    ['HEAD', true],
    ['GET', true],
  ])
  expect(proxy.seen[1]).toMatchObject({ chunked: true, bytes: 300_000 })
})

it('strikes whom a fault names, as often as it says', async () => {
  proxy.inflict({ ...refusesChunkedFraming, times: 1 })
  const location = await session()
  expect((await send('PATCH', location, { body: stream })).status).toBe(400)
  expect((await send('PATCH', location, { body: stream })).status).toBe(202)
  proxy.inflict(badGateway)
  expect((await send('PATCH', location, { body: () => bytes })).status).toBe(502)
})

it('breaks connections in the middle', async () => {
  proxy.inflict(resetAfter(100_000))
  const reset = await failureIn(send('PATCH', await session(), { body: () => bytes }))
  expect(reset.kind).toBe('connection-lost')
  proxy.inflict(stallAfter(100_000))
  const cancel = new AbortController()
  const stalled = failureIn(send('PATCH', await session(), { body: () => bytes, signal: cancel.signal }))
  const body = await proxy.reached((seen) => seen.bytes >= 100_000)
  cancel.abort()
  expect((await stalled).kind).toBe('cancelled')
  body.release()
  await expect(body.closed).resolves.toBeUndefined()
})

it('loses answers and kept connections', async () => {
  const other = randomBytes(1000)
  proxy.inflict(losesAnswer)
  const put = send('PUT', `${await session()}&digest=${digestOf(other)}`, { body: () => other })
  expect((await failureIn(put)).kind).toBe('connection-lost')
  expect((await send('HEAD', `/v2/a/blobs/${digestOf(other)}`)).status).toBe(200)
  proxy.inflict(closesKeptConnections)
  await send('HEAD', `/v2/a/blobs/${digest}`)
  expect((await failureIn(send('POST', '/v2/a/blobs/uploads/'))).kind).toBe('connection-lost')
})

it('gives Location another beginning', async () => {
  proxy.inflict(locationTo('http://elsewhere.invalid'))
  expect(await session()).toMatch(/^http:\/\/elsewhere\.invalid\/v2\/a\/blobs\/uploads\//)
})

it('tells a head that came alone from one that came with its body', async () => {
  proxy.inflict(refusesLoneHeads)
  const url = await session()
  const body = randomBytes(3000)
  const headers = { 'content-type': 'application/octet-stream' }
  const alone = await sendLikeGo({ method: 'PATCH', url, headers, body }, () =>
    proxy.reached(({ method }) => method === 'PATCH'),
  )
  expect(alone).toMatchObject({ status: 400, body: '400 Bad Request' })
  expect((await send('PATCH', url, { body: () => body })).status).toBe(202)
  expect(proxy.seen.map(({ method, apart }) => [method, apart])).toEqual([
    ['POST', false],
    ['PATCH', true],
    ['PATCH', false],
  ])
})
