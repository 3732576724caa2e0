import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** A request as the server saw it, with its body read. */
export interface Seen {
  method: string
  /** Path and query. */
  path: string
  url: URL
  headers: IncomingMessage['headers']
  body: string
}

export interface ScriptedHttp {
  /** `http://127.0.0.1:<port>` */
  url: string
  seen: Seen[]
  stop(): Promise<void>
}

/** A real HTTP server whose answers a test writes; it keeps what it was asked. */
export async function startScriptedHttp(
  answer: (request: Seen, response: ServerResponse) => void,
): Promise<ScriptedHttp> {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.once('end', () => {
      const path = request.url ?? ''
      const entry = {
        method: request.method ?? '',
        path,
        url: new URL(path, 'http://127.0.0.1'),
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      }
      seen.push(entry)
      answer(entry, response)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port was given')
  return {
    url: `http://127.0.0.1:${address.port}`,
    seen,
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
