import type { Phase } from '../../shared/model/failure.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import type { AnswerHead, Ask } from './ask.ts'

/**
 * The ask for the page behind `answer`, or undefined on the last one. `seen` holds the addresses asked so far; one
 * that comes back is a circle and a FailureError.
 */
export function nextAsk(ask: Ask, answer: AnswerHead, seen: Set<string>): Ask | undefined {
  seen.add(ask.url)
  const next = nextPage(answer.headers['link'], ask.url, ask.phase)
  if (next === undefined) return undefined
  if (!seen.has(next)) return { ...ask, url: next }
  const { host } = new URL(ask.url)
  throw failureError('answer-invalid', ask.phase, `The pages of ${host} lead in a circle.`, {
    host,
    next: ['ask-registry-admin'],
  })
}

/**
 * The address of the next page from a Link header (RFC 8288), absolute, or undefined on the last page. It stays
 * on the registry: another host is refused with a FailureError, since the credential would travel along. The
 * scheme stays too: a registry behind a TLS proxy often writes `http:` into its own links.
 */
export function nextPage(header: string | undefined, from: string, phase: Phase): string | undefined {
  const target = [
    ...(header ?? '').matchAll(/<([^>]{0,4000})>((?:\s*;\s*[^\s;,=]+(?:=(?:"[^"]*"|[^\s;,]*))?)*)/g),
  ].find(([, , parameters]) => /;\s*rel\s*=\s*"?(?:[^"]*\s)?next\b/i.test(parameters ?? ''))?.[1]
  if (target === undefined) return undefined
  const base = new URL(from)
  let next: URL
  try {
    next = new URL(target, base)
  } catch {
    throw failureError('answer-invalid', phase, `${base.host} names a next page that is no address.`, {
      host: base.host,
      evidence: [{ fact: 'location', value: target.slice(0, 200) }],
      next: ['ask-registry-admin'],
    })
  }
  if (next.hostname !== base.hostname || (next.protocol === base.protocol && next.port !== base.port)) {
    throw failureError('redirect-refused', phase, `${base.host} names a next page on ${next.host}.`, {
      host: base.host,
      evidence: [{ fact: 'location', value: next.host }],
      next: ['ask-registry-admin'],
    })
  }
  return new URL(next.pathname + next.search, base.origin).toString()
}
