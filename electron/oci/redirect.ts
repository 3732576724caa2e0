import { failureError } from '../../shared/model/local-failure.ts'
import type { Answer, Ask, Transport } from './ask.ts'
import { refusal } from './refusal.ts'

const maxRedirects = 5

/**
 * Follows redirects by hand: blobs lie in storage, and some registries send all reads on to another registry.
 * `elsewhere` is who should answer on another origin. The authorizing transport adds Authorization to the
 * registry's own origin only, so none travels along; https never becomes http.
 */
export async function follow(
  transport: Transport,
  first: Ask,
  elsewhere: Ask['role'],
): Promise<{ ask: Ask; answer: Answer }> {
  let ask = first
  for (let hops = 0; hops <= maxRedirects; hops += 1) {
    const answer = await transport.send(ask)
    if (![301, 302, 303, 307, 308].includes(answer.status)) return { ask, answer }
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
