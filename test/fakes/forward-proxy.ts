import { once } from 'node:events'
import { createServer, type IncomingMessage, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { passBetween } from '../../electron/relay/pass.ts'

/** A forward proxy on a loopback port, which keeps what it was asked. */
export interface ForwardProxy {
  /** `http://127.0.0.1:<port>` */
  url: string
  /** `METHOD target`, as it stood in the request's first line. */
  seen: string[]
  /** Proxy-Authorization of each request. */
  authorizations: Array<string | undefined>
  stop(): Promise<void>
}

/**
 * Starts a real forward proxy: CONNECT opens a tunnel, other requests in absolute form are passed on. Names ending in
 * `.test` lead to this machine. `refuse` is what it says instead, as a first line and header lines.
 */
export async function startForwardProxy(options: { refuse?: string[] } = {}): Promise<ForwardProxy> {
  const seen: string[] = []
  const authorizations: Array<string | undefined> = []
  const sockets = new Set<Socket>()
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket)).on('error', () => undefined)
  }
  const note = ({ method = '', url = '', headers }: IncomingMessage) => {
    seen.push(`${method} ${url}`)
    authorizations.push(headers['proxy-authorization'])
  }
  const server = createServer((incoming, response) => {
    note(incoming)
    const url = new URL(incoming.url ?? '')
    const { 'proxy-authorization': _, ...headers } = incoming.headers
    const onward = request(
      { host: hostOf(url.hostname), port: url.port, method: incoming.method, path: url.pathname, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      },
    )
    onward.once('error', () => response.destroy())
    incoming.pipe(onward)
  })
  server.on('connection', keep)
  server.on('connect', (incoming: IncomingMessage, socket: Socket) => {
    note(incoming)
    if (options.refuse !== undefined) {
      socket.end(`${options.refuse.join('\r\n')}\r\n\r\n`)
      return
    }
    const { hostname, port } = new URL(`http://${incoming.url ?? ''}`)
    const onward = connect(Number(port), hostOf(hostname))
    keep(onward)
    onward.once('connect', () => socket.write('HTTP/1.1 200 Connection established\r\n\r\n'))
    passBetween(
      socket,
      onward,
      { hold: 0, connect: 30_000, linger: 30_000 },
      { errors: 0, bytesToRegistry: 0, bytesFromRegistry: 0 },
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port was given')
  return {
    url: `http://127.0.0.1:${address.port}`,
    seen,
    authorizations,
    stop: async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}

function hostOf(hostname: string): string {
  return hostname.endsWith('.test') ? '127.0.0.1' : hostname
}
