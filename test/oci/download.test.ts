import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Transport } from '../../electron/oci/ask.ts'
import { createRegistryClient, type RegistryClient } from '../../electron/oci/client.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import { startEmbeddedRegistry } from '../../electron/demo/registry.ts'
import { failureIn } from '../fakes/failure-in.ts'
import { type ScriptedHttp, type Seen, startScriptedHttp } from '../fakes/scripted-http.ts'
import { startDockerRegistry } from '../lab/docker-registry.ts'
import { digestOf, pushBlob } from './content.ts'

const blob = randomBytes(256 * 1024)
const digest = digestOf(blob)

let transport: Transport
let server: ScriptedHttp
let client: RegistryClient
let answer: (request: Seen, response: ServerResponse, number: number) => void

beforeEach(async () => {
  transport = createTransport({ record: () => undefined, clock: { now: Date.now } })
  server = await startScriptedHttp((request, response) => {
    response.setHeader('docker-distribution-api-version', 'registry/2.0')
    answer(request, response, server.seen.length)
  })
  client = createRegistryClient({ transport, url: server.url, credential: undefined })
})
afterEach(async () => {
  await transport.close()
  await server.stop()
})

const startOf = ({ headers }: Seen) => Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0)
const rangesAsked = () => server.seen.map(({ headers }) => headers.range)

/** Sends the blob from `start` on and drops the connection once `count` bytes of it have left. */
function sendPart(response: ServerResponse, start: number, count: number, bytes = blob): void {
  const rest = bytes.subarray(start)
  if (start > 0) {
    response.setHeader('content-range', `bytes ${start}-${bytes.length - 1}/${bytes.length}`)
    response.statusCode = 206
  }
  response.setHeader('content-length', rest.length)
  if (count >= rest.length) response.end(rest)
  else response.write(rest.subarray(0, count), () => response.destroy())
}

async function read(more: { size?: number; signal?: AbortSignal } = {}, of = digest): Promise<Buffer> {
  const { stream } = await client.openBlob('a/b', of, more)
  return buffer(stream)
}

test.each(['sha256', 'sha512'])(
  'a blob comes as a stream and is checked against its %s digest',
  async (algorithm) => {
    answer = (_, response) => sendPart(response, 0, blob.length)
    const { size, stream } = await client.openBlob('a/b', digestOf(blob, algorithm))
    expect(size).toBe(blob.length)
    expect((await buffer(stream)).equals(blob)).toBe(true)
    expect(rangesAsked()).toEqual([undefined])
  },
)

test('other bytes than the digest names end the stream in a Failure', async () => {
  answer = (_, response) => sendPart(response, 0, blob.length)
  const other = digestOf(Buffer.from('another'))
  expect(await failureIn(read({}, other))).toMatchObject({
    kind: 'digest-mismatch',
    phase: 'blob',
    evidence: [
      { fact: 'expected', value: other },
      { fact: 'actual', value: digest },
    ],
  })
})

test('after each drop it goes on where it stood', async () => {
  answer = (request, response) => sendPart(response, startOf(request), 100_000)
  expect((await read()).equals(blob)).toBe(true)
  const ranges = rangesAsked()
  expect(ranges.length).toBeGreaterThanOrEqual(3)
  expect(ranges[0]).toBeUndefined()
  expect(ranges.slice(1).every((range) => /^bytes=[1-9]\d*-$/.test(range ?? ''))).toBe(true)
})

test('a registry that knows no ranges sends it again, and what is known is passed over', async () => {
  answer = (_, response, number) => sendPart(response, 0, number === 1 ? 100_000 : blob.length)
  expect((await read()).equals(blob)).toBe(true)
  expect(server.seen).toHaveLength(2)
})

test('a blob that changed between two parts is found out by its digest', async () => {
  const other = randomBytes(blob.length)
  answer = (request, response, number) =>
    number === 1 ? sendPart(response, 0, 100_000) : sendPart(response, startOf(request), blob.length, other)
  expect((await failureIn(read())).kind).toBe('digest-mismatch')
})

test.each([
  ['begins elsewhere', `bytes 0-${blob.length - 1}/${blob.length}`],
  ['belongs to another length', (start: number) => `bytes ${start}-${blob.length}/${blob.length + 1}`],
  ['is missing', undefined],
  ['is no range', 'all of it'],
])('a part whose Content-Range %s is refused', async (_, range) => {
  answer = (request, response, number) => {
    if (number === 1) return sendPart(response, 0, 100_000)
    const value = typeof range === 'function' ? range(startOf(request)) : range
    if (value !== undefined) response.setHeader('content-range', value)
    response.writeHead(206).end(blob)
  }
  expect(await failureIn(read())).toMatchObject({ kind: 'answer-invalid', phase: 'blob' })
  expect(server.seen).toHaveLength(2)
})

test('a registry that drops without sending anything is asked three times', async () => {
  answer = (request, response, number) =>
    number === 1 ? sendPart(response, 0, 1000) : sendPart(response, startOf(request), 0)
  expect((await failureIn(read())).kind).toBe('connection-lost')
  expect(server.seen).toHaveLength(4)
})

test('a registry that drops after every byte is not followed for ever', async () => {
  answer = (request, response) => sendPart(response, startOf(request), 1)
  expect((await failureIn(read())).kind).toBe('connection-lost')
  expect(server.seen).toHaveLength(101)
})

test('an answer that ends early without saying so is gone on from', async () => {
  answer = (request, response, number) => {
    if (number > 1) return sendPart(response, startOf(request), blob.length)
    response.setHeader('transfer-encoding', 'chunked')
    response.end(blob.subarray(0, 5000))
  }
  expect((await read({ size: blob.length })).equals(blob)).toBe(true)
  expect(rangesAsked()).toEqual([undefined, 'bytes=5000-'])
})

test('more bytes than the blob has are not read', async () => {
  answer = (_, response) => {
    response.setHeader('transfer-encoding', 'chunked')
    response.end(blob)
  }
  expect(await failureIn(read({ size: 1000 }))).toMatchObject({
    kind: 'answer-invalid',
    evidence: [{ fact: 'limit', value: '1000' }],
  })
})

test('a blob of another size than its descriptor says is refused before it is read', async () => {
  answer = (_, response) => sendPart(response, 0, blob.length)
  expect(await failureIn(read({ size: 1000 }))).toMatchObject({
    kind: 'answer-invalid',
    evidence: [
      { fact: 'expected', value: '1000' },
      { fact: 'actual', value: String(blob.length) },
    ],
  })
})

test('a blob that is not there, or gone in the middle, says so', async () => {
  const unknown = '{"errors":[{"code":"BLOB_UNKNOWN","message":"blob unknown to registry"}]}'
  answer = (_, response) => response.writeHead(404, { 'content-type': 'application/json' }).end(unknown)
  expect(await failureIn(client.openBlob('a/b', digest, { size: 1 }))).toMatchObject({
    kind: 'not-found',
    ociErrors: [{ code: 'BLOB_UNKNOWN' }],
  })
  const gone = answer
  answer = (request, response, number) =>
    number === 2 ? sendPart(response, 0, 1000) : gone(request, response, number)
  expect((await failureIn(read())).kind).toBe('not-found')
})

test('storage on another host gets the range and no credential', async () => {
  const storage = await startScriptedHttp((request, response) =>
    sendPart(response, startOf(request), startOf(request) === 0 ? 1000 : blob.length),
  )
  answer = (request, response) => {
    if (request.headers.authorization === undefined) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end()
    } else response.writeHead(307, { location: `${storage.url}/signed?x=1` }).end()
  }
  client = createRegistryClient({
    transport,
    url: server.url,
    credential: { source: 'password', username: 'u', password: 'p' },
  })
  expect((await read()).equals(blob)).toBe(true)
  expect(storage.seen.map(({ headers }) => headers.range)).toEqual([undefined, 'bytes=1000-'])
  expect(storage.seen.every(({ headers }) => headers.authorization === undefined)).toBe(true)
  await storage.stop()
})

test('cancelling and letting go of the stream both free the connection', async () => {
  const closed: Array<Promise<unknown>> = []
  answer = (_, response) => {
    closed.push(new Promise((resolve) => response.once('close', resolve)))
    response.setHeader('content-length', blob.length)
    response.write(blob.subarray(0, 1000))
  }
  const controller = new AbortController()
  const first = await client.openBlob('a/b', digest, { signal: controller.signal })
  const reading = failureIn(buffer(first.stream))
  controller.abort()
  expect((await reading).kind).toBe('cancelled')
  const second = await client.openBlob('a/b', digest)
  second.stream.destroy()
  const third = await client.openBlob('a/b', digest)
  await new Promise((resolve) => third.stream.once('data', resolve))
  third.stream.destroy()
  await Promise.all(closed)
  expect(closed).toHaveLength(3)
})

test.each([
  ['the embedded registry', startEmbeddedRegistry],
  ['distribution 2.8', startDockerRegistry],
])('%s sends the rest where the connection drops', async (_, start) => {
  const registry = await start()
  await pushBlob(registry.url, 'a/b', blob)
  answer = ({ path, headers: { range } }, response) => {
    void fetch(`${registry.url}${path}`, range === undefined ? {} : { headers: { range } }).then(
      async (from) => {
        const bytes = Buffer.from(await from.arrayBuffer())
        response.writeHead(from.status, Object.fromEntries(from.headers))
        response.write(bytes.subarray(0, 70_000), () => response.destroy())
      },
    )
  }
  expect((await read({ size: blob.length })).equals(blob)).toBe(true)
  expect(server.seen.length).toBeGreaterThanOrEqual(4)
  await registry.stop()
})
