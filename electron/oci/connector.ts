import type { Socket } from 'node:net'
import type { buildConnector } from 'undici'
import type { Connection } from './connection.ts'
import { openTls, reach, type Way } from './reach.ts'
import { readToTheEnd } from './read-to-the-end.ts'
import { secureContextOf } from './tls/secure-context.ts'

/** Opens the connections of one undici agent. */
export interface Connector {
  connect: buildConnector.connector
  /** Drops what is still being connected to `origin`: nobody waits for it any more. */
  abandon(origin: string): void
}

/**
 * Opens connections as `connection` says, which read to their end (see `readToTheEnd`).
 */
export function createConnector(connection: Connection, timeout: number): Connector {
  const underWay = new Map<AbortController, string>()
  const secureContext = once(() => secureContextOf(connection.tls))
  const way: Way = { ...connection, proxyContext: once(() => secureContextOf(undefined)) }

  const open = async (options: buildConnector.Options, signal: AbortSignal): Promise<Socket> => {
    const { hostname } = options
    const secure = options.protocol === 'https:'
    const port = Number(options.port) || (secure ? 443 : 80)
    const plain = await reach({ hostname, port, secure }, way, signal)
    if (!secure) return plain
    const { verify = true, serverName = hostname } = connection.tls ?? {}
    return openTls(plain, { hostname: serverName, secureContext: secureContext(), verify }, signal)
  }

  return {
    connect: (options, hand) => {
      const controller = new AbortController()
      const late = setTimeout(
        () => controller.abort(Object.assign(new Error('connect timeout'), { code: 'ETIMEDOUT' })),
        timeout,
      )
      underWay.set(controller, `${options.protocol}//${options.host ?? options.hostname}`)
      const end = () => {
        clearTimeout(late)
        underWay.delete(controller)
      }
      open(options, controller.signal).then(
        (socket) => {
          end()
          readToTheEnd(socket)
          hand(null, socket)
        },
        (error: unknown) => {
          end()
          hand(error instanceof Error ? error : new Error('no connection', { cause: error }), null)
        },
      )
    },
    abandon: (origin) => {
      for (const [controller, asked] of underWay) {
        if (asked === origin)
          controller.abort(Object.assign(new Error('abandoned'), { code: 'ECONNABORTED' }))
      }
    },
  }
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => (made ??= { value: make() }).value
}
