import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { FailureError } from '../../../../shared/model/failure.ts'
import { failureError, localFailure } from '../../../../shared/model/local-failure.ts'
import type { PrometheusSettings } from '../../../../shared/model/mirror-source.ts'
import type { Answer, Ask } from '../../../oci/ask.ts'
import { jsonOf, refusal } from '../../../oci/refusal.ts'
import { authorizationOf, type SourcePorts } from '../source.ts'
import { type ActiveTarget, answerLimits, type QueryAnswer, readAnswer, readTargets } from './answer.ts'

/** Steps of a range query, ms since 1970 and ms. */
export interface Steps {
  from: number
  to: number
  step: number
}

/** What is asked of Prometheus' HTTP API. All of it throws a FailureError. */
export interface PrometheusApi {
  /** `host:port` it is asked at. */
  host: string
  /** The value of every series at one moment, ms since 1970; without one it is the other side's present. */
  instant(query: string, at: number | undefined, signal: AbortSignal): Promise<QueryAnswer>
  /** The values at every step, the last included. */
  range(query: string, steps: Steps, signal: AbortSignal): Promise<QueryAnswer>
  /** What is scraped, and how that failed last where it did. */
  activeTargets(signal: AbortSignal): Promise<ActiveTarget[]>
}

export interface ApiLimits {
  /** Milliseconds without progress; a query that is worked out makes none. */
  patience: number
  /** Milliseconds a query may take as a whole. */
  deadline: number
}

const usualLimits: ApiLimits = { patience: 35_000, deadline: 120_000 }
/** Sent along, so that the other side stops working where this one stopped waiting. */
const serverTimeout = '30s'
/** Characters of an address that every proxy lets through: most draw the line at 8 KiB. */
const longestAddress = 4000

const inflate = promisify(gunzip)

/**
 * Queries go as GET, which any proxy lets through, which Activity can show, and which may be repeated on a connection
 * that was just closed; as POST where the address would grow too long. A server that takes no POST (405, 501) gets a
 * GET after all, as Prometheus' own client does it. Throws `input-invalid` for a URL that carries a user.
 */
export function createApi(
  settings: Pick<PrometheusSettings, 'url' | 'tenant'>,
  ports: Pick<SourcePorts, 'transport' | 'connection' | 'credential'>,
  limits: ApiLimits = usualLimits,
): PrometheusApi {
  const base = baseOf(settings.url)
  const { host } = base
  const headers = {
    accept: 'application/json',
    'accept-encoding': 'gzip',
    ...(settings.tenant !== undefined ? { 'x-scope-orgid': settings.tenant } : {}),
    ...(ports.credential !== undefined ? { authorization: authorizationOf(ports.credential) } : {}),
  }

  const send = async (ask: Pick<Ask, 'method' | 'url' | 'body' | 'headers'>, signal: AbortSignal) => {
    const asked: Ask = {
      ...ask,
      headers: { ...headers, ...ask.headers },
      phase: 'scrape',
      role: 'prometheus',
      signal: AbortSignal.any([signal, AbortSignal.timeout(limits.deadline)]),
      maxBytes: answerLimits.bytes,
      patience: limits.patience,
      ...(ports.connection !== undefined ? { connection: ports.connection } : {}),
    }
    try {
      return { asked, answer: await ports.transport.send(asked) }
    } catch (error) {
      const late = error instanceof FailureError && error.failure.kind === 'cancelled' && !signal.aborted
      throw late ? tooSlow(host, limits.deadline) : error
    }
  }

  const ask = async (path: string, fields: Record<string, string>, signal: AbortSignal): Promise<unknown> => {
    const form = new URLSearchParams(fields)
    const get = addressOf(base, path)
    for (const [name, value] of form) get.searchParams.set(name, value)
    const isLong = get.href.length > longestAddress
    let { asked, answer } = isLong
      ? await send({ method: 'POST', url: addressOf(base, path).href, ...bodyOf(form) }, signal)
      : await send({ method: 'GET', url: get.href }, signal)
    if (isLong && (answer.status === 405 || answer.status === 501)) {
      ;({ asked, answer } = await send({ method: 'GET', url: get.href }, signal))
    }
    if (answer.status !== 200) throw refusal(asked, answer)
    const json = jsonOf(await unpacked(answer, host))
    // a page where the API should be, such as a log-in
    if (json === undefined) throw refusal(asked, answer)
    return json
  }
  const query = async (path: string, fields: Record<string, string>, signal: AbortSignal) =>
    readAnswer(await ask(path, { ...fields, timeout: serverTimeout }, signal), host)

  return {
    host,
    instant: (text, at, signal) =>
      query('/api/v1/query', { query: text, ...(at !== undefined ? { time: seconds(at) } : {}) }, signal),
    range: (text, { from, to, step }, signal) =>
      query(
        '/api/v1/query_range',
        { query: text, start: seconds(from), end: seconds(to), step: seconds(step) },
        signal,
      ),
    activeTargets: async (signal) =>
      readTargets(await ask('/api/v1/targets', { state: 'active' }, signal), host),
  }
}

function baseOf(text: string): URL {
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') {
    throw failureError('input-invalid', 'input', 'User and password do not belong into the URL.', {
      host: url.host,
      next: ['check-address'],
    })
  }
  url.hash = ''
  return url
}

/** Parameters of the source's own URL stay. Who copies the address of a query means its server. */
function addressOf(base: URL, path: string): URL {
  const url = new URL(base)
  url.pathname = url.pathname.replace(/(?:\/api\/v1(?:\/.*)?)?\/*$/, '') + path
  return url
}

function bodyOf(form: URLSearchParams): Pick<Ask, 'body' | 'headers'> {
  return {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: () => Buffer.from(form.toString()),
  }
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3)
}

async function unpacked(answer: Answer, host: string): Promise<Uint8Array> {
  const encoding = (answer.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  if (encoding === 'identity' || encoding === '') return answer.body
  if (encoding !== 'gzip') throw unreadable(host, `it comes in the encoding "${encoding.slice(0, 50)}"`)
  try {
    return await inflate(answer.body, { maxOutputLength: answerLimits.bytes })
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    throw unreadable(
      host,
      tooLarge ? `it unpacks to more than ${answerLimits.bytes} bytes` : 'its gzip is broken',
    )
  }
}

function unreadable(host: string, why: string): FailureError {
  return failureError('answer-invalid', 'scrape', `The answer of ${host} cannot be read: ${why}.`, {
    host,
    next: ['check-matchers', 'check-address'],
  })
}

function tooSlow(host: string, deadline: number): FailureError {
  return new FailureError(
    localFailure('timeout', 'scrape', `${host} did not finish within ${deadline / 1000} s.`, {
      host,
      evidence: [{ fact: 'limit', value: `${deadline} ms` }],
      retryable: true,
      next: ['retry', 'check-matchers'],
    }),
  )
}
