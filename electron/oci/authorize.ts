import type { Clock } from '../ports.ts'
import type { AnswerHead, Ask, Transport } from './ask.ts'
import { type Challenge, parseChallenges } from './challenge.ts'
import type { ResolvedCredential } from './credential.ts'
import { fetchToken, type Token } from './token.ts'

/**
 * A transport that answers the registry's challenges. Only asks to the registry's own origin are authorized:
 * what leads elsewhere (storage, another host) goes without. After a 401 an ask is repeated once, with a fresh body.
 * Tokens are kept per scope until shortly before they expire.
 */
export function authorize(
  transport: Transport,
  options: { credential: ResolvedCredential | undefined; registryUrl: string; clock?: Clock },
): Transport {
  const { credential } = options
  const clock = options.clock ?? { now: Date.now }
  const { origin } = new URL(options.registryUrl)
  const tokens = new Map<string, Token>()
  let known: Challenge | undefined

  const authorization = async (
    ask: Ask,
    challenge: Challenge,
    fresh: boolean,
  ): Promise<string | undefined> => {
    if (challenge.scheme === 'basic') return basicOf(credential)
    const scope = mergeScopes(ask.scope, fresh ? challenge.parameters['scope'] : undefined)
    const key = `${challenge.parameters['realm']} ${challenge.parameters['service']} ${scope}`
    const held = tokens.get(key)
    if (!fresh && held !== undefined && held.expiresAt > clock.now()) return `Bearer ${held.value}`
    const got = await fetchToken(transport, { challenge, scope, credential, origin, signal: ask.signal })
    tokens.set(key, got)
    // the same ask without the challenge's own scope finds it too
    tokens.set(`${challenge.parameters['realm']} ${challenge.parameters['service']} ${ask.scope ?? ''}`, got)
    return `Bearer ${got.value}`
  }

  const converse = async <A extends AnswerHead>(
    ask: Ask,
    go: (ask: Ask) => Promise<A>,
    drop: (answer: A) => void,
  ): Promise<A> => {
    if (new URL(ask.url).origin !== origin) return go(ask)
    const begin = known === undefined ? undefined : await authorization(ask, known, false)
    const first = await go(withAuthorization(ask, begin))
    if (first.status !== 401) return first
    const challenge = choose(first.headers['www-authenticate'], credential)
    if (challenge === undefined) return first
    const again = await authorization(ask, challenge, true)
    // the very same password was refused just now: asking again only feeds a lock-out
    if (again === undefined || (challenge.scheme === 'basic' && again === begin)) return first
    drop(first)
    known = challenge
    return go(withAuthorization(ask, again))
  }

  return {
    send: (ask) => converse(ask, transport.send, () => undefined),
    open: (ask) => converse(ask, transport.open, ({ stream }) => stream.destroy()),
    close: transport.close,
  }
}

/** The first challenge we can answer; registries behind a proxy may offer Negotiate and others beside it. */
function choose(
  header: string | undefined,
  credential: ResolvedCredential | undefined,
): Challenge | undefined {
  return parseChallenges(header ?? '').find(
    ({ scheme, parameters }) =>
      (scheme === 'bearer' && parameters['realm'] !== undefined) ||
      (scheme === 'basic' && basicOf(credential) !== undefined),
  )
}

function basicOf(credential: ResolvedCredential | undefined): string | undefined {
  if (credential === undefined || !('password' in credential)) return undefined
  const pair = Buffer.from(`${credential.username}:${credential.password}`, 'utf8')
  return `Basic ${pair.toString('base64')}`
}

function withAuthorization(ask: Ask, authorization: string | undefined): Ask {
  return authorization === undefined ? ask : { ...ask, headers: { ...ask.headers, authorization } }
}

/**
 * One scope per resource with its actions merged and sorted: some token services read only the first scope,
 * others refuse two for one repository. A resource name may hold a colon (a port), so actions are cut from the right.
 */
export function mergeScopes(...lists: Array<string | undefined>): string {
  const actions = new Map<string, Set<string>>()
  for (const scope of lists.flatMap((list) => list?.split(' ') ?? []).filter((scope) => scope !== '')) {
    const colon = scope.lastIndexOf(':')
    const resource = scope.slice(0, colon)
    const set = actions.get(resource) ?? new Set<string>()
    for (const action of scope.slice(colon + 1).split(',')) set.add(action)
    actions.set(resource, set)
  }
  return [...actions].map(([resource, set]) => `${resource}:${[...set].sort().join(',')}`).join(' ')
}
