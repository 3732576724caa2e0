import { isIP } from 'node:net'
import { z } from 'zod'
import { failureError } from '../../shared/model/local-failure.ts'
import type { Ask, Transport } from './ask.ts'
import type { Challenge } from './challenge.ts'
import type { ResolvedCredential } from './credential.ts'
import { jsonOf, refusal } from './refusal.ts'

/** An access token; `expiresAt` in milliseconds since 1970, already short of the moment it really ends. */
export interface Token {
  value: string
  expiresAt: number
}

const tokenBytes = 128 * 1024
/** Seconds a token lives where its service does not say (distribution, docs/spec/auth/token). */
const defaultSeconds = 60
/** The share of its life a token is used for, so that it does not end on the way. */
const usedShare = 0.8

const tokenAnswerSchema = z.object({
  token: z.string().min(1).optional(),
  access_token: z.string().min(1).optional(),
  expires_in: z.number().positive().optional(),
})

/**
 * Asks the token service a Bearer challenge names: GET with Basic for a password or anonymously, POST with
 * `grant_type=refresh_token` for an identity token (distribution, docs/spec/auth/oauth).
 * `origin` is the registry's. Throws a FailureError of phase `token`.
 */
export async function fetchToken(
  transport: Transport,
  request: {
    challenge: Challenge
    scope: string
    credential: ResolvedCredential | undefined
    origin: string
    signal: AbortSignal | undefined
  },
): Promise<Token> {
  const { challenge, scope, credential } = request
  const realm = checkedRealm(challenge.parameters['realm'] ?? '', request.origin)
  const service = challenge.parameters['service']
  const common = {
    phase: 'token' as const,
    role: 'token-service' as const,
    maxBytes: tokenBytes,
    ...(request.signal !== undefined ? { signal: request.signal } : {}),
  }
  const ask: Ask =
    credential !== undefined && 'identityToken' in credential
      ? { ...common, ...refreshAsk(realm, service, scope, credential.identityToken) }
      : { ...common, ...getAsk(realm, service, scope, credential) }
  const answer = await transport.send(ask)
  if (answer.status !== 200) throw refusal(ask, answer)
  const parsed = tokenAnswerSchema.safeParse(jsonOf(answer.body))
  const value = parsed.data?.token ?? parsed.data?.access_token
  if (value === undefined || !/^[\x21-\x7e]+$/.test(value)) {
    throw failureError('answer-invalid', 'token', `${realm.host} sent no token.`, {
      host: realm.host,
      next: ['ask-registry-admin'],
    })
  }
  const life = (parsed.data?.expires_in ?? defaultSeconds) * 1000
  return { value, expiresAt: answer.exchange.startedAt + life * usedShare }
}

function getAsk(
  realm: URL,
  service: string | undefined,
  scope: string,
  credential: { username: string; password: string } | undefined,
) {
  const url = new URL(realm)
  if (service !== undefined) url.searchParams.set('service', service)
  for (const one of scope.split(' ')) if (one !== '') url.searchParams.append('scope', one)
  if (credential === undefined) return { method: 'GET' as const, url: url.toString() }
  url.searchParams.set('account', credential.username)
  const pair = Buffer.from(`${credential.username}:${credential.password}`, 'utf8').toString('base64')
  return { method: 'GET' as const, url: url.toString(), headers: { authorization: `Basic ${pair}` } }
}

function refreshAsk(realm: URL, service: string | undefined, scope: string, identityToken: string) {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: identityToken,
    client_id: 'chartroom',
    access_type: 'offline',
    ...(service !== undefined ? { service } : {}),
    ...(scope !== '' ? { scope } : {}),
  })
  const body = Buffer.from(form.toString(), 'utf8')
  return {
    method: 'POST' as const,
    url: realm.toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: () => body,
  }
}

/**
 * A realm a password may be sent to: https, unless the registry itself is plain http; no address inside this
 * machine or network that the registry, standing elsewhere, has no business naming (go-containerregistry 2258).
 */
function checkedRealm(text: string, origin: string): URL {
  const registry = new URL(origin)
  const refuse = (why: string) =>
    failureError(
      'answer-invalid',
      'token',
      `${registry.host} names a token service that is not asked: ${why}.`,
      {
        host: registry.host,
        evidence: [{ fact: 'challenge', value: text.slice(0, 200).split('?', 1)[0] ?? '' }],
        next: ['ask-registry-admin'],
      },
    )
  let realm: URL
  try {
    realm = new URL(text)
  } catch {
    throw refuse('its address does not parse')
  }
  if (realm.protocol !== 'https:' && !(realm.protocol === 'http:' && registry.protocol === 'http:')) {
    throw refuse('it does not use https')
  }
  if (realm.username !== '' || realm.password !== '') throw refuse('its address carries a password')
  if (realm.hostname !== registry.hostname && isInside(realm.hostname) && !isInside(registry.hostname)) {
    throw refuse('it is an address inside a private network')
  }
  return realm
}

function isInside(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase()
  if (host === 'localhost' || host.endsWith('.localhost')) return true
  if (isIP(host) === 6) return /^(?:::1$|::$|f[cd]|fe[89ab]|::ffff:)/.test(host)
  return isIP(host) === 4 && /^(?:0|10|127|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01]))\./.test(host)
}
