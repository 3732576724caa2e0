import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { explainAnswer } from '../../shared/model/explain.ts'
import { type Failure, FailureError } from '../../shared/model/failure.ts'
import { failureError, localFailure } from '../../shared/model/local-failure.ts'
import type { AgentIdentity } from '../../shared/model/mirror.ts'
import type { Answer, Transport } from '../oci/ask.ts'
import type { Connection } from '../oci/connection.ts'
import type { Clock } from '../ports.ts'
import { maxMetricsBytes } from './metrics/parse.ts'
import { readSpegel } from './metrics/spegel.ts'
import type { AgentResult } from './sources/source.ts'

/** An agent, and where its metrics are. */
export interface ScrapeTarget {
  agent: AgentIdentity
  url: string
  connection?: Connection
}

/** Milliseconds an agent may stand still, and may take as a whole; and over which the first asks are spread. */
export interface ScrapeLimits {
  patience: number
  deadline: number
  spread: number
}

export const usualLimits: ScrapeLimits = { patience: 5000, deadline: 20_000, spread: 200 }

export interface ScrapeOptions {
  /** When the round began, ms since 1970: one clock for all its agents. */
  at: number
  clock: Clock
  /** A number from 0 up to 1. */
  random: () => number
  limits?: Partial<ScrapeLimits>
  /** Hears of every result as soon as it is there. */
  onResult?: ((result: AgentResult) => void) | undefined
}

/** Agents that are asked at the same time. */
const concurrency = 16

const inflate = promisify(gunzip)

/**
 * Scrapes every target, at most 16 at a time, the first of them spread over a moment so that many windows do not ask
 * as one; the results stand in the order of the targets. An agent that does not answer in time, or not with Spegel's
 * metrics, is a result with its Failure. Redirects are not followed. Throws only when `signal` cancels.
 */
export async function scrapeAll(
  targets: readonly ScrapeTarget[],
  transport: Transport,
  signal: AbortSignal,
  options: ScrapeOptions,
): Promise<AgentResult[]> {
  const limits = { ...usualLimits, ...options.limits }
  const results: AgentResult[] = Array.from({ length: targets.length })
  const waiting = targets.entries()
  const worker = async () => {
    await delay(options.random() * limits.spread, undefined, { signal }).catch(() => undefined)
    for (const [index, target] of waiting) {
      const result = await scrapeOne(target, transport, signal, limits, options)
      results[index] = result
      options.onResult?.(result)
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, targets.length) }, worker))
  return results
}

async function scrapeOne(
  { agent, url, connection }: ScrapeTarget,
  transport: Transport,
  signal: AbortSignal,
  limits: ScrapeLimits,
  { at, clock }: ScrapeOptions,
): Promise<AgentResult> {
  try {
    const answer = await transport.send({
      method: 'GET',
      url,
      phase: 'scrape',
      role: 'agent',
      headers: { accept: 'text/plain;version=0.0.4;q=1,*/*;q=0.1', 'accept-encoding': 'gzip' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(limits.deadline)]),
      maxBytes: maxMetricsBytes,
      patience: limits.patience,
      ...(connection !== undefined ? { connection } : {}),
    })
    const clockOffset = offsetOf(answer, clock)
    const sample = readSpegel(await metricsBody(answer, new URL(url).host), answer.headers['content-type'])
    return { agent, ok: true, at, sample, ...(clockOffset !== undefined ? { clockOffset } : {}) }
  } catch (error) {
    if (signal.aborted) throw error
    return { agent, ok: false, failure: failureOf(error, agent, limits) }
  }
}

/** Whatever goes wrong with one agent stays in its row: the others are worth a round. */
function failureOf(error: unknown, { address }: AgentIdentity, { deadline }: ScrapeLimits): Failure {
  if (!(error instanceof FailureError)) {
    return localFailure(
      'internal',
      'scrape',
      `${address} could not be read for a reason this app does not know.`,
      {
        next: ['report-bug'],
      },
    )
  }
  return error.failure.kind === 'cancelled' ? tooSlow(address, deadline) : error.failure
}

/** The Date header is cut to whole seconds, so half of one is the best guess at what was cut. */
function offsetOf({ headers }: Answer, clock: Clock): number | undefined {
  const date = Date.parse(headers['date'] ?? '')
  return Number.isNaN(date) ? undefined : Math.round(date + 500 - clock.now())
}

async function metricsBody(answer: Answer, host: string): Promise<Uint8Array> {
  const body = await decoded(answer)
  if (answer.status === 200) return body
  throw new FailureError(
    explainAnswer({
      phase: 'scrape',
      role: 'agent',
      host,
      method: 'GET',
      status: answer.status,
      headers: answer.headers,
      body: Buffer.from(body.subarray(0, 64 * 1024)).toString('utf8'),
    }),
  )
}

/** The body as text bytes; gzip is taken apart up to the same limit, whatever it was packed from. */
async function decoded(answer: Answer): Promise<Uint8Array> {
  const encoding = (answer.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  if (encoding === 'identity' || encoding === '') return answer.body
  if (encoding !== 'gzip') throw unreadable(`they come in the encoding "${encoding.slice(0, 50)}"`)
  try {
    return await inflate(answer.body, { maxOutputLength: maxMetricsBytes })
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    throw unreadable(tooLarge ? `they unpack to more than ${maxMetricsBytes} bytes` : 'their gzip is broken')
  }
}

function unreadable(why: string) {
  return failureError('metrics-invalid', 'scrape', `The metrics cannot be read: ${why}.`, {
    next: ['check-address'],
  })
}

function tooSlow(address: string, deadline: number): Failure {
  return localFailure('timeout', 'scrape', `${address} did not finish within ${deadline / 1000} s.`, {
    evidence: [{ fact: 'limit', value: `${deadline} ms` }],
    retryable: true,
    next: ['retry', 'check-network'],
  })
}
