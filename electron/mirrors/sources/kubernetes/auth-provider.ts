import { failureError } from '../../../../shared/model/local-failure.ts'
import type { KubeUser } from './kubeconfig.ts'

type AuthProvider = NonNullable<KubeUser['auth-provider']>

/**
 * The bearer token an auth-provider of the kubeconfig keeps there: of `oidc` the id-token, of `gcp` and `azure`, which
 * kubectl has no more since 1.26, the access-token. Only kubectl renews it: a refresh token is good for one use, and
 * whoever uses it has to write the next one into the kubeconfig. Throws a FailureError `unauthorized` where there is no
 * token or it ended before `now` (ms since 1970).
 */
export function tokenOfProvider({ name, config = {} }: AuthProvider, now: number): string {
  const idToken = config['id-token']
  const token = idToken || config['access-token']
  if (!token) throw unusable(name, 'holds no token')
  const ends = token === idToken ? endOfJwt(token) : endSaid(config)
  if (ends !== undefined && ends <= now) throw unusable(name, 'holds a token that has expired')
  return token
}

/** RFC 7519, 4.1.4: seconds since 1970; here milliseconds. */
function endOfJwt(token: string): number | undefined {
  try {
    const payload: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    const { exp } = payload as { exp?: unknown }
    return typeof exp === 'number' ? exp * 1000 : undefined
  } catch {
    return undefined
  }
}

/** gcp writes a date, azure seconds since 1970. */
function endSaid(config: Readonly<Record<string, string>>): number | undefined {
  const seconds = config['expires-on']
  const ends = seconds ? Number(seconds) * 1000 : Date.parse(config['expiry'] ?? '')
  return Number.isNaN(ends) ? undefined : ends
}

function unusable(name: string, why: string) {
  const message = `The auth-provider "${name.slice(0, 100)}" of the kubeconfig ${why}; kubectl renews it, or a log-in.`
  return failureError('unauthorized', 'token', message, { next: ['log-in-to-cluster', 'check-kubeconfig'] })
}
