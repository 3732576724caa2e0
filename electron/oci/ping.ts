import type { Answer, Ask, Transport } from './ask.ts'
import { parseChallenges } from './challenge.ts'
import { refusal } from './refusal.ts'

/** What GET /v2/ told. `milliseconds` is the time of the first round trip. */
export interface Ping {
  milliseconds: number
  apiVersion?: string
  server?: string
  authentication: 'none' | 'basic' | 'bearer'
}

/**
 * Asks GET /v2/ twice: bare, to see what the registry demands, then with the credential if it demands one.
 * Throws a FailureError when the credential is refused or when what answers is no registry.
 */
export async function ping(
  bare: Transport,
  authorized: Transport,
  url: string,
  signal?: AbortSignal,
): Promise<Ping> {
  const ask: Ask = {
    method: 'GET',
    url: new URL('/v2/', url).toString(),
    phase: 'ping',
    role: 'registry',
    maxBytes: 64 * 1024,
    ...(signal !== undefined ? { signal } : {}),
  }
  const first = await bare.send(ask)
  const challenges = parseChallenges(first.headers['www-authenticate'] ?? '')
  const answer = first.status === 401 && challenges.length > 0 ? await authorized.send(ask) : first
  if (answer.status !== 200 || !looksLikeRegistry(answer)) throw refusal(ask, answer)
  const apiVersion = first.headers['docker-distribution-api-version']
  const server = first.headers['server']
  const scheme = challenges.map((challenge) => challenge.scheme)
  return {
    milliseconds: first.exchange.duration ?? 0,
    authentication: first.status !== 401 ? 'none' : scheme.includes('bearer') ? 'bearer' : 'basic',
    ...(apiVersion !== undefined ? { apiVersion } : {}),
    ...(server !== undefined ? { server } : {}),
  }
}

/** 200 alone proves nothing: a registry names its API version or answers with JSON or with nothing at all. */
function looksLikeRegistry(answer: Answer): boolean {
  if (answer.headers['docker-distribution-api-version'] !== undefined) return true
  const body = Buffer.from(answer.body).toString('utf8').trim()
  return body === '' || /^[{[]/.test(body)
}
