import { once } from 'node:events'
import { Agent, createServer as createHttpServer, request } from 'node:http'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Relay, startRelay } from '../../electron/relay/relay.ts'
import { selfSigned } from '../fakes/certificate.ts'
import { closedPort } from '../fakes/mirror.ts'

/** Longer than any test runs: what leaves did not wait for it. */
const never = 600_000
const cleanups: Array<() => unknown> = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

/** A server on a loopback port that hands over its connections. */
async function listening(server: Server): Promise<{ host: string; port: number }> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
}

async function relayTo(target: { host: string; port: number }, limits = {}): Promise<Relay> {
  const relay = await startRelay(target, limits)
  cleanups.push(() => relay.stop())
  return relay
}

function dial({ port }: { port: number }): Socket {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
  socket.on('error', () => undefined)
  cleanups.push(() => socket.destroy())
  return socket
}

/** Both ends of one connection through a relay. */
async function ends(limits = {}): Promise<{ relay: Relay; client: Socket; registry: Socket }> {
  const server = createServer({ allowHalfOpen: true })
  const relay = await relayTo(await listening(server), limits)
  const client = dial(relay)
  const [registry] = (await once(server, 'connection')) as [Socket]
  return { relay, client, registry }
}

const next = async (socket: Socket): Promise<string> => String(((await once(socket, 'data')) as [Buffer])[0])
const reached = (relay: Relay, bytes: number) =>
  vi.waitFor(() => expect(relay.counts().bytesToRegistry).toBe(bytes), { interval: 1 })

describe('how writes are cut', () => {
  test('a head that was flushed alone leaves together with the body that follows', async () => {
    const { relay, client, registry } = await ends({ hold: never })
    const head = 'PATCH /v2/a/blobs/uploads/1 HTTP/1.1\r\ncontent-length: 20000\r\n\r\n'
    const first = next(registry)
    client.write(head)
    await reached(relay, head.length)
    client.write('x'.repeat(20_000))
    expect((await first).slice(0, head.length + 10)).toBe(`${head}xxxxxxxxxx`)
  })

  test('a small request waits for company only so long', async () => {
    const { client, registry } = await ends({ hold: 1 })
    client.write('ping')
    expect(await next(registry)).toBe('ping')
  })

  test('what is held back leaves with the end of the client', async () => {
    const { relay, client, registry } = await ends({ hold: never })
    client.write('one ')
    await reached(relay, 4)
    client.end('two')
    expect(await text(registry)).toBe('one two')
  })

  test('large writes and all answers pass at once', async () => {
    const { client, registry } = await ends({ hold: never })
    client.write(Buffer.alloc(64 * 1024, 'x'))
    expect(await next(registry)).toMatch(/^x+$/)
    registry.write('ok')
    expect(await next(client)).toBe('ok')
  })

  test('a large body waits for a registry that reads late, and its small end follows', async () => {
    const { client, registry } = await ends({ hold: 1 })
    registry.pause()
    client.write(Buffer.alloc(16 * 1024 * 1024, 'x'))
    client.write('last')
    let received = 0
    let tail = ''
    registry.on('data', (piece: Buffer) => {
      received += piece.length
      tail = String(piece.subarray(-4))
    })
    registry.resume()
    await vi.waitFor(() => expect(received).toBe(16 * 1024 * 1024 + 4), { timeout: 10_000 })
    expect(tail).toBe('last')
  })
})

describe('how connections end', () => {
  test('a client that said all it has still gets its answer', async () => {
    const { client, registry } = await ends()
    client.end('all')
    expect(await text(registry)).toBe('all')
    registry.end('answer')
    expect(await text(client)).toBe('answer')
  })

  test('a registry that ended its side still hears the client', async () => {
    const { client, registry } = await ends()
    registry.end('bye')
    expect(await text(client)).toBe('bye')
    client.end('still here')
    expect(await text(registry)).toBe('still here')
  })

  test('an answer in the middle of a body arrives, though the registry resets the connection behind it', async () => {
    const { client, registry, relay } = await ends({ hold: 1 })
    const body = Buffer.alloc(64 * 1024)
    const send = () => {
      while (!client.destroyed && client.write(body));
    }
    client.on('drain', send)
    send()
    await once(registry, 'data')
    registry.pause()
    registry.write('HTTP/1.1 413 Too Large\r\n\r\n', () => registry.resetAndDestroy())
    expect(await text(client)).toBe('HTTP/1.1 413 Too Large\r\n\r\n')
    client.destroy()
    await vi.waitFor(() => expect(relay.counts()).toMatchObject({ connections: 0, errors: 1 }))
  })

  test('a client that breaks off is seen to break off', async () => {
    const { client, registry, relay } = await ends({ hold: never })
    client.write('half a bo')
    await reached(relay, 9)
    const broken = once(registry, 'error')
    registry.resume()
    client.resetAndDestroy()
    expect((await broken)[0]).toMatchObject({ code: 'ECONNRESET' })
    await vi.waitFor(() => expect(relay.counts()).toMatchObject({ connections: 0, errors: 1 }))
  })

  test('one side that stays silent after the other ended is not waited for', async () => {
    const { client, registry, relay } = await ends({ linger: 1 })
    client.end('all')
    registry.resume()
    await vi.waitFor(() => expect(relay.counts()).toMatchObject({ connections: 0, errors: 1 }))
  })
})

describe('what a relay bears', () => {
  test('a registry that is not there: the client is reset, the error counted, the relay goes on', async () => {
    const relay = await relayTo({ host: '127.0.0.1', port: Number(closedPort.split(':')[1]) })
    for (const errors of [1, 2]) {
      const [error] = await once(dial(relay).resume(), 'error')
      expect(error).toMatchObject({ code: 'ECONNRESET' })
      expect(relay.counts()).toMatchObject({ accepted: errors, errors })
    }
    await vi.waitFor(() => expect(relay.counts().connections).toBe(0))
  })

  test('more connections than it may hold are turned away and counted', async () => {
    const server = createServer((socket) => socket.pipe(socket))
    const relay = await relayTo(await listening(server), { connections: 1 })
    const first = dial(relay)
    first.write('x')
    await once(first, 'data')
    await once(dial(relay).resume(), 'end')
    expect(relay.counts()).toMatchObject({ connections: 1, accepted: 1, refused: 1, errors: 0 })
    first.end()
    await once(first.resume(), 'end')
  })

  test('stop closes the port and what is open, and may be said twice', async () => {
    const { relay, client, registry } = await ends()
    client.write('x')
    await once(registry, 'data')
    const closed = [once(client.resume(), 'end'), once(registry.resume(), 'end')]
    await Promise.all([relay.stop(), relay.stop(), ...closed])
    await expect(fetch(`http://${relay.address}`)).rejects.toThrow()
  })

  test('it listens on 127.0.0.1 alone', async () => {
    const { relay } = await ends()
    expect(relay.address).toBe(`127.0.0.1:${relay.port}`)
    const other = connect({ port: relay.port, host: '127.0.0.2' })
    const [error] = await once(other, 'error')
    expect(error).toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('a kept connection carries one request after the other, and bytes are counted both ways', async () => {
    const server = createHttpServer((_, response) => response.end('0123456789'))
    const relay = await relayTo(await listening(server))
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    cleanups.push(() => agent.destroy())
    for (let count = 0; count < 3; count += 1) {
      const answer = await new Promise<NodeJS.ReadableStream>((resolve) =>
        request({ agent, port: relay.port, host: '127.0.0.1' }, resolve).end(),
      )
      expect(await text(answer)).toBe('0123456789')
    }
    const counts = relay.counts()
    expect(counts).toMatchObject({ connections: 1, accepted: 1, errors: 0 })
    expect(counts.bytesFromRegistry).toBeGreaterThan(30)
    expect(counts.bytesToRegistry).toBeGreaterThan(30)
  })

  test('TLS passes untouched: the certificate that is shown is the registry’s own', async () => {
    const server = createTlsServer(selfSigned, (socket) => socket.end('secret'))
    const relay = await relayTo(await listening(server))
    const { port } = relay
    const client = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca: selfSigned.cert })
    await once(client, 'secureConnect')
    expect(client.authorized).toBe(true)
    expect(await text(client)).toBe('secret')
  })
})
