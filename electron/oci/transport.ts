import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { errors } from 'undici'
import { type Failure, FailureError } from '../../shared/model/failure.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import type { Clock, RecordExchange } from '../ports.ts'
import type { Answer, Ask, Transport } from './ask.ts'
import { beginExchange } from './exchange-record.ts'
import { createGate } from './gate.ts'
import { type Incoming, readAnswer } from './incoming.ts'
import { createLines } from './lines.ts'
import { networkFailure } from './network-failure.ts'
import { createOutgoing, type Outgoing } from './outgoing.ts'
import { createPatience, type Patience } from './patience.ts'
import { speaksTls } from './tls/speaks-tls.ts'

/** Milliseconds without progress that are borne where the ask does not say otherwise. */
const defaultPatience = 30_000

/** What may come at most, whoever is asked; bytes, counts and milliseconds. */
export interface TransportLimits {
  /** Bytes of an answer's head. */
  headerBytes: number
  headers: number
  /** Bytes of an error's body that are kept to explain it. */
  errorBytes: number
  /** Milliseconds until a connection must stand. */
  connectTimeout: number
  /** Milliseconds after which requests that all wait for this side let another one through: see `createGate`. */
  stall: number
}
const usualLimits: TransportLimits = {
  headerBytes: 64 * 1024,
  headers: 200,
  errorBytes: 64 * 1024,
  connectTimeout: 30_000,
  stall: 250,
}

export interface TransportPorts {
  record: RecordExchange
  clock: Clock
  /** Marks exchanges with the embedded registry and agents. */
  isDemo?: (host: string) => boolean
  /** The proxy for an address, from the environment; a registry's own connection comes first. */
  proxyOf?: (url: URL) => string | undefined
  /** Requests to one origin at a time; those to and through a cluster are not counted. 8 where it is not said. */
  places?: () => number
  limits?: Partial<TransportLimits>
}

/**
 * The one way out of the app over HTTP. Every ask ends as one recorded Exchange, also a failed or cancelled one.
 */
export function createTransport(ports: TransportPorts): Transport {
  const limits = { ...usualLimits, ...ports.limits }
  const lines = createLines(limits)
  const gate = createGate({ places: ports.places ?? (() => 8), stall: limits.stall })

  const attempt = async (ask: Ask): Promise<Incoming> => {
    const patience = createPatience(ask.patience ?? defaultPatience, ask.signal)
    const leave = inCluster(ask) ? () => undefined : await gate.enter(new URL(ask.url).origin, patience)
    const outgoing = createOutgoing(ask, patience)
    const headers = { 'user-agent': 'chartroom', ...ask.headers, ...outgoing.headers }
    const record = beginExchange(ask, headers, ports)
    const explain = (error: unknown) => failureOf(error, ask, patience, outgoing)
    let answer
    try {
      patience.signal.throwIfAborted()
      patience.start()
      answer = await lines.request(ask, {
        method: ask.method,
        headers,
        body: outgoing.body ?? null,
        signal: patience.signal,
        // undici closes the connection after a HEAD unless it is told not to
        reset: false,
      })
      patience.stop()
    } catch (error) {
      const failure = (await hungUpOnPlain(error, ask, patience)) ?? explain(error)
      patience.end()
      outgoing.discard()
      leave()
      record.end({ bytesSent: outgoing.sent(), bytesReceived: 0, failure })
      throw new FailureError(failure, { cause: error })
    }
    return readAnswer(ask, answer, { record, patience, outgoing, failureOf: explain, leave, limits })
  }

  const begin = async (asked: Ask): Promise<Incoming> => {
    const ask = { ...asked, ...connectionOf(asked, ports.proxyOf) }
    try {
      return await attempt(ask)
    } catch (error) {
      if (!wasIdle(ask, error)) throw error
      return attempt(ask)
    }
  }

  return {
    send: async (ask): Promise<Answer> => {
      const incoming = await begin(ask)
      const chunks: Uint8Array[] = []
      try {
        for await (const chunk of incoming.chunks) chunks.push(chunk)
      } finally {
        incoming.finish()
      }
      // undici counts the connection as free one turn later; the next ask would open another one
      await turn()
      return { ...incoming.head, exchange: incoming.finish(), body: Buffer.concat(chunks) }
    },
    open: async (ask) => {
      const incoming = await begin(ask)
      const stream = Readable.from(incoming.chunks, { objectMode: false })
      stream.once('close', incoming.finish)
      return { ...incoming.head, exchange: incoming.present(), stream }
    },
    close: lines.close,
  }
}

/**
 * Who asks agents bounds how many it asks at a time, over all of them; behind an API server they share one origin, and
 * a watch there lasts for minutes.
 */
function inCluster({ role }: Ask): boolean {
  return role === 'agent' || role === 'api-server'
}

/** The environment's proxy for what is asked of the world; mirrors and their agents are inside the cluster. */
function connectionOf(ask: Ask, proxyOf: TransportPorts['proxyOf']): Pick<Ask, 'connection'> {
  const { connection = {}, role } = ask
  if (connection.proxy !== undefined || connection.relayPort !== undefined) return { connection }
  const proxy = role === 'agent' || role === 'mirror' ? undefined : proxyOf?.(new URL(ask.url))
  return { connection: proxy === undefined ? connection : { ...connection, proxy } }
}

/**
 * A kept connection the server closed just as it was used again: nothing was answered on it, and a read may be
 * asked anew. Only undici's own error tells how much was read before; a first use has read nothing.
 */
function wasIdle(ask: Ask, error: unknown): boolean {
  if ((ask.method !== 'GET' && ask.method !== 'HEAD') || !(error instanceof FailureError)) return false
  const { cause } = error
  return cause instanceof errors.SocketError && (cause.socket?.bytesRead ?? 0) > 0
}

/**
 * A TLS listener may just hang up on plain http, which looks like any lost connection. Whether it speaks TLS is
 * evidence only a handshake gives; it is tried where a registry is met first, and nothing is sent over it.
 */
async function hungUpOnPlain(error: unknown, ask: Ask, patience: Patience): Promise<Failure | undefined> {
  const url = new URL(ask.url)
  const straight = ask.connection?.proxy === undefined && ask.connection?.relayPort === undefined
  if (ask.phase !== 'ping' || url.protocol !== 'http:' || !straight) return undefined
  const hungUp = error instanceof errors.SocketError && error.socket?.bytesRead === 0
  if (!hungUp || !(await speaksTls(url, patience.signal))) return undefined
  return {
    ...failureError(
      'plain-on-tls',
      ask.phase,
      `${url.host} hung up on plain http and answers in TLS on this port.`,
      { host: url.host, next: ['use-https', 'check-scheme'] },
    ).failure,
    answeredBy: 'server',
  }
}

function failureOf(error: unknown, ask: Ask, patience: Patience, outgoing: Outgoing): Failure {
  const host = new URL(ask.url).host
  if (outgoing.error() !== undefined) {
    const cause = outgoing.error()
    if (cause instanceof FailureError) return cause.failure
    return failureError('internal', ask.phase, 'What was to be sent could not be read.', { host }).failure
  }
  const reason = patience.reason() ?? error
  if (reason instanceof FailureError) return reason.failure
  return networkFailure(reason, {
    phase: ask.phase,
    url: ask.url,
    bytesSent: outgoing.sent(),
    patience: ask.patience ?? defaultPatience,
  })
}
