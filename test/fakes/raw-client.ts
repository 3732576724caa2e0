import { once } from 'node:events'
import { connect } from 'node:net'
import { framingOf, headText, readWire } from './http-bytes.ts'

/**
 * One request in the shape Go's net/http gives to a body it does not hold in memory: the head goes out alone
 * (transfer.go flushes headers, golang issue 22088) and the body behind it. `between` runs when the head has left;
 * wait there until it has arrived, else the two may still be read as one. Returns the answer's status and body.
 */
export async function sendLikeGo(
  request: { method: string; url: string; headers: Record<string, string>; body: Uint8Array },
  between: () => Promise<unknown>,
): Promise<{ status: number; headers: Record<string, string>; body: string }> {
  const url = new URL(request.url)
  const socket = connect({ port: Number(url.port), host: url.hostname, noDelay: true })
  // an answer may come and the connection end before all was sent
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  const wire = readWire(socket)
  const headers = {
    host: url.host,
    'user-agent': 'Go-http-client/1.1',
    'content-length': String(request.body.length),
    ...request.headers,
  }
  socket.write(headText({ line: `${request.method} ${url.pathname}${url.search} HTTP/1.1`, headers }))
  await between()
  if (request.body.length > 0) socket.write(request.body)
  const answer = await wire.head()
  if (answer === undefined) throw new Error('the connection ended without an answer')
  const chunks: Buffer[] = []
  for await (const { raw } of wire.body(framingOf(answer.head, 'until-close')).parts) chunks.push(raw)
  socket.destroy()
  return {
    status: Number(answer.head.line.split(' ')[1]),
    headers: answer.head.headers,
    body: Buffer.concat(chunks).toString('utf8'),
  }
}
