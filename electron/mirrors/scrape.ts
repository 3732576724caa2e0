import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { explainAnswer } from '../../shared/model/explain.ts'
import { type Failure, FailureError } from '../../shared/model/failure.ts'
import { failureError, localFailure } from '../../shared/model/local-failure.ts'
import type { Answer, Transport } from '../oci/ask.ts'
import { metricsUrl } from './address.ts'
import { maxMetricsBytes } from './parse.ts'
import { readSpegel, type SpegelCounts } from './spegel.ts'

/** Milliseconds an agent may stand still, and may take as a whole. */
export interface ScrapeLimits {
  patience: number
  deadline: number
}

export const scrapeLimits: ScrapeLimits = { patience: 5000, deadline: 20_000 }

/** Agents that are asked at the same time. */
const concurrency = 16

const inflate = promisify(gunzip)

export type ScrapeResult = { ok: true; counts: SpegelCounts } | { ok: false; failure: Failure }

/**
 * Scrapes every address, at most 16 at a time; the results stand in the order of the addresses. An agent that
 * does not answer, or not with Spegel's metrics, is a result with its Failure. Throws only when `signal`
 * cancels.
 */
export async function scrapeAll(
  addresses: readonly string[],
  transport: Transport,
  signal: AbortSignal,
  limits: ScrapeLimits = scrapeLimits,
): Promise<ScrapeResult[]> {
  const results: ScrapeResult[] = Array.from({ length: addresses.length })
  const waiting = addresses.entries()
  const worker = async () => {
    for (const [index, address] of waiting)
      results[index] = await scrapeOne(address, transport, signal, limits)
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, addresses.length) }, worker))
  return results
}

async function scrapeOne(
  address: string,
  transport: Transport,
  signal: AbortSignal,
  limits: ScrapeLimits,
): Promise<ScrapeResult> {
  const deadline = AbortSignal.timeout(limits.deadline)
  try {
    const url = metricsUrl(address)
    const answer = await transport.send({
      method: 'GET',
      url,
      phase: 'scrape',
      role: 'agent',
      headers: { accept: 'text/plain;version=0.0.4;q=1,*/*;q=0.1', 'accept-encoding': 'gzip' },
      signal: AbortSignal.any([signal, deadline]),
      maxBytes: maxMetricsBytes,
      patience: limits.patience,
    })
    return { ok: true, counts: readSpegel(await metricsText(answer, new URL(url).host)) }
  } catch (error) {
    if (!(error instanceof FailureError) || signal.aborted) throw error
    if (error.failure.kind === 'cancelled') return { ok: false, failure: tooSlow(address, limits.deadline) }
    return { ok: false, failure: error.failure }
  }
}

async function metricsText(answer: Answer, host: string): Promise<string> {
  const body = await decoded(answer)
  if (answer.status === 200) return body.toString('utf8')
  throw new FailureError(
    explainAnswer({
      phase: 'scrape',
      role: 'agent',
      host,
      method: 'GET',
      status: answer.status,
      headers: answer.headers,
      body: body.toString('utf8', 0, 64 * 1024),
    }),
  )
}

/** The body as text bytes; gzip is taken apart up to the same limit, whatever it was packed from. */
async function decoded(answer: Answer): Promise<Buffer> {
  const encoding = (answer.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  if (encoding === 'identity' || encoding === '') return Buffer.from(answer.body)
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
