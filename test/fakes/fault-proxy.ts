import { once } from 'node:events'
import { STATUS_CODES } from 'node:http'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { selfSigned } from './certificate.ts'
import { type BodyPart, framingOf, type Head, headText, readWire, type WireReader } from './http-bytes.ts'

/** One request that reached the proxy. */
export interface Seen {
  method: string
  path: string
  headers: Head['headers']
  /** Carries a body with `Transfer-Encoding: chunked`. */
  chunked: boolean
  /** Announces a body none of whose bytes came with the head: the shape that Go's net/http gives to streams. */
  apart: boolean
  /** A request went over the same connection before. */
  reused: boolean
  /** Bytes of its body that arrived, without the frame of chunks. */
  bytes: number
  /** Settles when the connection it came on is closed. */
  closed: Promise<void>
  /** Reads on after a `stall`: a socket that nobody reads does not notice that the other side is gone. */
  release(): void
}

/** The head of an answer on its way back. */
export interface AnswerHead {
  status: number
  headers: Head['headers']
}

/** What befalls one request. */
export interface Stroke {
  /** Bytes of its body that pass before; absent: none. */
  afterBytes?: number
  /** Those bytes do not reach the registry either: what answers collects them first. */
  collects?: boolean
  does:
    | { answer: { status: string; headers: Record<string, string>; body: string } }
    /** Changes the head of what the registry answers. */
    | { rewrite: (head: AnswerHead) => void }
    /** TCP RST. */
    | 'reset'
    /** TCP FIN in the middle. */
    | 'drop'
    /** Nothing moves any more. */
    | 'stall'
    /** The registry gets all and answers; the answer gets lost. */
    | 'lose-answer'
}

/** What is wrong with the way to the registry. Ready-made ones are in `faults.ts`. */
export interface Fault extends Stroke {
  /** Whom it strikes; the first fault that strikes a request is the only one. */
  strikes: (seen: Seen) => boolean
  /** How many requests it strikes; absent: every one. */
  times?: number
}

/** A TCP proxy in front of a registry that breaks what passes as its faults say. */
export interface FaultProxy {
  url: string
  /** All requests since the last `inflict`. */
  seen: Seen[]
  /** From now on these faults, counted from nought; none of those before. */
  inflict(...faults: Fault[]): void
  /** Decides over each request in place of faults; none lets it pass. */
  fault: (seen: Seen) => Stroke | undefined
  /** Changes the heads of what the registry answers. */
  rewrite: (head: AnswerHead, seen: Seen) => void
  /** Settles once a request for which `holds` is true has arrived or got further bytes. */
  reached(holds: (seen: Seen) => boolean): Promise<Seen>
  stop(): Promise<void>
}

/**
 * Puts a proxy on a loopback port in front of `target` (`http://127.0.0.1:<port>`). With `tls` it ends TLS with a
 * self-signed certificate.
 */
export async function startFaultProxy(target: string, { tls = false } = {}): Promise<FaultProxy> {
  const upstream = new URL(target)
  const sockets = new Set<Socket>()
  const waiting: Array<{ holds: (seen: Seen) => boolean; found: (seen: Seen) => void }> = []
  const track = (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    // either side may go at any time: that is what is being tested
    socket.on('error', () => undefined)
    return socket
  }
  const listener = (client: Socket) => {
    const connection: Connection = {
      client: track(client),
      wire: readWire(client),
      dial: () => track(connect(Number(upstream.port), upstream.hostname)),
      strokeFor: (seen) => proxy.fault(seen),
      rewrite: (head, seen) => proxy.rewrite(head, seen),
      noticed: (seen) => {
        for (const { holds, found } of waiting) if (holds(seen)) found(seen)
      },
      arrived: (seen) => proxy.seen.push(seen),
    }
    serve(connection).catch(() => client.destroy())
  }
  const server = tls ? createTlsServer(selfSigned, listener) : createServer({ noDelay: true }, listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy: FaultProxy = {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: [],
    inflict: (...faults) => {
      proxy.fault = inTurn(faults)
      proxy.rewrite = () => undefined
      proxy.seen.length = 0
    },
    fault: () => undefined,
    rewrite: () => undefined,
    reached: (holds) => new Promise((found) => waiting.push({ holds, found })),
    stop: async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
  return proxy
}

/** The first fault that strikes a request and has not struck as often as it may. */
function inTurn(faults: readonly Fault[]): FaultProxy['fault'] {
  const struck = new Map<Fault, number>()
  return (seen) => {
    const fault = faults.find(
      (each) => each.strikes(seen) && (struck.get(each) ?? 0) < (each.times ?? Infinity),
    )
    if (fault !== undefined) struck.set(fault, (struck.get(fault) ?? 0) + 1)
    return fault
  }
}

interface Connection {
  client: Socket
  wire: WireReader
  dial(): Socket
  strokeFor(seen: Seen): Stroke | undefined
  rewrite(head: AnswerHead, seen: Seen): void
  arrived(seen: Seen): void
  noticed(seen: Seen): void
}

/** Takes the requests of one connection, one after the other. */
async function serve(connection: Connection): Promise<void> {
  const { client, wire } = connection
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()))
  for (let count = 0; ; count += 1) {
    const next = await wire.head()
    if (next === undefined) return
    const { head } = next
    const framing = framingOf(head, 0)
    const [method = '', path = ''] = head.line.split(' ')
    const seen: Seen = {
      method,
      path,
      headers: head.headers,
      chunked: framing === 'chunked',
      apart: next.alone && framing !== 0,
      reused: count > 0,
      bytes: 0,
      closed,
      release: () => undefined,
    }
    const released = new Promise<void>((resolve) => (seen.release = resolve))
    connection.arrived(seen)
    const stroke = connection.strokeFor(seen)
    connection.noticed(seen)
    const body = counted(wire.body(framing).parts, seen, connection.noticed)
    const onward = await pass({ connection, head, body, seen, stroke, released })
    if (!onward) return
  }
}

interface Passage {
  connection: Connection
  head: Head
  body: AsyncGenerator<BodyPart>
  seen: Seen
  stroke: Stroke | undefined
  released: Promise<void>
}

/** Brings one request to the registry and its answer back, or breaks it. True where the connection may go on. */
async function pass(passage: Passage): Promise<boolean> {
  const { connection, stroke, seen } = passage
  if (stroke === undefined) return forward(passage, (head) => connection.rewrite(head, seen))
  const { does, afterBytes, collects } = stroke
  if (typeof does === 'object' && 'rewrite' in does) return forward(passage, does.rewrite)
  if (does === 'lose-answer') return forward(passage, () => connection.client.resetAndDestroy())
  if (afterBytes !== undefined) await passBytes(passage, afterBytes, collects === true)
  return inflict(passage, does)
}

/** Lets the first `bytes` of a body through and no answer: the registry sees its client go, or nothing at all. */
async function passBytes(
  { connection, head, body }: Passage,
  bytes: number,
  collects: boolean,
): Promise<void> {
  const upstream = collects ? undefined : connection.dial()
  if (upstream !== undefined) await write(upstream, headText(head))
  for (let passed = 0; passed < bytes;) {
    const { value, done } = await body.next()
    if (done === true) break
    if (upstream !== undefined) await write(upstream, value.raw.subarray(0, bytes - passed))
    passed += value.payload
  }
  if (upstream === undefined) return
  // what the registry makes of it is done when it hangs up, so that no test races with it
  upstream.resume().end()
  if (!upstream.closed) await new Promise((resolve) => upstream.once('close', resolve))
}

async function inflict({ connection, body, released }: Passage, does: Stroke['does']): Promise<boolean> {
  const { client } = connection
  if (does === 'reset') client.resetAndDestroy()
  else if (does === 'drop') client.destroy()
  else if (does === 'stall') {
    await released
    for await (const part of body) void part
  } else if (typeof does === 'object' && 'answer' in does) {
    const { status, headers, body: text } = does.answer
    const length = { 'content-length': String(Buffer.byteLength(text)) }
    client.write(headText({ line: `HTTP/1.1 ${status}`, headers: { ...headers, ...length } }) + text)
    // what is still on its way is read and dropped, else the reset of the connection overtakes the answer
    for await (const part of body) void part
    if (/close/i.test(headers['connection'] ?? '')) client.end()
    return true
  }
  return false
}

/** `onAnswer` may change the answer's head or end the connection before any of it goes back. */
async function forward(
  { connection, head, body, seen }: Passage,
  onAnswer: (head: AnswerHead) => void,
): Promise<boolean> {
  const { client } = connection
  const upstream = connection.dial()
  const sending = (async () => {
    await write(upstream, headText(head))
    // read to its end also when the registry has answered and gone: the next request stands behind it
    for await (const { raw } of body) await write(upstream, raw)
  })()
  const gone = () => upstream.destroy()
  client.once('close', gone)
  const wire = readWire(upstream)
  const answer = await wire.head()
  if (answer === undefined) {
    client.destroy()
    return false
  }
  const { headers } = answer.head
  // framed as the registry did, whatever is made of it
  const hasNone = seen.method === 'HEAD' || /^HTTP\/1\.1 (?:204|304)/.test(answer.head.line)
  const framing = hasNone ? 0 : framingOf(answer.head, 'until-close')
  const back: AnswerHead = { status: Number(answer.head.line.split(' ')[1]), headers: { ...headers } }
  onAnswer(back)
  await write(client, headText({ line: statusLine(back.status), headers: back.headers }))
  const reply = wire.body(framing)
  for await (const { raw } of reply.parts) await write(client, raw)
  if (framing === 'until-close' || /close/i.test(headers['connection'] ?? '')) client.end()
  if (!reply.whole()) client.destroy()
  await sending
  client.off('close', gone)
  upstream.destroy()
  return !client.destroyed
}

function statusLine(status: number): string {
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`
}

async function* counted(
  parts: AsyncGenerator<BodyPart>,
  seen: Seen,
  noticed: (seen: Seen) => void,
): AsyncGenerator<BodyPart> {
  for await (const part of parts) {
    seen.bytes += part.payload
    noticed(seen)
    yield part
  }
}

/** Waits until there is room again; bytes for somebody who has gone are dropped. */
async function write(socket: Socket, bytes: string | Buffer): Promise<void> {
  if (socket.destroyed || socket.write(bytes)) return
  await new Promise<void>((resolve) => {
    const settle = () => {
      socket.off('drain', settle).off('close', settle)
      resolve()
    }
    socket.once('drain', settle).once('close', settle)
  })
}
