import type { Socket } from 'node:net'
import { type Evidence, FailureError } from '../../shared/model/failure.ts'
import { localFailure } from '../../shared/model/local-failure.ts'

/** Bytes of a proxy's answer to CONNECT that are read at most. */
const maxHead = 16 * 1024

/** The value of Proxy-Authorization for the user and password in a proxy's address; undefined where there is none. */
export function proxyAuthorization(proxy: URL): string | undefined {
  if (proxy.username === '' && proxy.password === '') return undefined
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`
  return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`
}

/**
 * Asks the proxy at the other end of `socket` for a tunnel to `authority` (RFC 9110, 9.3.6) and resolves with the
 * socket, which then leads there. Throws a FailureError that says the proxy answered where it refuses.
 */
export async function openTunnel(
  socket: Socket,
  options: { proxy: URL; authority: string; signal: AbortSignal },
): Promise<Socket> {
  const { proxy, authority, signal } = options
  const authorization = proxyAuthorization(proxy)
  const lines = [
    `CONNECT ${authority} HTTP/1.1`,
    `Host: ${authority}`,
    ...(authorization !== undefined ? [`Proxy-Authorization: ${authorization}`] : []),
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  try {
    const [statusLine = '', ...fields] = (await readHead(socket, signal)).split('\r\n')
    const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(statusLine)?.[1])
    if (status >= 200 && status < 300) return socket
    throw new FailureError(tunnelRefused(status, fields, proxy, authority))
  } catch (error) {
    socket.destroy()
    throw error
  }
}

/** The text up to the empty line. TLS begins with us, so that nothing may come behind it. */
function readHead(socket: Socket, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let held = Buffer.alloc(0)
    const settle = () => {
      socket.off('data', take).off('error', fail).off('close', close)
      signal.removeEventListener('abort', abort)
      socket.pause()
    }
    const fail = (error: unknown) => {
      settle()
      reject(error instanceof Error ? error : new Error('no tunnel', { cause: error }))
    }
    const take = (chunk: Buffer) => {
      held = Buffer.concat([held, chunk])
      const end = held.indexOf('\r\n\r\n')
      if (end !== -1) {
        settle()
        resolve(held.subarray(0, end).toString('latin1'))
      } else if (held.length > maxHead) {
        fail(Object.assign(new Error('too long an answer'), { code: 'UND_ERR_HEADERS_OVERFLOW' }))
      }
    }
    const close = () => fail(Object.assign(new Error('closed'), { code: 'ECONNRESET' }))
    const abort = () => fail(signal.reason)
    socket.on('data', take).once('error', fail).once('close', close)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
}

function tunnelRefused(status: number, fields: string[], proxy: URL, authority: string) {
  const facts: Evidence[] = [{ fact: 'route', value: `proxy ${proxy.host}` }]
  if (!Number.isNaN(status)) facts.push({ fact: 'status', value: String(status) })
  for (const [name, fact] of [
    ['server', 'server'],
    ['via', 'via'],
  ] as const) {
    const value = fields.find((field) => field.toLowerCase().startsWith(`${name}:`))?.slice(name.length + 1)
    if (value !== undefined) facts.push({ fact, value: value.trim().slice(0, 200) })
  }
  const message = Number.isNaN(status)
    ? `${proxy.host} was asked as a proxy and does not answer as one.`
    : status === 407
      ? `The proxy ${proxy.host} wants to know who asks: HTTP 407.`
      : `The proxy ${proxy.host} did not connect to ${authority}: HTTP ${status}.`
  return {
    ...localFailure(status >= 500 ? 'gateway-fault' : 'proxy-refused', 'connect', message, {
      host: proxy.host,
      evidence: facts,
      retryable: status >= 500,
      next: status >= 500 ? ['check-address', 'ask-proxy-admin'] : ['ask-proxy-admin', 'check-network'],
    }),
    ...(Number.isNaN(status) ? {} : { status }),
    answeredBy: 'proxy' as const,
  }
}
