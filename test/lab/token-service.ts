import { createPrivateKey, sign, X509Certificate } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { mergeScopes } from '../../electron/oci/scope.ts'
import { selfSigned } from '../fakes/certificate.ts'
import { type Seen, startScriptedHttp } from '../fakes/scripted-http.ts'
import type { RegistryOptions } from './registry-process.ts'

/** Who may do what: by user name (empty: anybody), the actions on a resource such as `repository:a/b`. */
export type Rights = Record<string, Record<string, string[]>>

/** A token service as registries have them (distribution, docs/spec/auth): it signs, and registries believe it. */
export interface TokenService {
  /** What a registry is started with to demand its tokens. */
  registry: NonNullable<RegistryOptions['token']>
  seen: Seen[]
  stop(): Promise<void>
}

/**
 * Starts one. The password of a user is the name backwards, and so is the identity token. It grants what `rights`
 * allow of what is asked, and says no to nobody but those with a wrong password.
 */
export async function startTokenService(rights: Rights): Promise<TokenService> {
  const server = await startScriptedHttp((request, response) => answer(request, response, rights))
  return {
    registry: {
      realm: `${server.url}/token`,
      service: 'lab',
      issuer: 'lab-issuer',
      certificate: selfSigned.cert,
    },
    seen: server.seen,
    stop: server.stop,
  }
}

function answer(request: Seen, response: ServerResponse, rights: Rights): void {
  const asked = request.method === 'POST' ? new URLSearchParams(request.body) : request.url.searchParams
  const user = userOf(request, asked)
  if (user === undefined) {
    response.writeHead(401, { 'content-type': 'application/json' }).end('{"details":"incorrect password"}')
    return
  }
  const access = mergeScopes(...asked.getAll('scope'))
    .split(' ')
    .filter((scope) => scope !== '')
    .map((scope) => {
      const [type = '', ...rest] = scope.split(':')
      const actions = rest.pop()?.split(',') ?? []
      const name = rest.join(':')
      const allowed = rights[user]?.[`${type}:${name}`] ?? []
      return { type, name, actions: actions.filter((action) => allowed.includes(action)) }
    })
  const token = tokenFor(user, access)
  const field = request.method === 'POST' ? 'access_token' : 'token'
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ [field]: token, expires_in: 300 }))
}

/** Empty for anybody; undefined for a wrong password. */
function userOf({ method, headers }: Seen, asked: URLSearchParams): string | undefined {
  if (method === 'POST') return backwards(asked.get('refresh_token') ?? '')
  if (headers.authorization === undefined) return ''
  const pair = Buffer.from(headers.authorization.replace(/^Basic /, ''), 'base64').toString('utf8')
  const [name = '', password] = pair.split(':')
  return password === backwards(name) ? name : undefined
}

function tokenFor(user: string, access: Array<{ type: string; name: string; actions: string[] }>): string {
  const now = Math.floor(Date.now() / 1000)
  const x5c = [new X509Certificate(selfSigned.cert).raw.toString('base64')]
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const text = [
    part({ typ: 'JWT', alg: 'ES256', x5c }),
    part({
      iss: 'lab-issuer',
      sub: user,
      aud: 'lab',
      iat: now,
      nbf: now - 10,
      exp: now + 300,
      jti: String(now),
      access: access.filter(({ actions }) => actions.length > 0),
    }),
  ].join('.')
  const key = createPrivateKey(selfSigned.key)
  const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' })
  return `${text}.${signature.toString('base64url')}`
}

export function backwards(text: string): string {
  return [...text].toReversed().join('')
}
