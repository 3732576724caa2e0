import type { Exchange } from '../../shared/model/exchange.ts'
import type { PublishFallback, Strategy } from '../../shared/model/upload.ts'
import type { Tone } from '../parts/waterfall-layout.ts'

/** An exchange on the timeline: milliseconds count from the first request of the upload. */
export interface ExchangeEntry {
  readonly exchange: Exchange
  readonly start: number
  readonly duration: number
  readonly tone: Tone
  /** The same was asked before and refused, or a session is opened after one that failed. */
  readonly again: boolean
  /** It asks what the registry holds after the manifest was put. */
  readonly readsBack: boolean
  /** Auto changed from one shape to another because of it. */
  readonly fallback?: PublishFallback
}

/** Exchanges in the order they began, with what auto changed where it did. */
export function exchangeEntries(
  exchanges: readonly Exchange[],
  fallbacks: readonly PublishFallback[] = [],
): ExchangeEntry[] {
  const ordered = [...exchanges].sort((a, b) => a.startedAt - b.startedAt)
  const origin = ordered[0]?.startedAt ?? 0
  const causes = causesOf(ordered, fallbacks)
  return ordered.map((exchange, at) => {
    const fallback = causes.get(exchange)
    return {
      exchange,
      start: exchange.startedAt - origin,
      duration: exchange.duration ?? 0,
      tone: toneOf(exchange),
      readsBack:
        exchange.phase !== 'manifest-put' &&
        ordered.slice(0, at).some(({ phase }) => phase === 'manifest-put'),
      again: ordered.slice(0, at).some((before) => isRepeated(before, exchange)),
      ...(fallback === undefined ? {} : { fallback }),
    }
  })
}

/** Milliseconds from the first request's start to the last one's end. */
export function extentOf(entries: readonly ExchangeEntry[]): number {
  return Math.max(0, ...entries.map((entry) => entry.start + entry.duration))
}

/**
 * Two refusals belong to every upload: a 404 to "is this there?" and a 401 that only asks who we are.
 * What else is no 2xx or 3xx is bad.
 */
export function toneOf({ method, phase, status, failure }: Exchange): Tone {
  if (status === 401) return 'quiet'
  if (status === 404 && method === 'HEAD' && (phase === 'blob' || phase === 'manifest')) return 'quiet'
  if (failure !== undefined || status === undefined || status >= 400) return 'bad'
  return 'good'
}

/** Which blob an address names: the chart by its digest, else the config; none where it names none. */
export function blobOf({ url }: Exchange, chartDigest: string): 'chart' | 'config' | undefined {
  const plain = url.replaceAll(/%3a/gi, ':')
  if (plain.includes(chartDigest)) return 'chart'
  return plain.includes('sha256:') ? 'config' : undefined
}

/**
 * How a body travelled, as far as one request shows: a PATCH with a range is a chunk. Whether a PUT came from memory
 * or from the file is only known where all that was tried is the same there.
 */
export function shapeOf(
  { method, requestHeaders }: Exchange,
  tried: ReadonlySet<Strategy>,
): 'buffered' | 'streamed' | 'chunk' | 'bytes' {
  if (method === 'PATCH') return requestHeaders['content-range'] === undefined ? 'streamed' : 'chunk'
  if (tried.has('streamed-put')) return tried.has('buffered') ? 'bytes' : 'streamed'
  return tried.has('buffered') ? 'buffered' : 'bytes'
}

const ofBody = ({ phase }: Exchange) => phase === 'upload-body' || phase === 'upload-commit'

function isRepeated(before: Exchange, now: Exchange): boolean {
  if (toneOf(before) !== 'bad') return false
  if (now.phase === 'upload-session' && ofBody(before)) return now.method === 'POST'
  return before.method === now.method && before.url === now.url
}

/** The refused body each fallback followed. From the end on: a shape may have been tried twice before it was left. */
function causesOf(
  ordered: readonly Exchange[],
  fallbacks: readonly PublishFallback[],
): Map<Exchange, PublishFallback> {
  const causes = new Map<Exchange, PublishFallback>()
  const refused = ordered.filter((exchange) => ofBody(exchange) && toneOf(exchange) === 'bad')
  for (const fallback of fallbacks.toReversed()) {
    const byPut = fallback.from === 'buffered' || fallback.from === 'streamed-put'
    const cause = refused.findLast(
      (exchange) => !causes.has(exchange) && (exchange.method === 'PUT') === byPut,
    )
    if (cause !== undefined) causes.set(cause, fallback)
  }
  return causes
}
