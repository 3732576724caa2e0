import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { Agent, type Dispatcher, errors } from 'undici'
import { explainAnswer, whoAnswered } from '../../shared/model/explain.ts'
import type { Exchange } from '../../shared/model/exchange.ts'
import { type Failure, FailureError } from '../../shared/model/failure.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import { redactHeaders, redactUrl } from '../../shared/model/redact.ts'
import type { Clock, RecordExchange } from '../ports.ts'
import type { Answer, AnswerHead, Ask, Transport } from './ask.ts'
import { createConnector } from './connector.ts'
import { networkFailure } from './network-failure.ts'
import { createOutgoing, type Outgoing } from './outgoing.ts'
import { createPatience, type Patience } from './patience.ts'

/** Milliseconds without progress that are borne where the ask does not say otherwise. */
const defaultPatience = 30_000
/** Bytes of an error answer that are kept to explain it. */
const explainedBytes = 64 * 1024

/**
 * The one way out of the app over HTTP. HTTP/1.1 only: uploads over HTTP/2 stall on flow control
 * (go-containerregistry issue 1193). Every ask ends as one recorded Exchange, also a failed or cancelled one.
 * `isDemo` marks exchanges with the embedded registry and agents.
 */
export function createTransport(ports: {
  record: RecordExchange
  clock: Clock
  isDemo?: (host: string) => boolean
}): Transport {
  const agent = new Agent({ allowH2: false, headersTimeout: 0, bodyTimeout: 0, connect: createConnector() })

  const attempt = async (ask: Ask): Promise<Incoming> => {
    const patience = createPatience(ask.patience ?? defaultPatience, ask.signal)
    const outgoing = createOutgoing(ask, patience)
    const headers = { 'user-agent': 'chartroom', ...ask.headers, ...outgoing.headers }
    const record = beginExchange(ask, headers, ports)
    try {
      patience.signal.throwIfAborted()
      patience.start()
      const answer = await agent.request(requestOf(ask, headers, outgoing, patience))
      patience.stop()
      return readAnswer(ask, answer, { record, patience, outgoing })
    } catch (error) {
      patience.end()
      outgoing.discard()
      const failure = failureOf(error, ask, patience, outgoing)
      record.end({ bytesSent: outgoing.sent(), bytesReceived: 0, failure })
      throw new FailureError(failure, { cause: error })
    }
  }

  const begin = async (ask: Ask): Promise<Incoming> => {
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
    close: () => agent.destroy(),
  }
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

type Head = Omit<AnswerHead, 'exchange'>

/** An answer whose head came. */
interface Incoming {
  head: Head
  chunks: AsyncGenerator<Uint8Array>
  /** The exchange while it runs. */
  present(): Exchange
  /** Frees the socket where the body was not read to its end, and records the exchange; once. */
  finish(): Exchange
}

interface Ended {
  bytesSent: number
  bytesReceived: number
  status?: number
  headers?: Readonly<Record<string, string>>
  failure?: Failure
  body?: string
}

/** The record of one ask from its start to its only end. */
function beginExchange(
  ask: Ask,
  headers: Record<string, string>,
  ports: Parameters<typeof createTransport>[0],
) {
  const startedAt = ports.clock.now()
  const host = new URL(ask.url).host
  const begun = {
    id: randomUUID(),
    startedAt,
    phase: ask.phase,
    method: ask.method,
    url: redactUrl(ask.url),
    host,
    requestHeaders: redactHeaders(Object.entries(headers)),
    demo: ports.isDemo?.(host) ?? false,
  }
  const exchangeOf = (ended: Ended): Exchange => ({
    ...begun,
    bytesSent: ended.bytesSent,
    bytesReceived: ended.bytesReceived,
    responseHeaders: redactHeaders(Object.entries(ended.headers ?? {})),
    ...(ended.status !== undefined ? { status: ended.status } : {}),
    answeredBy: answererOf(ask, host, ended),
    ...(ended.failure !== undefined ? { failure: ended.failure.kind } : {}),
  })
  return {
    present: (head: Head): Exchange => exchangeOf({ ...head, bytesReceived: 0 }),
    end: (ended: Ended): Exchange => {
      const exchange = { ...exchangeOf(ended), duration: ports.clock.now() - startedAt }
      ports.record(exchange)
      return exchange
    },
  }
}

function answererOf(ask: Ask, host: string, ended: Ended): Exchange['answeredBy'] {
  if (ended.status === undefined) return ended.failure?.answeredBy ?? 'nobody'
  return whoAnswered({
    phase: ask.phase,
    role: ask.role,
    host,
    method: ask.method,
    status: ended.status,
    headers: ended.headers ?? {},
    body: ended.body ?? '',
  })
}

function requestOf(
  ask: Ask,
  headers: Record<string, string>,
  outgoing: Outgoing,
  patience: Patience,
): Dispatcher.RequestOptions {
  const url = new URL(ask.url)
  return {
    origin: url.origin,
    path: url.pathname + url.search,
    method: ask.method,
    headers,
    body: outgoing.body ?? null,
    signal: patience.signal,
    // undici closes the connection after a HEAD unless it is told not to
    reset: false,
  }
}

/** The answer's bytes, bounded and watched. */
function readAnswer(
  ask: Ask,
  answer: Dispatcher.ResponseData,
  parts: { record: ReturnType<typeof beginExchange>; patience: Patience; outgoing: Outgoing },
): Incoming {
  const { record, patience, outgoing } = parts
  const headers = flatten(answer.headers)
  const head: Head = {
    status: answer.statusCode,
    headers,
    bytesSent: outgoing.sent(),
    connectionClosed: /\bclose\b/i.test(headers['connection'] ?? ''),
  }
  const kept: Uint8Array[] = []
  let received = 0
  let failure: Failure | undefined
  let finished: Exchange | undefined
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      if (ask.method !== 'HEAD' && Number(headers['content-length'] ?? 0) > ask.maxBytes) throw tooLong(ask)
      patience.start()
      for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
        patience.stop()
        received += chunk.length
        if (received > ask.maxBytes) throw tooLong(ask)
        if (head.status >= 400 && received <= explainedBytes) kept.push(chunk)
        yield chunk
        patience.start()
      }
    } catch (error) {
      failure = error instanceof FailureError ? error.failure : failureOf(error, ask, patience, outgoing)
      throw error instanceof FailureError ? error : new FailureError(failure, { cause: error })
    } finally {
      patience.stop()
    }
  }
  const finish = (): Exchange => {
    if (finished !== undefined) return finished
    patience.end()
    outgoing.discard()
    // whoever stopped reading has no use for the error of this destroy
    answer.body.on('error', () => undefined)
    answer.body.destroy()
    const body = Buffer.concat(kept).toString('utf8')
    const failed = failure ?? verdictOf(ask, head, body)
    finished = record.end({
      ...head,
      bytesReceived: received,
      body,
      ...(failed !== undefined ? { failure: failed } : {}),
    })
    return finished
  }
  return { head, chunks: chunks(), present: () => record.present(head), finish }
}

function tooLong(ask: Ask): FailureError {
  const { host } = new URL(ask.url)
  return failureError('answer-invalid', ask.phase, `${host} sent more than ${ask.maxBytes} bytes.`, {
    host,
    evidence: [{ fact: 'limit', value: String(ask.maxBytes) }],
    next: ['check-address'],
  })
}

/**
 * 4xx and 5xx are shown with their verdict; a 401 that asks for a log-in is part of the conversation, and to a
 * HEAD, which asks whether something is there, a 404 is the answer.
 */
function verdictOf(ask: Ask, head: Head, body: string): Failure | undefined {
  if (head.status < 400 || (head.status === 404 && ask.method === 'HEAD')) return
  if (head.status === 401 && head.headers['www-authenticate'] !== undefined) return
  return explainAnswer({
    phase: ask.phase,
    role: ask.role,
    host: new URL(ask.url).host,
    method: ask.method,
    status: head.status,
    headers: head.headers,
    body,
    bytesSent: head.bytesSent,
    connectionClosed: head.connectionClosed,
  })
}

function failureOf(error: unknown, ask: Ask, patience: Patience, outgoing: Outgoing): Failure {
  const host = new URL(ask.url).host
  if (outgoing.error() !== undefined) {
    const cause = outgoing.error()
    if (cause instanceof FailureError) return cause.failure
    return failureError('internal', ask.phase, 'What was to be sent could not be read.', { host }).failure
  }
  return networkFailure(patience.reason() ?? error, {
    phase: ask.phase,
    url: ask.url,
    bytesSent: outgoing.sent(),
    patience: ask.patience ?? defaultPatience,
  })
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat = Object.create(null) as Record<string, string>
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value
  }
  return flat
}
