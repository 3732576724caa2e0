import type { Readable } from 'node:stream'
import type { Exchange } from '../../shared/model/exchange.ts'
import type { Answerer, Phase } from '../../shared/model/failure.ts'
import type { Connection } from './connection.ts'

/** A body is made anew for every attempt: a 401 or a redirect in the middle never sends a drained one. */
export type BodyFactory = () => Uint8Array | { stream: Readable; length?: number }

/** One HTTP request the app wants made. */
export interface Ask {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  url: string
  phase: Phase
  /** Who should answer at this address; the evidence may say otherwise. */
  role: Extract<
    Answerer,
    'registry' | 'mirror' | 'agent' | 'api-server' | 'prometheus' | 'token-service' | 'storage'
  >
  headers?: Record<string, string>
  body?: BodyFactory
  /** Token scope, for asks that may be challenged: `repository:charts/cart:pull,push`. */
  scope?: string
  signal?: AbortSignal
  /** How the host is reached; absent: straight, with the system's roots. */
  connection?: Connection
  /**
   * Bytes of the answer that are read at most; a longer one is a Failure, never a cut text. Of an error (4xx, 5xx)
   * the first 64 KiB are kept instead, whatever follows: enough to explain it.
   */
  maxBytes: number
  /** Milliseconds without progress before the ask fails with `timeout`. */
  patience?: number
  /** Called as body bytes leave, with the sum so far. */
  onSent?: (bytes: number) => void
  /** Called once for every exchange the ask makes, answered or not, as it goes to Activity. */
  onExchange?: (exchange: Exchange) => void
}

export interface AnswerHead {
  status: number
  /** Lower-case names; a repeated header is joined with ", ". */
  headers: Readonly<Record<string, string>>
  bytesSent: number
  /** True when the other side said `Connection: close` or closed at once. */
  connectionClosed: boolean
  /** On a 401 or 403: the scopes the token was asked for and those it allows, where these are fewer. */
  grant?: { asked: string; granted: string }
  /**
   * How the ask was authorized, where it was; for a token the scopes it was asked for and, where it says so, those it
   * allows.
   */
  authorizedBy?: { scheme: 'basic' | 'bearer'; asked?: string; granted?: string }
  /** The exchange as it goes to Activity. */
  exchange: Exchange
}

export interface Answer extends AnswerHead {
  body: Uint8Array
}

/**
 * Makes requests and records each. An answer of any status resolves; a FailureError is thrown only where
 * nobody answered, the answer broke off or grew past its limit, or the caller cancelled. Redirects are not
 * followed: who follows them decides what may be sent along.
 */
export interface Transport {
  send(ask: Ask): Promise<Answer>
  /** As send, with the body still to be read; the caller reads or destroys it. `maxBytes` bounds it too. */
  open(ask: Ask): Promise<AnswerHead & { stream: Readable }>
  close(): Promise<void>
}
