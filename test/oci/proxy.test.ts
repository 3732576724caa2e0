import { expect, test } from 'vitest'
import { proxyFor } from '../../electron/oci/proxy.ts'

const both = { HTTPS_PROXY: 'http://secure.proxy:3128', HTTP_PROXY: 'http://plain.proxy:3128' }
const secure = both.HTTPS_PROXY
const straight = undefined

const table: Array<[what: string, url: string, env: Record<string, string>, proxy: string | undefined]> = [
  ['no variable, no proxy', 'https://registry.example', {}, straight],
  ['https goes by HTTPS_PROXY', 'https://registry.example', both, secure],
  ['http goes by HTTP_PROXY', 'http://registry.example', both, both.HTTP_PROXY],
  ['HTTP_PROXY is not for https', 'https://registry.example', { HTTP_PROXY: secure }, straight],
  ['lower case is read', 'https://registry.example', { https_proxy: secure }, secure],
  [
    'upper case comes first',
    'https://r.example',
    { HTTPS_PROXY: secure, https_proxy: 'http://other' },
    secure,
  ],
  ['an empty variable is none', 'https://r.example', { HTTPS_PROXY: ' ', https_proxy: secure }, secure],
  ['a proxy without scheme is http', 'https://r.example', { HTTPS_PROXY: 'p:3128' }, 'http://p:3128'],
  ['a password stays in it', 'https://r.example', { HTTPS_PROXY: 'http://u:p@p' }, 'http://u:p@p'],
  ['localhost is never proxied', 'https://localhost:5000', both, straight],
  ['nor what is below it', 'https://registry.localhost', both, straight],
  ['nor 127.0.0.0/8', 'http://127.1.2.3:5000', both, straight],
  ['nor ::1', 'http://[::1]:5000', both, straight],
  [
    'a name is spared',
    'https://registry.example',
    { ...both, NO_PROXY: 'a.test,registry.example' },
    straight,
  ],
  ['in lower case too', 'https://registry.example', { ...both, no_proxy: 'registry.example' }, straight],
  ['whatever its case', 'https://Registry.Example', { ...both, NO_PROXY: 'REGISTRY.example' }, straight],
  [
    'with what is below it',
    'https://eu.registry.example',
    { ...both, NO_PROXY: 'registry.example' },
    straight,
  ],
  [
    'not what only ends alike',
    'https://myregistry.example',
    { ...both, NO_PROXY: 'registry.example' },
    secure,
  ],
  [
    'a leading dot means below',
    'https://eu.registry.example',
    { ...both, NO_PROXY: '.registry.example' },
    straight,
  ],
  ['and not itself', 'https://registry.example', { ...both, NO_PROXY: '.registry.example' }, secure],
  [
    'as does a leading star',
    'https://eu.registry.example',
    { ...both, NO_PROXY: '*.registry.example' },
    straight,
  ],
  [
    'a port that fits',
    'https://registry.example:5000',
    { ...both, NO_PROXY: 'registry.example:5000' },
    straight,
  ],
  [
    'a port that does not',
    'https://registry.example',
    { ...both, NO_PROXY: 'registry.example:5000' },
    secure,
  ],
  [
    'the scheme’s own port',
    'https://registry.example',
    { ...both, NO_PROXY: 'registry.example:443' },
    straight,
  ],
  ['an address', 'https://10.1.2.3', { ...both, NO_PROXY: '10.1.2.3' }, straight],
  ['an address with a port', 'https://10.1.2.3:5000', { ...both, NO_PROXY: '10.1.2.3:5000' }, straight],
  ['an IPv6 address', 'https://[fd00::1]', { ...both, NO_PROXY: 'fd00::1' }, straight],
  [
    'an IPv6 address with a port',
    'https://[fd00::1]:5000',
    { ...both, NO_PROXY: '[fd00::1]:5000' },
    straight,
  ],
  ['a network', 'https://10.1.2.3', { ...both, NO_PROXY: '10.0.0.0/8' }, straight],
  ['not outside it', 'https://11.1.2.3', { ...both, NO_PROXY: '10.0.0.0/8' }, secure],
  ['an IPv6 network', 'https://[fd00::9]', { ...both, NO_PROXY: 'fd00::/8' }, straight],
  ['a name is in no network', 'https://registry.example', { ...both, NO_PROXY: '0.0.0.0/0' }, secure],
  ['a network that is none', 'https://10.1.2.3', { ...both, NO_PROXY: '10.0.0.0/99,/8,x/y' }, secure],
  ['a star spares all', 'https://registry.example', { ...both, NO_PROXY: '*' }, straight],
  [
    'spaces and empty entries',
    'https://registry.example',
    { ...both, NO_PROXY: ' ,a.test , registry.example,' },
    straight,
  ],
]

for (const [what, url, env, proxy] of table) {
  test(`${what}: ${url}`, () => {
    expect(proxyFor(new URL(url), env)).toBe(proxy)
  })
}
