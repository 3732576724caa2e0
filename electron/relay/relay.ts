import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { failureError } from '../../shared/model/local-failure.ts'
import { type Limits, passBetween } from './pass.ts'

/** What went through a relay since it started. */
export interface RelayCounts {
  /** Connections open now. */
  connections: number
  /** Connections taken in all. */
  accepted: number
  /** Connections turned away because too many were open. */
  refused: number
  /** Connections that ended in an error, on either side. */
  errors: number
  bytesToRegistry: number
  bytesFromRegistry: number
}

export interface Relay {
  readonly port: number
  /** `127.0.0.1:<port>` */
  readonly address: string
  counts(): RelayCounts
  /** Closes the port and every connection. */
  stop(): Promise<void>
}

/** Connections open at a time: more than any client of a registry opens. */
const maxConnections = 256
const defaultLimits: Limits = { hold: 10, connect: 30_000, linger: 120_000 }

/**
 * Passes bytes between a loopback port and a registry, untouched but for how they are cut into segments: small
 * writes towards the registry are put together (notes on OCI registries, 1.3: a port forward cured what broke
 * streamed uploads on vSphere). Answers pass at once. `host` is a name or an address, IPv6 without brackets.
 * What goes wrong on a connection is counted, never thrown; a FailureError is thrown where no port can be had.
 *
 * The port is open to every program of this machine and adds no credential. The registry is dialled straight,
 * past any HTTP proxy.
 *
 * Other tools use `address` in place of the registry's: `helm push cart.tgz oci://127.0.0.1:<port>/charts
 * --plain-http`, after a log-in to that same address. A registry behind TLS shows the certificate of its own
 * name through here, so there a tool has to ask for that name: put `127.0.0.1 registry.example` into the
 * machine's hosts file and use `registry.example:<port>`.
 */
export async function startRelay(
  target: { host: string; port: number },
  limits: Partial<Limits & { connections: number }> = {},
): Promise<Relay> {
  const counts = { accepted: 0, refused: 0, errors: 0, bytesToRegistry: 0, bytesFromRegistry: 0 }
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    counts.accepted += 1
    connections += 1
    client.once('close', () => (connections -= 1))
    // what is held back is held by us; what leaves, leaves at once
    const registry = connect({ ...target, allowHalfOpen: true, noDelay: true, keepAlive: true })
    for (const socket of [client, registry]) {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    }
    passBetween(client, registry, { ...defaultLimits, ...limits }, counts)
  })
  server.maxConnections = limits.connections ?? maxConnections
  server.on('drop', () => (counts.refused += 1))
  const port = await listen(server)
  // a connection that could not be taken, for want of a file descriptor
  server.on('error', () => (counts.errors += 1))
  let stopped: Promise<unknown> | undefined
  return {
    port,
    address: `127.0.0.1:${port}`,
    counts: () => ({ ...counts, connections }),
    stop: async () => {
      stopped ??= once(server.close(), 'close')
      for (const socket of sockets) socket.destroy()
      await stopped
    },
  }
}

/** Where a registry's address leads: its own port or that of its scheme. */
export function targetOf(url: string): { host: string; port: number } {
  const { hostname, port, protocol } = new URL(url)
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
  }
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw failureError('internal', 'connect', 'No loopback port could be opened for a relay.', {
      evidence: [{ fact: 'error-code', value: code ?? 'unknown' }],
      next: ['retry'],
    })
  }
  return (server.address() as AddressInfo).port
}
