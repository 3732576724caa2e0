import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Ask, Transport } from '../../electron/oci/ask.ts'
import { createGate, type Holder } from '../../electron/oci/gate.ts'
import { createTransport, type TransportPorts } from '../../electron/oci/transport.ts'
import type { Exchange } from '../../shared/model/exchange.ts'
import { failureIn } from '../fakes/failure-in.ts'
import { always, answerText, startFaultyServer } from '../fakes/faulty-server.ts'

const KiB = 1024
let exchanges: Exchange[]
const stops: Array<() => Promise<void>> = []

beforeEach(() => {
  exchanges = []
})
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

function open(more: Partial<TransportPorts> = {}): Transport {
  const transport = createTransport({
    record: (exchange) => exchanges.push(exchange),
    clock: { now: Date.now },
    ...more,
  })
  stops.unshift(transport.close)
  return transport
}
const ask = (url: string, more: Partial<Ask> = {}): Ask => ({
  method: 'GET',
  url,
  phase: 'blob',
  role: 'registry',
  maxBytes: KiB,
  ...more,
})
async function answering(answer: string): Promise<string> {
  const server = await startFaultyServer(always(answer))
  stops.push(server.stop)
  return server.url
}

/** A server that holds every request until the test answers it. */
async function holding() {
  const held: Array<{ path: string; response: ServerResponse }> = []
  let most = 0
  const arrivals: Array<() => void> = []
  const server = createServer((request, response) => {
    request.resume()
    held.push({ path: request.url ?? '', response })
    most = Math.max(most, held.length)
    for (const arrived of arrivals.splice(0)) arrived()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port was given')
  stops.push(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return {
    url: `http://127.0.0.1:${address.port}`,
    most: () => most,
    /** Waits until `count` requests are held. */
    holds: async (count: number) => {
      while (held.length < count) await new Promise<void>((resolve) => arrivals.push(resolve))
    },
    /** Answers the one that came first and returns its path. */
    release: (body = '') => {
      const first = held.shift()
      first?.response.end(body)
      return first?.path
    },
  }
}

test('a head longer than its limit is a Failure', async () => {
  const url = await answering(answerText('200 OK', { 'x-long': 'x'.repeat(3 * KiB) }, 'ok'))
  const failure = await failureIn(open({ limits: { headerBytes: 2 * KiB } }).send(ask(url)))
  expect(failure).toMatchObject({ kind: 'answer-invalid', retryable: false })
  expect(failure.message).toMatch(/longer head than is read/)
  expect((await open().send(ask(url))).status).toBe(200)
})

test('more headers than their limit are a Failure, and free the socket', async () => {
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`x-${at}`, 'y']))
  const url = await answering(answerText('200 OK', many, 'ok'))
  expect(await failureIn(open({ limits: { headers: 20 } }).send(ask(url)))).toMatchObject({
    kind: 'answer-invalid',
    evidence: [{ fact: 'limit', value: '20' }],
  })
  expect(exchanges).toMatchObject([{ status: 200, failure: 'answer-invalid' }])
})

test('of an error that never ends the first 64 KiB are kept, whatever the ask allows, and explain it', async () => {
  const endless = Buffer.alloc(16 * KiB, ' ')
  const server = await startFaultyServer(async ({ head, socket }) => {
    await head()
    socket.write('HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\nserver: nginx\r\n\r\n<html>')
    const more = () => {
      while (!socket.destroyed && socket.write(endless));
    }
    socket.on('drain', more)
    more()
  })
  stops.push(server.stop)
  const answer = await open().send(ask(server.url))
  expect(answer.status).toBe(502)
  expect(answer.body).toHaveLength(64 * KiB)
  expect(exchanges).toMatchObject([
    { failure: 'gateway-fault', answeredBy: 'proxy', bytesReceived: 64 * KiB },
  ])
  await server.allClosed()
})

test('an error that announces more than the ask allows is explained all the same', async () => {
  const body = JSON.stringify({ errors: [{ code: 'DENIED', message: 'x'.repeat(3 * KiB) }] })
  const url = await answering(answerText('403 Forbidden', { 'content-type': 'application/json' }, body))
  const answer = await open().send(ask(url))
  expect(Buffer.from(answer.body).toString('utf8')).toBe(body)
  expect(exchanges).toMatchObject([{ failure: 'denied' }])
})

test('only so many requests run at a time, reads and uploads together, first come, first served', async () => {
  const server = await holding()
  const transport = open({ places: () => 3 })
  const jobs = Array.from({ length: 9 }, (_, at) =>
    transport.send(
      ask(
        `${server.url}/${at}`,
        at % 2 === 0 ? {} : { method: 'PUT', phase: 'upload-body', body: () => Buffer.from('x') },
      ),
    ),
  )
  const order: Array<string | undefined> = []
  for (let at = 0; at < 9; at += 1) {
    await server.holds(Math.min(3, 9 - at))
    order.push(server.release())
  }
  await Promise.all(jobs)
  expect(server.most()).toBe(3)
  expect(order.slice(0, 3).sort()).toEqual(['/0', '/1', '/2'])
  expect(order[8]).toBe('/8')
  expect(exchanges).toHaveLength(9)
})

test('a stream that is still read holds its place; agents of mirrors need none', async () => {
  const server = await holding()
  const transport = open({ places: () => 1 })
  const opening = transport.open(ask(`${server.url}/stream`))
  await server.holds(1)
  server.release('content')
  const { stream } = await opening
  const waiting = transport.send(ask(`${server.url}/read`))
  const scrape = transport.send(ask(`${server.url}/metrics`, { role: 'agent' }))
  await server.holds(1)
  expect(server.release()).toBe('/metrics')
  await scrape
  expect(Buffer.concat(await stream.toArray()).toString('utf8')).toBe('content')
  await server.holds(1)
  expect(server.release()).toBe('/read')
  await waiting
})

test('who waits for a place can be cancelled and reaches nobody; the next one gets it', async () => {
  const server = await holding()
  const transport = open({ places: () => 1 })
  const controller = new AbortController()
  const first = transport.send(ask(`${server.url}/1`))
  const second = failureIn(transport.send(ask(`${server.url}/2`, { signal: controller.signal })))
  const third = transport.send(ask(`${server.url}/3`))
  await server.holds(1)
  controller.abort()
  expect((await second).kind).toBe('cancelled')
  expect(server.release()).toBe('/1')
  await first
  await server.holds(1)
  expect(server.release()).toBe('/3')
  await third
  expect(exchanges.map(({ failure }) => failure)).toEqual(['cancelled', undefined, undefined])
})

test('a copy inside one registry goes on with one place: the upload that reads a download does not wait for it', async () => {
  const content = Buffer.alloc(300 * KiB, 5)
  let stored = 0
  const server = createServer((request, response) => {
    if (request.method === 'GET') response.end(content)
    else request.on('data', (chunk: Buffer) => (stored += chunk.length)).on('end', () => response.end())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port was given')
  stops.push(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  const url = `http://127.0.0.1:${address.port}`
  const transport = open({ places: () => 1, limits: { stall: 1 } })
  // as a stream that was opened before, and as one that is opened when its bytes are wanted
  const before = (await transport.open(ask(url, { maxBytes: content.length }))).stream
  const late = () =>
    Readable.from(
      (async function* () {
        yield* (await transport.open(ask(url, { maxBytes: content.length }))).stream as AsyncIterable<Buffer>
      })(),
    )
  const put = (stream: () => Readable) =>
    transport.send(ask(url, { method: 'PUT', phase: 'upload-body', body: () => ({ stream: stream() }) }))
  await put(() => before)
  expect(stored).toBe(content.length)
  await put(late)
  expect(stored).toBe(2 * content.length)
})

test('one more is let through only when all holders wait for this side and none of them moved', async () => {
  const never = new AbortController().signal
  // what the holder says each time it is looked at: waits for the network, moved, moved, moved no more
  const says = [undefined, 1, 2, 2]
  const asked: Array<number | undefined> = []
  const gate = createGate({ places: () => 1, stall: 1 })
  const atRest = () => {
    asked.push(says.shift())
    return asked.at(-1)
  }
  const leave = await gate.enter('o', { signal: never, atRest })
  const alsoLeave = await gate.enter('o', { signal: never, atRest: () => 0 } satisfies Holder)
  expect(asked).toEqual([undefined, 1, 2, 2])
  alsoLeave()
  leave()
})
