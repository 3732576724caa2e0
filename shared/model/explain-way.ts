import { saysPlainOnTls } from './explain-answerer.ts'
import { both, mentions, type Row, status } from './explain-row.ts'

/** Another port, another server, another address. */
export const addressRows: Row[] = [
  {
    name: 'http spoken to a TLS port (helm issue 11092)',
    when: saysPlainOnTls,
    kind: 'plain-on-tls',
    next: ['use-https', 'check-scheme'],
    say: 'speaks TLS on this port and was asked in plain http',
  },
  {
    name: 'a page of Nexus: its Docker repositories are at ports or paths of their own (buildx issue 457)',
    when: both(
      status(400, 404, 405),
      ({ by }) => by === 'server',
      (it) => mentions(it, /is not supported by this URL/i),
    ),
    kind: 'not-a-registry',
    next: ['check-address', 'ask-registry-admin'],
    say: 'answers, but not as a registry: no Docker repository is at this address',
  },
]

/** What is left: answers of anybody else. */
export const wayRows: Row[] = [
  {
    name: 'a method blocked in front: ModSecurity CRS 911100 lets no PUT and no DELETE pass either',
    when: (answer) => answer.status === 405 && answer.phase !== 'ping',
    kind: 'method-blocked',
    next: ['ask-proxy-admin'],
    say: 'is behind something that does not let this method through',
  },
  {
    name: 'a redirect that is not followed, most often to the same address with TLS',
    when: ({ status }) => status >= 300 && status < 400,
    kind: 'redirect-refused',
    next: ({ location }) =>
      location?.protocol === 'https:' ? ['use-https', 'check-address'] : ['check-address', 'check-scheme'],
    say: 'sends elsewhere where it must answer itself',
  },
  {
    name: 'an answer, but not the API',
    when: ({ status, phase }) => status < 300 || (phase === 'ping' && [404, 405].includes(status)),
    kind: 'not-a-registry',
    next: ['check-address', 'check-scheme'],
    say: 'answers, but not as a registry',
  },
  {
    name: 'a 404 that shows nothing of its author: a HEAD has no body',
    when: both(status(404), ({ by }) => by === 'unknown'),
    kind: 'not-found',
    next: ['check-name', 'check-address'],
    say: 'has no such thing',
  },
  {
    name: 'anything else that was refused on the way',
    when: () => true,
    kind: 'proxy-refused',
    next: ['ask-proxy-admin', 'check-address'],
    say: 'was not asked: something in front refused',
  },
]
