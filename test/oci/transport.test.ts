import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Ask, Transport } from '../../electron/oci/ask.ts'
import { createTransport } from '../../electron/oci/transport.ts'
import type { Exchange } from '../../shared/model/exchange.ts'
import { failureIn } from '../fakes/failure-in.ts'
import { hang, startFaultyServer } from '../fakes/faulty-server.ts'

let transport: Transport
let exchanges: Exchange[]
const stops: Array<() => Promise<void>> = []

beforeEach(() => {
  exchanges = []
  transport = createTransport({
    record: (exchange) => exchanges.push(exchange),
    clock: { now: Date.now },
    isDemo: (host) => host === 'localhost:1',
  })
})
afterEach(async () => {
  await transport.close()
  for (const stop of stops.splice(0)) await stop()
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  stops.push(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port was given')
  return `http://127.0.0.1:${address.port}`
}
const ask = (url: string, more: Partial<Ask> = {}): Ask => ({
  method: 'GET',
  url,
  phase: 'blob',
  role: 'registry',
  maxBytes: 1024 * 1024,
  ...more,
})
async function bytesOf(request: IncomingMessage): Promise<number> {
  let count = 0
  for await (const chunk of request) count += (chunk as Buffer).length
  return count
}

test('any status resolves and every exchange is recorded without its secrets', async () => {
  const url = await serve((_, response) => {
    response.writeHead(307, {
      location: 'https://storage.invalid/x?X-Amz-Signature=abcdef',
      'set-cookie': 'sid=1',
    })
    response.end()
  })
  const answer = await transport.send(
    ask(`${url}/v2/?token=abcdef`, { headers: { authorization: 'Bearer abcdef' } }),
  )
  expect(answer.status).toBe(307)
  expect(answer.headers['location']).toContain('abcdef')
  expect(exchanges).toHaveLength(1)
  expect(exchanges[0]).toEqual(answer.exchange)
  expect(exchanges[0]?.duration).toBeGreaterThanOrEqual(0)
  expect(JSON.stringify(exchanges)).not.toContain('abcdef')
})

test('HEAD keeps its connection', async () => {
  const ports = new Set<number | undefined>()
  const url = await serve((request, response) => {
    ports.add(request.socket.remotePort)
    response.writeHead(200, { 'content-length': '7' })
    response.end()
  })
  for (let round = 0; round < 3; round += 1) await transport.send(ask(url, { method: 'HEAD' }))
  expect(ports.size).toBe(1)
})

test('bytes in memory and streams of known length go with Content-Length, others as chunks; progress is counted', async () => {
  const framing: Array<[string | undefined, string | undefined, number]> = []
  const url = await serve((request, response) => {
    void bytesOf(request).then((bytes) => {
      framing.push([request.headers['content-length'], request.headers['transfer-encoding'], bytes])
      response.writeHead(201).end()
    })
  })
  const body = Buffer.alloc(600_000, 7)
  const progress: number[] = []
  const send = async (made: Ask['body']) =>
    transport.send(
      ask(url, { method: 'PUT', ...(made ? { body: made } : {}), onSent: (sum) => progress.push(sum) }),
    )
  expect((await send(() => body)).bytesSent).toBe(600_000)
  expect(progress).toEqual([262_144, 524_288, 600_000])
  await send(() => ({ stream: Readable.from([body]), length: body.length }))
  await send(() => ({ stream: Readable.from([body]) }))
  await send(() => new Uint8Array())
  expect(exchanges.map(({ requestHeaders }) => requestHeaders['content-length'])).toEqual([
    '600000',
    '600000',
    undefined,
    '0',
  ])
  expect(framing).toEqual([
    ['600000', undefined, 600_000],
    ['600000', undefined, 600_000],
    [undefined, 'chunked', 600_000],
    ['0', undefined, 0],
  ])
})

test('a read on a kept connection that the server just closed is asked anew; a write is not', async () => {
  const server = await startFaultyServer(async ({ head, socket }) => {
    await head()
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
    await head()
    socket.end()
  })
  stops.push(server.stop)
  await transport.send(ask(server.url))
  await transport.send(ask(server.url))
  expect(exchanges.map(({ failure }) => failure)).toEqual([undefined, 'connection-lost', undefined])
  expect((await failureIn(transport.send(ask(server.url, { method: 'POST' })))).kind).toBe('connection-lost')
  expect(exchanges).toHaveLength(4)
  expect(server.connections()).toBe(2)
})

test('cancel closes the socket and is recorded as cancelled', async () => {
  const server = await startFaultyServer(hang)
  stops.push(server.stop)
  const controller = new AbortController()
  const job = failureIn(transport.send(ask(server.url, { signal: controller.signal })))
  await server.connected()
  controller.abort()
  expect(await job).toMatchObject({ kind: 'cancelled', answeredBy: 'chartroom' })
  await server.allClosed()
  expect(exchanges).toMatchObject([{ failure: 'cancelled' }])
})

test('cancel in the middle of a body stops the source and the socket', async () => {
  const server = await startFaultyServer(async ({ head, socket }) => {
    await head()
    socket.resume()
  })
  stops.push(server.stop)
  const controller = new AbortController()
  const stream = Readable.from(
    (function* () {
      for (;;) yield Buffer.alloc(65_536)
    })(),
  )
  const job = failureIn(
    transport.send(
      ask(server.url, {
        method: 'PATCH',
        signal: controller.signal,
        body: () => ({ stream }),
        onSent: (sum) => {
          if (sum > 200_000) controller.abort()
        },
      }),
    ),
  )
  expect((await job).kind).toBe('cancelled')
  expect(stream.destroyed).toBe(true)
  await server.allClosed()
})

test('closing the transport cancels what runs', async () => {
  const server = await startFaultyServer(hang)
  stops.push(server.stop)
  const job = failureIn(transport.send(ask(server.url)))
  await server.connected()
  await transport.close()
  expect((await job).kind).toBe('cancelled')
  await server.allClosed()
})

test('an ask cancelled before it starts reaches nobody', async () => {
  const server = await startFaultyServer(hang)
  stops.push(server.stop)
  const failure = await failureIn(transport.send(ask(server.url, { signal: AbortSignal.abort() })))
  expect(failure.kind).toBe('cancelled')
  expect(server.connections()).toBe(0)
})

test('a body that is opened is read piece by piece, and its exchange is recorded when it ends', async () => {
  const url = await serve((_, response) => response.end('x'.repeat(100_000)))
  const { stream, exchange } = await transport.open(ask(url))
  expect(exchange.duration).toBeUndefined()
  expect(exchanges).toEqual([])
  let bytes = 0
  for await (const chunk of stream) bytes += (chunk as Buffer).length
  expect(bytes).toBe(100_000)
  expect(exchanges).toMatchObject([{ id: exchange.id, bytesReceived: 100_000, status: 200 }])
})

test('an opened body that nobody reads is recorded and its socket freed', async () => {
  const server = await startFaultyServer(async ({ head, socket }) => {
    await head()
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\nbegin')
  })
  stops.push(server.stop)
  const { stream } = await transport.open(ask(server.url))
  stream.destroy()
  await once(stream, 'close')
  await server.allClosed()
  expect(exchanges).toHaveLength(1)
})
