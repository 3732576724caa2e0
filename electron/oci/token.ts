import { z } from 'zod'
import { failureError } from '../../shared/model/local-failure.ts'
import type { Answer, Ask, Transport } from './ask.ts'
import type { Challenge } from './challenge.ts'
import type { ResolvedCredential } from './credential.ts'
import { checkedRealm } from './realm.ts'
import { jsonOf, refusal } from './refusal.ts'
import { mergeScopes } from './scope.ts'

/** An access token. `startedAt` in milliseconds since 1970 is when it was asked for, `life` in milliseconds. */
export interface Token {
  value: string
  startedAt: number
  life: number
  /** What it allows, where it or its service says so: often less than was asked, which is no error (notes 5.1). */
  granted?: string
}

const tokenBytes = 128 * 1024
/** Seconds a token lives where its service does not say (distribution, docs/spec/auth/token). */
const defaultSeconds = 60

const tokenAnswerSchema = z.object({
  token: z.string().min(1).optional().catch(undefined),
  access_token: z.string().min(1).optional().catch(undefined),
  expires_in: z.number().positive().optional().catch(undefined),
  scope: z.string().min(1).max(10_000).optional().catch(undefined),
})

/** The payload of distribution's own tokens (docs/spec/auth/jwt). */
const payloadSchema = z.object({
  access: z
    .array(
      z.object({
        type: z.string(),
        name: z.string(),
        actions: z
          .array(z.string())
          .nullish()
          .transform((actions) => actions ?? []),
      }),
    )
    .max(1000),
})

export interface TokenRequest {
  challenge: Challenge
  scope: string
  credential: ResolvedCredential | undefined
  /** The registry's. */
  origin: string
  signal: AbortSignal | undefined
}

/**
 * Asks the token service a Bearer challenge names: GET with Basic for a password or anonymously, POST with
 * `grant_type=refresh_token` for an identity token (distribution, docs/spec/auth/token and oauth). Where a service
 * does not take the POST and there is a password too, the GET follows. Throws a FailureError of phase `token`.
 */
export async function fetchToken(transport: Transport, request: TokenRequest): Promise<Token> {
  const { challenge, scope, credential } = request
  const realm = checkedRealm(challenge.parameters['realm'] ?? '', request.origin)
  const service = challenge.parameters['service']
  const common = {
    phase: 'token' as const,
    role: 'token-service' as const,
    maxBytes: tokenBytes,
    ...(request.signal !== undefined ? { signal: request.signal } : {}),
  }
  const password = credential !== undefined && 'password' in credential ? credential : undefined
  if (credential !== undefined && 'identityToken' in credential) {
    const ask: Ask = { ...common, ...refreshAsk(realm, service, scope, credential.identityToken) }
    const answer = await transport.send(ask)
    if (answer.status === 200) return tokenOf(realm, answer)
    // 404 by the spec; Harbor says 405, ghcr 4xx of other kinds. One that asks to slow down is not asked again
    const declined = answer.status >= 400 && answer.status < 500 && answer.status !== 429
    if (!declined || password === undefined) throw refusal(ask, answer)
  }
  const ask: Ask = { ...common, ...getAsk(realm, service, scope, password) }
  const answer = await transport.send(ask)
  if (answer.status !== 200) throw refusal(ask, answer)
  return tokenOf(realm, answer)
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

function tokenOf(realm: URL, answer: Answer): Token {
  const parsed = tokenAnswerSchema.safeParse(jsonOf(answer.body)).data
  const value = parsed?.token ?? parsed?.access_token
  if (value === undefined || !/^[\x21-\x7e]+$/.test(value)) {
    throw failureError('answer-invalid', 'token', `${realm.host} sent no token.`, {
      host: realm.host,
      next: ['ask-registry-admin'],
    })
  }
  const granted = accessOf(value) ?? parsed?.scope
  return {
    value,
    startedAt: answer.exchange.startedAt,
    life: (parsed?.expires_in ?? defaultSeconds) * 1000,
    ...(granted !== undefined ? { granted: mergeScopes(granted) } : {}),
  }
}

/** The `access` claim of a token that is a JWT, as a scope. Read to be shown, never trusted. */
function accessOf(token: string): string | undefined {
  const payload = token.split('.')[1]
  if (payload === undefined) return undefined
  const { access } = payloadSchema.safeParse(jsonOf(Buffer.from(payload, 'base64url'))).data ?? {}
  return access?.map(({ type, name, actions }) => `${type}:${name}:${actions.join(',')}`).join(' ')
}
