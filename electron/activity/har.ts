import type { Exchange } from '../../shared/model/exchange.ts'

/** Sizes and times HAR 1.2 wants and nobody measured are -1, as its specification has it. */
const unknown = -1

/**
 * Exchanges as a HAR 1.2 log (softwareishard.com/blog/har-12-spec), oldest first. Bodies are never in it:
 * the app does not keep them. What only Chartroom knows stands in fields that begin with `_`.
 */
export function harLog(exchanges: readonly Exchange[], version: string): object {
  return {
    log: {
      version: '1.2',
      creator: { name: 'Chartroom', version },
      entries: exchanges.map(harEntry),
    },
  }
}

function harEntry(exchange: Exchange): object {
  return {
    startedDateTime: new Date(exchange.startedAt).toISOString(),
    time: exchange.duration ?? 0,
    request: {
      method: exchange.method,
      url: exchange.url,
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: pairs(exchange.requestHeaders),
      queryString: queryOf(exchange.url),
      headersSize: unknown,
      bodySize: exchange.bytesSent,
    },
    response: {
      status: exchange.status ?? 0,
      statusText: '',
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: pairs(exchange.responseHeaders),
      content: {
        size: exchange.bytesReceived,
        mimeType: exchange.responseHeaders['content-type'] ?? 'application/octet-stream',
      },
      redirectURL: exchange.responseHeaders['location'] ?? '',
      headersSize: unknown,
      bodySize: exchange.bytesReceived,
    },
    cache: {},
    timings: { send: 0, wait: exchange.duration ?? 0, receive: 0 },
    _phase: exchange.phase,
    _answeredBy: exchange.answeredBy,
    _demo: exchange.demo,
    ...(exchange.failure !== undefined ? { _failure: exchange.failure } : {}),
  }
}

function pairs(headers: Readonly<Record<string, string>>): { name: string; value: string }[] {
  return Object.entries(headers).map(([name, value]) => ({ name, value }))
}

function queryOf(url: string): { name: string; value: string }[] {
  if (!URL.canParse(url)) return []
  return [...new URL(url).searchParams].map(([name, value]) => ({ name, value }))
}
