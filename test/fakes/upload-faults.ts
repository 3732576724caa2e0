import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** What happens to a request on its way, once `afterBytes` (0 unless told) of its body have passed. */
export type Fault =
  | {
      kind: 'answer'
      status: number
      type: string
      body: string
      headers?: Record<string, string>
      afterBytes?: number
    }
  | { kind: 'reset'; afterBytes?: number }
  | { kind: 'hang'; afterBytes?: number }

/** One request that reached the proxy. */
export interface Seen {
  method: string
  path: string
  headers: IncomingMessage['headers']
  /** Bytes of its body that arrived. */
  bytes: number
  /** Settles when the connection it came on is closed. */
  closed: Promise<void>
  /** Reads on after a `hang`: a socket that nobody reads does not notice that the other side is gone. */
  release(): void
}

export interface UploadProxy {
  url: string
  seen: Seen[]
  /** Decides over each request; none lets it pass. */
  fault: (seen: Seen) => Fault | undefined
  /** Changes the head of what the registry answered. */
  rewrite: (head: { status: number; headers: IncomingMessage['headers'] }, seen: Seen) => void
  /** Settles once a request for which `holds` is true has sent bytes of its body. */
  reached(holds: (seen: Seen) => boolean): Promise<Seen>
  stop(): Promise<void>
}

/** go-containerregistry issue 2005: a network that answers 400 to streamed bodies and lets buffered ones pass. */
export function vsphere(seen: Seen): Fault | undefined {
  if (seen.method !== 'PATCH') return undefined
  return { kind: 'answer', status: 400, type: 'text/plain; charset=utf-8', body: '400 Bad Request' }
}

/** An HTTP proxy in front of the registry at `target` that can break uploads in the ways networks do. */
export async function startUploadProxy(
  target: string,
  fault: UploadProxy['fault'] = () => undefined,
): Promise<UploadProxy> {
  const upstream = new URL(target)
  const waiting: Array<{ holds: (seen: Seen) => boolean; found: (seen: Seen) => void }> = []
  const closings = new WeakMap<Socket, Promise<void>>()
  const server = createServer((incoming, outgoing) => {
    const seen: Seen = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      headers: incoming.headers,
      bytes: 0,
      closed: closings.get(incoming.socket) ?? Promise.resolve(),
      release: () => incoming.resume(),
    }
    proxy.seen.push(seen)
    incoming.on('data', (chunk: Buffer) => {
      seen.bytes += chunk.length
      for (const { holds, found } of waiting) if (holds(seen)) found(seen)
    })
    incoming.on('error', () => undefined)
    outgoing.on('error', () => undefined)
    const fault = proxy.fault(seen)
    if (fault === undefined) forward(upstream, incoming, outgoing, (head) => proxy.rewrite(head, seen))
    else inflict(fault, seen, incoming, outgoing)
  })
  server.on('connection', (socket) => {
    closings.set(socket, new Promise((resolve) => socket.once('close', () => resolve())))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy: UploadProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: [],
    fault,
    rewrite: () => undefined,
    reached: (holds) => new Promise((found) => waiting.push({ holds, found })),
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return proxy
}

function inflict(fault: Fault, seen: Seen, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const strike = () => {
    if (fault.kind === 'reset') incoming.socket.resetAndDestroy()
    if (fault.kind === 'hang') incoming.pause()
    if (fault.kind !== 'answer') return
    outgoing.writeHead(fault.status, { 'content-type': fault.type, connection: 'close', ...fault.headers })
    outgoing.end(fault.body)
    // what is still on its way is read and dropped, else the reset of the connection overtakes the answer
    incoming.resume()
  }
  if (seen.bytes >= (fault.afterBytes ?? 0)) {
    strike()
    return
  }
  const watch = () => {
    if (seen.bytes < (fault.afterBytes ?? 0)) return
    incoming.off('data', watch)
    strike()
  }
  incoming.on('data', watch)
}

function forward(
  upstream: URL,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  rewrite: (head: { status: number; headers: IncomingMessage['headers'] }) => void,
): void {
  const onward = request(
    {
      host: upstream.hostname,
      port: upstream.port,
      method: incoming.method,
      path: incoming.url,
      headers: incoming.headers,
    },
    (answer) => {
      const head = { status: answer.statusCode ?? 502, headers: { ...answer.headers } }
      rewrite(head)
      outgoing.writeHead(head.status, head.headers)
      answer.pipe(outgoing)
    },
  )
  onward.on('error', () => outgoing.destroy())
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) onward.destroy()
  })
  incoming.pipe(onward)
}
