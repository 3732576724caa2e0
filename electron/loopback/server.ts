import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { finished } from 'node:stream/promises'
import { WebSocketServer } from 'ws'
import { z } from 'zod'
import { localFailure } from '../../shared/model/local-failure.ts'
import type { App } from '../app.ts'
import { mediaTypeOf, pathBelow } from '../page-files.ts'
import { contentSecurityPolicy, renderPage } from '../page.ts'
import { takeIn } from '../take-in.ts'
import { maxMessageLength, socketCarrier } from '../wire/carriers.ts'
import { serveRouter } from '../wire/serve-router.ts'
import { refusalOf } from './gate.ts'
import { type Session, createSession } from './session.ts'

/** Windows that may be open at once. */
const maxSockets = 32

const tokenSchema = z.object({ token: z.string().max(200) })

export interface LoopbackHost {
  readonly port: number
  /** With the one-use token in its fragment, which browsers send to nobody. */
  readonly address: string
  close(): Promise<void>
}

/**
 * Serves the page below `root` and the app behind it on 127.0.0.1 and no other interface. `port` 0 takes a
 * free one. Rejects with the system's error where the port is taken.
 */
export async function startLoopbackHost(options: {
  app: Pick<App, 'router' | 'intake' | 'log'>
  root: string
  port: number
}): Promise<LoopbackHost> {
  const { app, root } = options
  const server = createServer({ maxHeaderSize: 16 * 1024 })
  await listen(server, options.port)
  const { port } = server.address() as AddressInfo
  const session = createSession(port)
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxMessageLength,
    perMessageDeflate: false,
  })

  server.on('request', (request, response) => {
    answer(request, response, { app, root, port, session }).catch((error: unknown) => {
      app.log.error({ err: error }, 'a request to the browser host failed')
      if (response.headersSent) response.destroy()
      else plain(response, 500, 'Chartroom failed to answer.')
    })
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const allowed =
      pathOf(request) === '/wire' &&
      refusalOf(request, port, true) === undefined &&
      session.isProven(request.headers.cookie) &&
      sockets.clients.size < maxSockets
    if (!allowed) {
      // Node has let go of this socket: an error of it that nobody hears would end the process
      socket.on('error', () => socket.destroy())
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (open) => {
      serveRouter(app.router, socketCarrier(open), app.log)
    })
  })

  return {
    port,
    address: `http://127.0.0.1:${port}/#token=${session.token}`,
    close: async () => {
      for (const socket of sockets.clients) socket.terminate()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

interface House {
  app: Pick<App, 'intake' | 'log'>
  root: string
  port: number
  session: Session
}

async function answer(request: IncomingMessage, response: ServerResponse, house: House): Promise<void> {
  const { session, port } = house
  response.setHeader('X-Content-Type-Options', 'nosniff')
  response.setHeader('Referrer-Policy', 'no-referrer')
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin')
  response.setHeader('Cache-Control', 'no-store')
  const refusal = refusalOf(request, port, request.method !== 'GET' && request.method !== 'HEAD')
  if (refusal !== undefined) return plain(response, 403, `Refused: ${refusal}.`)

  const path = pathOf(request)
  if (path === '/session' && request.method === 'POST') return exchange(request, response, session)
  if (path === '/session' && request.method === 'GET') {
    return plain(response, session.isProven(request.headers.cookie) ? 204 : 401, '')
  }
  if (path === '/intake' && request.method === 'POST') return intake(request, response, house)
  if (request.method !== 'GET' && request.method !== 'HEAD') return plain(response, 405, 'Refused: method.')
  if (path === '/' || path === '/index.html') return page(response, house)
  return file(response, house.root, path)
}

async function exchange(request: IncomingMessage, response: ServerResponse, session: Session): Promise<void> {
  const given = tokenSchema.safeParse(parseJson(await readText(request, 1000)))
  const cookie = given.success ? session.exchange(given.data.token) : undefined
  if (cookie === undefined) return plain(response, 401, 'Refused: token.')
  response.setHeader('Set-Cookie', cookie)
  return plain(response, 204, '')
}

async function intake(request: IncomingMessage, response: ServerResponse, house: House): Promise<void> {
  if (!house.session.isProven(request.headers.cookie)) {
    const failure = localFailure('host-gone', 'wire', 'This page was not let in: open the address anew.', {
      next: ['restart-app'],
    })
    return json(response, 401, { failure })
  }
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const { searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
  // a reader that stops in the middle would destroy the request, and with it the way back for the answer
  const bytes = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
  const { status, body } = await takeIn(house.app.intake, searchParams, bytes, gone.signal, house.app.log)
  // a sender that is still at it would be cut off by an answer, and never read it
  if (!request.complete) await finished(request.resume()).catch(() => undefined)
  json(response, status, body)
}

function json(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body)
  response
    .writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) })
    .end(text)
}

async function page(response: ServerResponse, { root, port }: House): Promise<void> {
  const nonce = randomBytes(16).toString('base64')
  const html = await readFile(join(root, 'index.html'), 'utf8')
  response
    .writeHead(200, {
      'Content-Type': mediaTypeOf('index.html'),
      'Content-Security-Policy': contentSecurityPolicy({ nonce, connect: [`ws://127.0.0.1:${port}`] }),
    })
    .end(renderPage(html, { nonce, carrier: 'socket' }))
}

async function file(response: ServerResponse, root: string, pathname: string): Promise<void> {
  const path = pathBelow(root, pathname)
  const bytes = path === undefined ? undefined : await readFile(path).catch(() => undefined)
  if (path === undefined || bytes === undefined) return plain(response, 404, 'There is no such file.')
  response
    .writeHead(200, { 'Content-Type': mediaTypeOf(path), 'Content-Security-Policy': "default-src 'none'" })
    .end(bytes)
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' }).end(text)
}

/** The path as it was sent: a URL parser would resolve the dots that have to be refused. */
function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? ''
}

async function readText(request: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) return ''
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
}
