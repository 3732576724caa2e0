import type { Readable } from 'node:stream'
import { failureError } from '../../shared/model/local-failure.ts'
import type { Answer, AnswerHead, Ask, Transport } from './ask.ts'
import { refusal } from './refusal.ts'

const maxRedirects = 5

type Opened = AnswerHead & { stream: Readable }

/**
 * Follows redirects by hand: blobs lie in storage, and some registries send all reads on to another registry.
 * `elsewhere` is who should answer on another origin. The authorizing transport adds Authorization to the
 * registry's own origin only, so none travels along; https never becomes http.
 */
export function follow(
  transport: Transport,
  first: Ask,
  elsewhere: Ask['role'],
): Promise<{ ask: Ask; answer: Answer }> {
  return walk((ask) => transport.send(ask), first, elsewhere)
}

/** The same with the last answer's body still to be read; the caller reads or destroys it. */
export function followOpen(
  transport: Transport,
  first: Ask,
  elsewhere: Ask['role'],
): Promise<{ ask: Ask; answer: Opened }> {
  return walk(
    (ask) => transport.open(ask),
    first,
    elsewhere,
    ({ stream }) => stream.destroy(),
  )
}

async function walk<A extends AnswerHead>(
  go: (ask: Ask) => Promise<A>,
  first: Ask,
  elsewhere: Ask['role'],
  drop: (answer: A) => void = () => undefined,
): Promise<{ ask: Ask; answer: A }> {
  let ask = first
  for (let hops = 0; hops <= maxRedirects; hops += 1) {
    const answer = await go(ask)
    if (![301, 302, 303, 307, 308].includes(answer.status)) return { ask, answer }
    drop(answer)
    const target = targetOf(answer.headers['location'], ask)
    if (target === undefined) throw refusal(ask, answer)
    const stays = target.origin === new URL(ask.url).origin
    ask = { ...ask, url: target.toString(), role: stays ? ask.role : elsewhere }
  }
  const { host } = new URL(first.url)
  throw failureError('redirect-refused', first.phase, `${host} redirected more than ${maxRedirects} times.`, {
    host,
    next: ['ask-registry-admin'],
  })
}

function targetOf(location: string | undefined, ask: Ask): URL | undefined {
  if (location === undefined) return undefined
  let target: URL
  try {
    target = new URL(location, ask.url)
  } catch {
    return undefined
  }
  const secure = new URL(ask.url).protocol === 'https:'
  return target.protocol === 'https:' || (target.protocol === 'http:' && !secure) ? target : undefined
}
