import { once } from 'node:events'
import { connect } from 'node:net'

export interface RawAnswer {
  status: number
  /** Lower-case names; a repeated header keeps its last value. */
  headers: Record<string, string>
  body: string
}

/**
 * Sends bytes as they are and reads the answer to its end: no client library is there to tidy up a path, fill
 * in a Host or refuse to send a foreign Origin.
 */
export async function rawHttp(
  port: number,
  requestLine: string,
  headers: Record<string, string>,
  body: string | Buffer = '',
): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  // a server that refuses may close while we still send
  socket.on('error', () => undefined)
  const lines = Object.entries({ Connection: 'close', ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  )
  socket.write(`${requestLine} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
  if (body.length > 0) socket.write(body)
  const closed = once(socket, 'close')
  // an upgrade that is let in is not closed by the server: its head is the answer
  const upgraded = new Promise<void>((resolve) =>
    socket.on('data', () => {
      if (Buffer.concat(chunks).toString('latin1').startsWith('HTTP/1.1 101')) resolve()
    }),
  )
  await Promise.race([closed, upgraded])
  socket.destroy()
  return parse(Buffer.concat(chunks).toString('utf8'))
}

function parse(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n')
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  return { status: Number(statusLine.split(' ')[1]), headers, body: text.slice(end + 4) }
}
