import type { Exchange } from '../../shared/model/exchange.ts'
import type { Tone } from '../parts/waterfall-layout.ts'

/** An exchange on the timeline: milliseconds count from the first request of the upload. */
export interface ExchangeEntry {
  readonly exchange: Exchange
  readonly start: number
  readonly duration: number
  readonly tone: Tone
}

/** Exchanges in the order they began. */
export function exchangeEntries(exchanges: readonly Exchange[]): ExchangeEntry[] {
  const ordered = [...exchanges].sort((a, b) => a.startedAt - b.startedAt)
  const origin = ordered[0]?.startedAt ?? 0
  return ordered.map((exchange) => ({
    exchange,
    start: exchange.startedAt - origin,
    duration: exchange.duration ?? 0,
    tone: toneOf(exchange),
  }))
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
