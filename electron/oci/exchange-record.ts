import { randomUUID } from 'node:crypto'
import { explainAnswer, whoAnswered } from '../../shared/model/explain.ts'
import type { Exchange } from '../../shared/model/exchange.ts'
import type { Failure } from '../../shared/model/failure.ts'
import { redactHeaders, redactUrl } from '../../shared/model/redact.ts'
import type { Clock, RecordExchange } from '../ports.ts'
import type { AnswerHead, Ask } from './ask.ts'

export type Head = Omit<AnswerHead, 'exchange'>

interface Ended {
  bytesSent: number
  bytesReceived: number
  status?: number
  headers?: Readonly<Record<string, string>>
  failure?: Failure
  body?: string
}

/** The record of one ask from its start to its only end. */
export interface ExchangeRecord {
  /** The exchange while its answer is still read. */
  present(head: Head): Exchange
  /** Ends it and hands it on; called once. */
  end(ended: Ended): Exchange
}

/** Begins the record of `ask` as it goes out with `headers`, secrets taken out of both. */
export function beginExchange(
  ask: Ask,
  headers: Record<string, string>,
  ports: { record: RecordExchange; clock: Clock; isDemo?: (host: string) => boolean },
): ExchangeRecord {
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
    present: (head) => exchangeOf({ ...head, bytesReceived: 0 }),
    end: (ended) => {
      const exchange = { ...exchangeOf(ended), duration: ports.clock.now() - startedAt }
      ports.record(exchange)
      ask.onExchange?.(exchange)
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

/**
 * 4xx and 5xx are shown with their verdict; a 401 that asks for a log-in is part of the conversation, and where
 * something is asked for that need not be there (a HEAD, the referrers API and its fallback tag) a 404 is the answer.
 */
export function verdictOf(ask: Ask, head: Head, body: string): Failure | undefined {
  const mayLack = ask.method === 'HEAD' || ask.phase === 'referrers'
  if (head.status < 400 || (head.status === 404 && mayLack)) return
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
