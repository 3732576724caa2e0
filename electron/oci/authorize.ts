import type { Clock } from '../ports.ts'
import type { AnswerHead, Ask, Transport } from './ask.ts'
import { type Challenge, parseChallenges } from './challenge.ts'
import type { CredentialLookup, ResolvedCredential } from './credential.ts'
import { kindOf, lacks, mergeScopes, repositoryOf, sortScopes } from './scope.ts'
import type { Token } from './token.ts'
import { createTokens, refusedMilliseconds } from './tokens.ts'

/** What goes into the header, and for a token what it was asked for. */
interface Authorization {
  header: string
  token?: Token
  scope?: string
  challenge?: Challenge
  /** Made for this very ask, so no newer one is to be had. */
  fetched?: boolean
}

/**
 * A transport that answers the registry's challenges. Only asks to the registry's own origin are authorized:
 * what leads elsewhere (storage, another host) goes without. After a 401 an ask is repeated once, with a fresh body.
 * A PATCH is not, for what was taken of it would be there twice: its sender opens a new session with a new token.
 * An answer of 401 or 403 says what the token allows where that is less than was asked (`grant`).
 */
export function authorize(
  transport: Transport,
  options: {
    credential: ResolvedCredential | CredentialLookup | undefined
    registryUrl: string
    clock?: Clock
    /** What the token service is asked through; `transport` where it is left out. */
    tokenTransport?: Transport
  },
): Transport {
  const { credential: given } = options
  const clock = options.clock ?? { now: Date.now }
  const { origin } = new URL(options.registryUrl)
  const lookup: CredentialLookup = typeof given === 'function' ? given : () => Promise.resolve(given)
  const tokens = createTokens({ transport: options.tokenTransport ?? transport, clock, origin })
  /** By kind of scope: Harbor wants a token for repositories and Basic for its catalog. */
  const known = new Map<string, Challenge>()
  /** The first ask of a kind until it is answered: who has a credential finds out once what it is wanted for. */
  const meeting = new Map<string, Promise<void> | undefined>()
  /** What a challenge added to a scope, so that the same ask finds its token next time. */
  const widened = new Map<string, string>()
  /** The password that was taken last: a 401 to it is about something else. */
  let accepted: string | undefined
  /** The last password refused for a scope: not sent again at once, lest it lock an account. */
  const refusedBasic = new Map<string, { header: string; until: number }>()

  const authorization = async (
    ask: Ask,
    challenge: Challenge,
    refused?: Authorization,
  ): Promise<Authorization | undefined> => {
    const credential = await lookup(repositoryOf(ask.scope))
    if (challenge.scheme === 'basic') {
      const header = basicOf(credential)
      const held = refusedBasic.get(sortScopes(ask.scope))
      if (header === undefined) return undefined
      return held?.header === header && clock.now() < held.until ? undefined : { header }
    }
    if (credential !== undefined && 'registryToken' in credential) {
      return { header: `Bearer ${credential.registryToken}` }
    }
    const asked = sortScopes(ask.scope)
    const scope = widened.get(asked) ?? mergeScopes(ask.scope)
    const { token, fetched } = await tokens.get({
      challenge,
      scope,
      credential,
      signal: ask.signal,
      long: ask.phase === 'upload-body' && ask.body !== undefined,
      refused: refused?.token?.value,
    })
    return { header: `Bearer ${token.value}`, token, scope, challenge, fetched }
  }

  /** Remembers what the registry demands; false where a token with exactly that has just been refused. */
  const learn = (ask: Ask, challenge: Challenge, refused: Authorization | undefined): boolean => {
    known.set(kindOf(ask.scope), challenge)
    if (challenge.scheme === 'basic') return true
    const asked = sortScopes(ask.scope)
    const wider = mergeScopes(widened.get(asked) ?? ask.scope, challenge.parameters['scope'])
    widened.set(asked, wider)
    const before = refused?.challenge?.parameters
    return (
      refused?.fetched !== true ||
      sortScopes(wider) !== sortScopes(refused.scope) ||
      before?.['realm'] !== challenge.parameters['realm'] ||
      before?.['service'] !== challenge.parameters['service']
    )
  }

  const attempt = async <A extends AnswerHead>(
    ask: Ask,
    used: Authorization | undefined,
    go: (ask: Ask) => Promise<A>,
  ): Promise<A> => {
    const answer = await go(withAuthorization(ask, used))
    if (used !== undefined && used.token === undefined) {
      const { header } = used
      if (answer.status !== 401 && answer.status < 500) accepted = header
      if (answer.status === 401 && accepted !== header) {
        refusedBasic.set(sortScopes(ask.scope), { header, until: clock.now() + refusedMilliseconds })
      }
    }
    return withGrant(answer, used)
  }

  const converse = async <A extends AnswerHead>(
    ask: Ask,
    go: (ask: Ask) => Promise<A>,
    drop: (answer: A) => void,
  ): Promise<A> => {
    if (new URL(ask.url).origin !== origin) return go(ask)
    const kind = kindOf(ask.scope)
    if (!meeting.has(kind)) {
      const met = Promise.withResolvers<void>()
      meeting.set(kind, met.promise)
      return authorized(ask, go, drop, () => {
        meeting.set(kind, undefined)
        met.resolve()
      })
    }
    const first = meeting.get(kind)
    if (first !== undefined && (await lookup(repositoryOf(ask.scope))) !== undefined) {
      await Promise.race([first, aborted(ask.signal)])
    }
    return authorized(ask, go, drop, () => undefined)
  }

  /** `onMet` hears when the registry has said whether it wants a credential, or has not answered at all. */
  const authorized = async <A extends AnswerHead>(
    ask: Ask,
    go: (ask: Ask) => Promise<A>,
    drop: (answer: A) => void,
    onMet: () => void,
  ): Promise<A> => {
    const demanded = known.get(kindOf(ask.scope))
    const begin = demanded === undefined ? undefined : await authorization(ask, demanded)
    let first
    let challenge
    let isNew
    try {
      first = await attempt(ask, begin, go)
      if (first.status !== 401) return first
      challenge = await choose(first.headers['www-authenticate'], () => lookup(repositoryOf(ask.scope)))
      isNew = challenge !== undefined && learn(ask, challenge, begin)
    } finally {
      onMet()
    }
    if (challenge === undefined || !isNew) return first
    const again = await authorization(ask, challenge, begin)
    if (again === undefined || again.header === begin?.header) return first
    if (ask.method === 'PATCH' && ask.body !== undefined) return first
    drop(first)
    return attempt(ask, again, go)
  }

  return {
    send: (ask) => converse(ask, transport.send, () => undefined),
    open: (ask) => converse(ask, transport.open, ({ stream }) => stream.destroy()),
    close: transport.close,
  }
}

function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    signal?.addEventListener('abort', () => resolve(), { once: true })
    if (signal?.aborted === true) resolve()
  })
}

/** The first challenge we can answer; registries behind a proxy may offer Negotiate and others beside it. */
async function choose(
  header: string | undefined,
  lookup: () => Promise<ResolvedCredential | undefined>,
): Promise<Challenge | undefined> {
  for (const challenge of parseChallenges(header ?? '')) {
    if (challenge.scheme === 'bearer' && challenge.parameters['realm'] !== undefined) return challenge
    if (challenge.scheme === 'basic' && basicOf(await lookup()) !== undefined) return challenge
  }
  return undefined
}

function basicOf(credential: ResolvedCredential | undefined): string | undefined {
  if (credential === undefined || !('password' in credential)) return undefined
  const pair = Buffer.from(`${credential.username}:${credential.password}`, 'utf8')
  return `Basic ${pair.toString('base64')}`
}

function withAuthorization(ask: Ask, authorization: Authorization | undefined): Ask {
  return authorization === undefined
    ? ask
    : { ...ask, headers: { ...ask.headers, authorization: authorization.header } }
}

/** Says how it was asked, and tells a refusal apart from one with a token that was never going to be enough. */
function withGrant<A extends AnswerHead>(answer: A, used: Authorization | undefined): A {
  if (used === undefined) return answer
  const asked = used.scope
  const granted = used.token?.granted
  const authorizedBy: AnswerHead['authorizedBy'] = {
    scheme: used.header.startsWith('Basic ') ? 'basic' : 'bearer',
    ...(asked !== undefined ? { asked } : {}),
    ...(granted !== undefined ? { granted } : {}),
  }
  const isRefused = [401, 403].includes(answer.status)
  return isRefused && asked !== undefined && granted !== undefined && lacks(granted, asked)
    ? { ...answer, authorizedBy, grant: { asked, granted } }
    : { ...answer, authorizedBy }
}
