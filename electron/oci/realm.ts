import { isIP } from 'node:net'
import { failureError } from '../../shared/model/local-failure.ts'

/**
 * A realm a password may be sent to: https, unless the registry itself is plain http; no address further inside
 * than the registry's own, which a registry standing elsewhere has no business naming (go-containerregistry 2258):
 * a public one names none of a private network, nobody elsewhere names this machine or a cloud's metadata service.
 * `origin` is the registry's. Throws a FailureError of phase `token`.
 */
export function checkedRealm(text: string, origin: string): URL {
  const registry = new URL(origin)
  const refuse = (why: string) =>
    failureError(
      'answer-invalid',
      'token',
      `${registry.host} names a token service that is not asked: ${why}.`,
      {
        host: registry.host,
        evidence: [{ fact: 'challenge', value: text.slice(0, 200).split('?', 1)[0] ?? '' }],
        next: ['ask-registry-admin'],
      },
    )
  if (!URL.canParse(text)) throw refuse('its address does not parse')
  const realm = new URL(text)
  if (realm.protocol !== 'https:' && !(realm.protocol === 'http:' && registry.protocol === 'http:')) {
    throw refuse('it does not use https')
  }
  if (realm.username !== '' || realm.password !== '') throw refuse('its address carries a password')
  if (realm.hostname !== registry.hostname && depthOf(realm.hostname) > depthOf(registry.hostname)) {
    throw refuse('it is an address inside a private network')
  }
  return realm
}

/** How far inside an address lies: 0 anywhere, 1 a private network, 2 this machine, 3 the link, where metadata lies. */
function depthOf(hostname: string): 0 | 1 | 2 | 3 {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase()
  if (host === 'localhost' || host.endsWith('.localhost')) return 2
  if (isIP(host) === 6) {
    if (host === '::1' || host === '::' || host.startsWith('::ffff:')) return 2
    return /^fe[89ab]/.test(host) ? 3 : /^f[cd]/.test(host) ? 1 : 0
  }
  if (isIP(host) !== 4) return 0
  if (/^(?:0|127)\./.test(host)) return 2
  if (host.startsWith('169.254.')) return 3
  return /^(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))\./.test(host) ? 1 : 0
}
