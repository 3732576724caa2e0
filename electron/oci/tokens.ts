import { createHash } from 'node:crypto'
import { FailureError } from '../../shared/model/failure.ts'
import type { Clock } from '../ports.ts'
import type { Transport } from './ask.ts'
import type { Challenge } from './challenge.ts'
import type { ResolvedCredential } from './credential.ts'
import { sortScopes } from './scope.ts'
import { createSharedWork } from './shared-work.ts'
import { fetchToken, type Token } from './token.ts'

/** The share of its life a token is used for, so that it does not end on the way (notes 5.1). */
const usedShare = 0.8
/** The same for a request that carries a long body: a 401 in its middle throws away what was sent. */
const usedShareOfLong = 0.5
/** Milliseconds a refused log-in is not tried again: a list asks a hundred times, a directory locks an account after five. */
export const refusedMilliseconds = 10_000
/** Tokens held at most; the oldest goes first. */
const heldTokens = 500

/** What a token is wanted for. */
export interface Wanted {
  challenge: Challenge
  scope: string
  credential: ResolvedCredential | undefined
  signal: AbortSignal | undefined
  /** Whether what it is for carries a body that may take long. */
  long: boolean
  /** A token the registry has just refused. */
  refused: string | undefined
}

/** The access tokens of one registry, each kept while it is good and fetched once however many wait for it. */
export interface Tokens {
  /** `fetched` tells that it is new. Throws a FailureError of phase `token`, or `cancelled`. */
  get(wanted: Wanted): Promise<{ token: Token; fetched: boolean }>
}

/** Tokens for the registry at `origin`, by service, realm, scope and identity. */
export function createTokens(ports: { transport: Transport; clock: Clock; origin: string }): Tokens {
  const { transport, clock, origin } = ports
  const held = new Map<string, Token>()
  const refused = new Map<string, { until: number; error: FailureError }>()
  const fetching = createSharedWork<Token>()

  const fetch = async (key: string, wanted: Wanted, signal: AbortSignal): Promise<Token> => {
    const before = refused.get(key)
    if (before !== undefined && clock.now() < before.until) throw before.error
    refused.delete(key)
    try {
      return await fetchToken(transport, { ...wanted, origin, signal })
    } catch (error) {
      if (error instanceof FailureError && error.failure.status === 401) {
        put(refused, key, { until: clock.now() + refusedMilliseconds, error })
      }
      throw error
    }
  }

  return {
    get: async (wanted) => {
      const key = keyOf(wanted)
      const token = held.get(key)
      const share = wanted.long ? usedShareOfLong : usedShare
      if (
        token !== undefined &&
        token.value !== wanted.refused &&
        clock.now() < token.startedAt + token.life * share
      ) {
        return { token, fetched: false }
      }
      const fetched = await fetching.join(key, (signal) => fetch(key, wanted, signal), wanted.signal)
      put(held, key, fetched)
      return { token: fetched, fetched: true }
    },
  }
}

/** Puts the newest last and lets the oldest go. */
function put<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key)
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > heldTokens && oldest !== undefined) map.delete(oldest)
}

function keyOf({ challenge, scope, credential }: Wanted): string {
  const { realm, service } = challenge.parameters
  // a secret is not kept longer than it has to be, so not as a key either
  const identity = createHash('sha256')
    .update(JSON.stringify(credential ?? null))
    .digest('hex')
  return JSON.stringify([realm, service, sortScopes(scope), identity])
}
