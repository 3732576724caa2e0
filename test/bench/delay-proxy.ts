import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

type See = (text: string) => void

/** What passed a delay proxy. */
export interface Passed {
  requests: number
  /** Requests that followed each other: of those under way at a time, the longest chain. */
  trips: number
}

export interface DelayProxy {
  url: string
  /** What passed since it was asked last. */
  take(): Passed
  stop(): Promise<void>
}

/** A request's first line: HTTP/1.1 keeps connections, so that one may begin in any piece. */
const requestLine = /^(?:GET|HEAD|POST|PUT|PATCH|DELETE) [^\r\n]* HTTP\/1\.1\r$/gm

/**
 * Passes TCP on to `target` and holds every piece back for `delay` milliseconds, each way; that of the handshake is
 * not held, as it costs nothing on loopback. Counts requests where they come in: each is one trip longer than the
 * longest that was answered before it.
 */
export async function startDelayProxy(target: string, delay: number): Promise<DelayProxy> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  let requests = 0
  let answered = 0
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    client.setNoDelay()
    upstream.setNoDelay()
    let trip = 0
    const asked = (text: string) => {
      const begun = [...text.matchAll(requestLine)].length
      requests += begun
      if (begun > 0) trip = answered + 1
    }
    const told = (text: string) => {
      if (text.startsWith('HTTP/1.1 ')) answered = Math.max(answered, trip)
    }
    carry(client, upstream, delay, { come: asked })
    carry(upstream, client, delay, { gone: told })
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.once('error', () => undefined)
      socket.once('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take: () => {
      const passed = { requests, trips: answered }
      requests = 0
      answered = 0
      return passed
    },
    stop: async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}

/**
 * Passes pieces on, each `delay` milliseconds after it came; timers of one length fire in the order they were set.
 * What waits is held in memory: charts are small.
 */
function carry(from: Socket, to: Socket, delay: number, see: { come?: See; gone?: See }): void {
  const later = (work: () => void) => (delay === 0 ? work() : setTimeout(work, delay))
  from.on('data', (chunk: Buffer) => {
    see.come?.(chunk.toString('latin1'))
    later(() => {
      see.gone?.(chunk.toString('latin1'))
      to.write(chunk)
    })
  })
  from.once('end', () => later(() => to.end()))
}
