import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { selfSigned } from './certificate.ts'

/** What one connection sees and does; bytes are read off the socket by hand, so that any fault can be played. */
export interface Connection {
  readonly socket: Socket
  /** The next request's head as text, up to and with its empty line. */
  head(): Promise<string>
  /** Waits until this many body bytes came behind the head. */
  body(bytes: number): Promise<void>
}

/** Plays one connection. When it returns, the socket stays as the script left it. */
export type Script = (connection: Connection) => Promise<void>

export interface FaultyServer {
  /** `http(s)://127.0.0.1:<port>` */
  url: string
  host: string
  /** Connections so far. */
  connections(): number
  /** Resolves when there is a connection. */
  connected(): Promise<void>
  /** Resolves when every connection there was is closed. */
  allClosed(): Promise<void>
  stop(): Promise<void>
}

/** Listens on a loopback port and plays `script` on every connection; `tls` speaks TLS, with a self-signed certificate where it names none. */
export async function startFaultyServer(
  script: Script,
  options: { tls?: boolean | TlsOptions } = {},
): Promise<FaultyServer> {
  const tls = options.tls === true ? selfSigned : options.tls === false ? undefined : options.tls
  const sockets = new Set<Socket>()
  let connections = 0
  const listener = (socket: Socket) => {
    connections += 1
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    // the other side may go at any time: that is what is being tested
    socket.on('error', () => undefined)
    script(connectionOf(socket)).catch(() => socket.destroy())
  }
  const server =
    tls !== undefined ? createTlsServer(tls, listener) : createServer({ noDelay: true }, listener)
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port was given')
  const host = `127.0.0.1:${address.port}`
  return {
    url: `${tls !== undefined ? 'https' : 'http'}://${host}`,
    host,
    connections: () => connections,
    connected: async () => {
      if (connections === 0) await once(server, tls !== undefined ? 'secureConnection' : 'connection')
    },
    allClosed: async () => {
      await Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))))
    },
    stop: async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}

function connectionOf(socket: Socket): Connection {
  let held = Buffer.alloc(0)
  const arrival = () =>
    new Promise<void>((resolve, reject) => {
      const settle = () => {
        socket.off('readable', settle).off('close', settle)
        if (socket.destroyed) reject(new Error('the other side went'))
        else resolve()
      }
      socket.once('readable', settle).once('close', settle)
    })
  const more = async () => {
    const chunk = socket.read() as Buffer | null
    if (chunk === null) await arrival()
    else held = Buffer.concat([held, chunk])
  }
  return {
    socket,
    head: async () => {
      for (;;) {
        const end = held.indexOf('\r\n\r\n')
        if (end !== -1) {
          const head = held.subarray(0, end + 4).toString('latin1')
          held = held.subarray(end + 4)
          return head
        }
        await more()
      }
    },
    body: async (bytes) => {
      while (held.length < bytes) await more()
      held = held.subarray(bytes)
    },
  }
}

/** An answer as it stands on the wire; Content-Length is added. */
export function answerText(status: string, headers: Record<string, string>, body: string): string {
  const lines = Object.entries({ ...headers, 'content-length': String(Buffer.byteLength(body)) })
  return `HTTP/1.1 ${status}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`
}

/** Answers every request with the same. */
export function always(answer: string): Script {
  return async ({ head, socket }) => {
    for (;;) {
      await head()
      socket.write(answer)
    }
  }
}

export const htmlPage = always(
  answerText(
    '200 OK',
    { 'content-type': 'text/html; charset=utf-8', server: 'nginx/1.27.0' },
    '<!DOCTYPE html><html><head><title>Welcome</title></head><body>It works</body></html>',
  ),
)

/** Takes the request and says nothing. */
export const hang: Script = async ({ head }) => {
  await head()
}

/** Announces more than it sends, then closes. */
export const halfResponse: Script = async ({ head, socket }) => {
  await head()
  socket.end(
    'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"repositories": ["half',
  )
}

/** Answers while the body is still on its way, then closes without reading the rest: the client sees a reset. */
export function refuseBodyAfter(bytes: number, answer: string): Script {
  return async ({ head, body, socket }) => {
    await head()
    await body(bytes)
    socket.pause()
    socket.write(answer, () => socket.destroy())
  }
}

/** Answers while the body is still on its way and goes on reading nothing, with the connection left open. */
export function answerAfterAndStall(bytes: number, answer: string): Script {
  return async ({ head, body, socket }) => {
    await head()
    await body(bytes)
    socket.pause()
    socket.write(answer)
  }
}

/** Resets the connection in the middle of a body. */
export function resetAfter(bytes: number): Script {
  return async ({ head, body, socket }) => {
    await head()
    await body(bytes)
    socket.resetAndDestroy()
  }
}

export const badRequestText = answerText(
  '400 Bad Request',
  { 'content-type': 'text/plain; charset=utf-8', connection: 'close' },
  '400 Bad Request',
)
export const tooLargeHtml = answerText(
  '413 Request Entity Too Large',
  { 'content-type': 'text/html', server: 'nginx/1.27.0', connection: 'close' },
  '<html><head><title>413 Request Entity Too Large</title></head><body></body></html>',
)
export const plainOnTlsText = answerText(
  '400 Bad Request',
  { 'content-type': 'text/plain; charset=utf-8' },
  'Client sent an HTTP request to an HTTPS server.\n',
)
