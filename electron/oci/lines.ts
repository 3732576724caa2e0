import { createHash } from 'node:crypto'
import { Agent, type Dispatcher } from 'undici'
import type { Ask } from './ask.ts'
import type { Connection } from './connection.ts'
import { createConnector } from './connector.ts'
import { proxyAuthorization } from './proxy-tunnel.ts'

/** Agents that are kept: two for every way a registry is reached. */
const maxLines = 64

type Tls = NonNullable<Connection['tls']>
type RequestOptions = Omit<Dispatcher.RequestOptions, 'origin' | 'path'> & { signal: AbortSignal }

/** The connections asks travel on: kept apart by how the host is reached and by whether they carry uploads. */
export interface Lines {
  request(ask: Ask, options: RequestOptions): Promise<Dispatcher.ResponseData>
  /** Ends all connections, also those in use. */
  close(): Promise<void>
}

/**
 * Uploads have connections of their own, so that a broken body never takes a read with it. HTTP/1.1 only: uploads
 * over HTTP/2 stall on flow control (go-containerregistry issue 1193). `headerBytes` bounds an answer's head.
 */
export function createLines(limits: { headerBytes: number; connectTimeout: number }): Lines {
  // the longest unused comes first
  const lines = new Map<string, Line>()
  const keys = new WeakMap<Tls, string>()
  /** A digest, since a client certificate's key is part of what is told apart. */
  const keyOf = (tls: Tls): string => {
    const parts = [tls.ca, tls.client?.certificate, tls.client?.key, tls.verify, tls.serverName]
    const key = keys.get(tls) ?? createHash('sha256').update(JSON.stringify(parts)).digest('base64')
    keys.set(tls, key)
    return key
  }
  const lineOf = (ask: Ask): Line => {
    const connection = ask.connection ?? {}
    const { tls, proxy, relayPort } = connection
    const key = [isUpload(ask), tls === undefined ? '' : keyOf(tls), proxy, relayPort].join(' ')
    const line = lines.get(key) ?? createLine(connection, limits)
    lines.delete(key)
    lines.set(key, line)
    const [oldest] = lines
    if (lines.size > maxLines && oldest !== undefined) {
      lines.delete(oldest[0])
      // what runs on it comes to its end
      void oldest[1].agent.close()
    }
    return line
  }
  return {
    request: (ask, options) => lineOf(ask).request(ask, options),
    close: async () => {
      await Promise.all([...lines.values()].map(({ agent }) => agent.destroy()))
    },
  }
}

function isUpload({ phase }: Ask): boolean {
  return phase.startsWith('upload-') || phase === 'manifest-put'
}

interface Line {
  agent: Agent
  request: Lines['request']
}

function createLine(connection: Connection, limits: Parameters<typeof createLines>[0]): Line {
  const connector = createConnector(connection, limits.connectTimeout)
  const agent = new Agent({
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: limits.headerBytes,
    connect: connector.connect,
  })
  /** Asks per origin that have no answer yet. */
  const unanswered = new Map<string, number>()
  return {
    agent,
    request: async (ask, options) => {
      const url = new URL(ask.url)
      const { origin } = url
      unanswered.set(origin, (unanswered.get(origin) ?? 0) + 1)
      try {
        const answer = agent.request({ ...options, origin, ...targetOf(url, connection, options) })
        return await orAborted(answer, options.signal)
      } finally {
        const left = (unanswered.get(origin) ?? 1) - 1
        if (left > 0) unanswered.set(origin, left)
        else {
          unanswered.delete(origin)
          connector.abandon(origin)
        }
      }
    },
  }
}

/** Plain http is asked of a proxy in absolute form (RFC 9112, 3.2.2), with what the proxy itself wants to know. */
function targetOf(url: URL, connection: Connection, { headers }: RequestOptions) {
  const { proxy, relayPort } = connection
  if (proxy === undefined || relayPort !== undefined || url.protocol !== 'http:') {
    return { path: url.pathname + url.search }
  }
  const address = URL.parse(proxy)
  const authorization = address === null ? undefined : proxyAuthorization(address)
  return {
    path: `${url.origin}${url.pathname}${url.search}`,
    headers: {
      ...(headers as Record<string, string>),
      ...(authorization !== undefined ? { 'proxy-authorization': authorization } : {}),
    },
  }
}

/** undici looks at the signal only once a connection stands, and goes on connecting until then. */
async function orAborted(
  answer: Promise<Dispatcher.ResponseData>,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason as Error)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([answer, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
    if (signal.aborted)
      answer.then(({ body }) => body.on('error', () => undefined).destroy()).catch(() => undefined)
  }
}
