import { setTimeout as pause } from 'node:timers/promises'
import { FailureError, type FailureKind } from '../../shared/model/failure.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import { retryAfterSeconds } from '../../shared/model/retry-after.ts'
import type { Clock } from '../ports.ts'
import type { AnswerHead, Ask, Transport } from './ask.ts'

/** Waits that many milliseconds; rejects at once when `signal` is aborted. */
export type Wait = (milliseconds: number, signal?: AbortSignal) => Promise<unknown>

/** Waits by the clock of this machine. */
export const waitForReal: Wait = (milliseconds, signal) =>
  pause(milliseconds, undefined, signal === undefined ? {} : { signal })

/** Milliseconds one ask waits at most, all its tries together; who asks for more gets no second try. */
const longestWait = 60_000
/** Milliseconds before the second and the third try where nobody says how long: 2.25 s in all at most, with chance. */
const delays = [300, 1200]
/** The same after a 429 without Retry-After (go-containerregistry waits as long). */
const calmDelays = [1000, 3000]
/** Answers that may be others the next time; 499 is nginx's and 522 Cloudflare's (go-containerregistry options.go). */
const temporary = [408, 429, 499, 500, 502, 503, 504, 522]
/** Answers of somebody who has not begun to do what was asked. */
const notBegun = [429, 503]

interface Rule {
  what: string
  why: string
  applies: (ask: Ask) => boolean
  statuses: readonly number[]
  /** How often an ask is repeated that got no answer, by what became of it. */
  unanswered: Partial<Record<FailureKind, number>>
}

/**
 * What is asked again, at most twice, by the first rule that applies; everything else fails the first time.
 * Never: a PATCH, and a PUT that carries or closes a blob. A PATCH sent twice is appended twice (jib issue 4526), and
 * distribution 2.8 cancels a session whose body broke off: the upload begins anew as a whole, in a session of its own
 * (go-containerregistry's uploadOne does so too). Nor a refused connection, a name that is not found, or a certificate:
 * they do not pass in a second, and the user is told at once. Notes on OCI registries, 1.2 and 6.
 */
export const retryRules: readonly Rule[] = [
  {
    what: 'GET, HEAD',
    why: 'they change nothing; silence is borne once more, for a firewall that forgot a kept connection says nothing',
    applies: ({ method }) => method === 'GET' || method === 'HEAD',
    statuses: temporary,
    unanswered: { 'connection-lost': 2, timeout: 1 },
  },
  {
    what: 'POST that opens an upload or mounts a blob',
    why: 'a session nobody uses is empty and runs out; a mount that was made is found made',
    applies: ({ method, phase }) => method === 'POST' && phase === 'upload-session',
    statuses: temporary,
    unanswered: { 'connection-lost': 2 },
  },
  {
    what: 'PUT of a manifest by digest',
    why: 'the same bytes under the same name twice are the same as once',
    applies: ({ method, phase, url }) =>
      method === 'PUT' && phase === 'manifest-put' && /\/manifests\/sha\d+(?::|%3a)/i.test(url),
    statuses: temporary,
    unanswered: { 'connection-lost': 2 },
  },
  {
    what: 'PUT of a manifest by tag, DELETE',
    why: 'had the first one been done, an immutable tag would refuse the second, and what is deleted would be missed',
    applies: ({ phase }) => phase === 'manifest-put' || phase === 'delete',
    statuses: notBegun,
    unanswered: {},
  },
]

/**
 * A transport that asks again where `retryRules` say so. 429 and Retry-After hold for everybody: whatever else goes to
 * that origin through this transport waits as long. Where more than a minute is asked for, the answer is handed on
 * with its Retry-After. Throws as `transport` does, and `cancelled` where the caller gives up while it waits.
 * `random` (0 to 1) spreads the tries of many.
 */
export function retrying(
  transport: Transport,
  { wait, clock, random = Math.random }: { wait: Wait; clock: Clock; random?: () => number },
): Transport {
  /** Origins that asked for calm, and until when: milliseconds since 1970. */
  const calm = new Map<string, number>()

  const hold = async (ask: Ask, milliseconds: number): Promise<number> => {
    try {
      await wait(milliseconds, ask.signal)
    } catch {
      throw failureError('cancelled', ask.phase, 'Cancelled.', { next: ['none-needed'] })
    }
    return milliseconds
  }

  const persist = async <A extends AnswerHead>(
    ask: Ask,
    go: (ask: Ask) => Promise<A>,
    drop: (answer: A) => void,
  ): Promise<A> => {
    const { origin } = new URL(ask.url)
    const rule = retryRules.find(({ applies }) => applies(ask))
    let waited = 0
    for (let tries = 0; ; tries += 1) {
      const left = (calm.get(origin) ?? 0) - clock.now()
      if (left <= 0) calm.delete(origin)
      else if (waited + left <= longestWait) waited += await hold(ask, left)
      const outcome = await go(ask).then(
        (answer) => ({ answer, thrown: undefined }),
        (thrown: unknown) => ({ answer: undefined, thrown }),
      )
      const asked =
        outcome.answer === undefined ? undefined : calmAskedFor(outcome.answer, tries, clock.now())
      if (asked !== undefined && asked <= longestWait) calm.set(origin, clock.now() + asked)
      const delay = asked ?? (delays[tries] ?? 0) * (0.5 + random())
      if (!mayRepeat(rule, tries, outcome) || waited + delay > longestWait) {
        if (outcome.answer !== undefined) return outcome.answer
        throw outcome.thrown
      }
      if (outcome.answer !== undefined) drop(outcome.answer)
      waited += await hold(ask, delay)
    }
  }

  return {
    send: (ask) => persist(ask, transport.send, () => undefined),
    open: (ask) => persist(ask, transport.open, ({ stream }) => stream.destroy()),
    close: transport.close,
  }
}

/** Milliseconds an answer asks everybody to wait. */
function calmAskedFor({ status, headers }: AnswerHead, tries: number, now: number): number | undefined {
  if (!notBegun.includes(status)) return undefined
  const seconds = retryAfterSeconds(headers['retry-after'], now)
  if (seconds !== undefined) return seconds * 1000
  return status === 429 ? calmDelays[tries] : undefined
}

function mayRepeat(
  rule: Rule | undefined,
  tries: number,
  { answer, thrown }: { answer: AnswerHead | undefined; thrown: unknown },
): boolean {
  if (rule === undefined || tries >= delays.length) return false
  if (answer !== undefined) return rule.statuses.includes(answer.status)
  if (!(thrown instanceof FailureError)) return false
  const { status, kind } = thrown.failure
  // a token service that answered so: the ask itself was not even sent
  if (status !== undefined) return rule.statuses.includes(status)
  return tries < (rule.unanswered[kind] ?? 0)
}
