import { connect, isIP, isIPv6, type Socket } from 'node:net'
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls'
import { FailureError } from '../../shared/model/failure.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import type { Connection } from './connection.ts'
import { openTunnel } from './proxy-tunnel.ts'

/** Where a connection shall end, whatever the way. */
export interface Target {
  /** Name or address, an IPv6 one without brackets. */
  hostname: string
  port: number
  /** TLS will be spoken on it: a proxy is asked for a tunnel. */
  secure: boolean
}

/** The way there, and what a proxy that is itself reached by TLS is met with. */
export interface Way extends Pick<Connection, 'proxy' | 'relayPort'> {
  proxyContext: () => SecureContext
}

/** Something between us and the registry was not reached: a proxy, the relay. `cause` is what the socket said. */
export class WayError extends Error {
  readonly url: string
  readonly route: string
  constructor(url: string, route: string, cause: unknown) {
    super(`${route} was not reached`, { cause })
    this.name = 'WayError'
    this.url = url
    this.route = route
  }
}

/**
 * Opens TCP to `target`, or to the proxy or relay on the way instead. Through a proxy, TLS gets a CONNECT tunnel
 * (RFC 9110, 9.3.6); plain http is sent to the proxy itself, in absolute form. Rejects with what the socket said,
 * with a WayError, or with a FailureError where the proxy answered and refused.
 */
export async function reach(target: Target, way: Way, signal: AbortSignal): Promise<Socket> {
  const { proxy, relayPort } = way
  if (relayPort !== undefined) {
    const host = '127.0.0.1'
    return onTheWay(`http://${host}:${relayPort}`, `relay ${host}:${relayPort}`, () =>
      openTcp(host, relayPort, signal),
    )
  }
  if (proxy === undefined) return openTcp(target.hostname, target.port, signal)
  const url = proxyUrl(proxy)
  return onTheWay(url.origin, `proxy ${url.host}`, async () => {
    const socket = await openProxy(url, way, signal)
    return target.secure ? openTunnel(socket, { proxy: url, authority: authorityOf(target), signal }) : socket
  })
}

/** Only what a proxy's address says before its host is shown: a password may stand there too. */
function proxyUrl(proxy: string): URL {
  const url = URL.parse(proxy)
  if (url !== null && /^https?:$/.test(url.protocol)) return url
  const kind = /^[a-z0-9]+(?=:\/\/)/i.exec(proxy)?.[0] ?? 'unknown'
  throw failureError('input-invalid', 'connect', `A proxy of the kind "${kind}" is not supported.`, {
    evidence: [{ fact: 'expected', value: 'http://host:port or https://host:port' }],
    next: ['check-network'],
  })
}

async function openProxy(url: URL, way: Way, signal: AbortSignal): Promise<Socket> {
  const hostname = url.hostname.replace(/^\[|\]$/g, '')
  const secure = url.protocol === 'https:'
  const plain = await openTcp(hostname, Number(url.port) || (secure ? 443 : 80), signal)
  return secure ? openTls(plain, { hostname, secureContext: way.proxyContext() }, signal) : plain
}

function openTcp(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 })
  return established(socket, 'connect', signal)
}

/** Speaks TLS on `plain` with `hostname`, whose certificate is judged unless `verify` is false. */
export function openTls(
  plain: Socket,
  options: { hostname: string; secureContext: SecureContext; verify?: boolean },
  signal: AbortSignal,
): Promise<TLSSocket> {
  const { hostname, secureContext, verify = true } = options
  const socket = connectTls({
    socket: plain,
    host: hostname,
    // RFC 6066, 3: an address is no server name
    servername: isIP(hostname) === 0 ? hostname : '',
    secureContext,
    rejectUnauthorized: verify,
    ALPNProtocols: ['http/1.1'],
  })
  // an alert is followed by the end of the stream, which undici would put in its place
  socket.once('error', () => socket.destroy())
  return established(socket, 'secureConnect', signal)
}

/** Resolves with `socket` at its event `ready`; destroys it and rejects when it fails or `signal` aborts first. */
export function established<S extends Socket>(socket: S, ready: string, signal: AbortSignal): Promise<S> {
  return new Promise((resolve, reject) => {
    // an error that comes when nobody listens any more must not end the process
    socket.on('error', () => undefined)
    const settle = () => {
      socket.off(ready, succeed).off('error', fail).off('close', close)
      signal.removeEventListener('abort', abort)
    }
    const fail = (error: unknown) => {
      settle()
      socket.destroy()
      reject(error instanceof Error ? error : new Error('no connection', { cause: error }))
    }
    const succeed = () => {
      settle()
      resolve(socket)
    }
    const close = () => fail(Object.assign(new Error('closed'), { code: 'ECONNRESET' }))
    const abort = () => fail(signal.reason)
    socket.once(ready, succeed).once('error', fail).once('close', close)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
}

async function onTheWay<T>(url: string, route: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open()
  } catch (error) {
    if (error instanceof FailureError) throw error
    throw new WayError(url, route, error)
  }
}

function authorityOf({ hostname, port }: Target): string {
  return `${isIPv6(hostname) ? `[${hostname}]` : hostname}:${port}`
}
