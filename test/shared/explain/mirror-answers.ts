import { type Case, mirror, oci, page, seen, text } from './case.ts'

const empty = (status: number) => ({ status, ...mirror })
const spegel = (code: string, message: string, attempts = 0) => ({
  ...oci(404, code, message, { attempts }),
  ...mirror,
})
const faults = { verdict: 'server-fault by mirror', next: ['update-mirror', 'check-mirror-agent'] } as const
const fault = (what: string, answer: Parameters<typeof seen>[1]) =>
  seen(what, answer, faults.verdict, [...faults.next])
const ordinary = (what: string, answer: Parameters<typeof seen>[1]) =>
  seen(what, answer, 'not-here by mirror', ['none-needed'])

/** Notes on Spegel, 2.2 and 2.3: what a mirror answers, by situation and version. */
export const mirrorAnswers: Case[] = [
  ordinary('no peer advertises it (up to 0.0.7, 0.0.21 to 0.3.0)', empty(404)),
  ordinary('no peer advertises it, in words (0.0.8 to 0.0.20)', {
    ...text(404, 'context deadline exceeded'),
    ...mirror,
  }),
  fault('no peer advertises it, channel closed (0.0.8 to 0.0.20)', {
    ...text(500, 'mirror resolve retries exhausted for key'),
    ...mirror,
  }),
  ordinary('no peer advertises it (0.4 and later)', spegel('MANIFEST_UNKNOWN', 'could not find peer for x')),
  ordinary(
    'no peer advertises it: 0.4.0 swapped the codes',
    spegel('BLOB_UNKNOWN', 'mirror with image component x could not be found'),
  ),
  ordinary(
    'no peer answered in 20 ms',
    spegel('BLOB_UNKNOWN', 'waited too long for new peer with no inflight fetches for x'),
  ),
  ordinary('a HEAD, whose 404 has no body', { ...empty(404), method: 'HEAD' }),
  fault('all peers failed (0.0.8 to 0.0.20)', {
    ...text(500, 'mirror resolve retries exhausted for key'),
    ...mirror,
  }),
  ordinary('all peers failed (0.0.21 to 0.3.0)', empty(404)),
  seen(
    'all peers failed (0.4 and later)',
    spegel('BLOB_UNKNOWN', 'all request retries exhausted for x', 3),
    'not-here by mirror',
    ['check-mirror-agent', 'check-network'],
  ),
  seen(
    'peers found and out of reach (0.7.2 and later)',
    spegel('MANIFEST_UNKNOWN', 'waited too long for inflight dials to complete for x', 2),
    'not-here by mirror',
    ['check-mirror-agent', 'check-network'],
  ),
  ordinary('the lookup itself failed (up to 0.0.7)', empty(404)),
  fault('the lookup itself failed (0.0.8 to 0.3.0, 0.7.0 and later)', empty(500)),
  ordinary('the lookup itself failed (0.4.0 to 0.6.0)', spegel('MANIFEST_UNKNOWN', 'lookup failed for x')),
  ordinary('a blob advertised but gone (up to 0.0.7)', empty(404)),
  fault('a blob advertised but gone (0.0.8 to 0.3.0)', {
    ...text(500, 'could not determine size of blob'),
    ...mirror,
  }),
  ordinary('a blob advertised but gone (0.4 and later)', spegel('BLOB_UNKNOWN', 'could not get blob x')),
  ordinary('a manifest that is not on the node', spegel('MANIFEST_UNKNOWN', 'could not get manifest x')),
  ordinary('a filtered registry, a path it cannot parse, a method it does not know', empty(404)),
  ordinary(
    'latest, where it is switched off (0.4.0 to 0.6.0)',
    spegel('MANIFEST_UNKNOWN', 'latest tag resolving is disabled'),
  ),
  seen('a wrong user name (0.1 to 0.3.0)', empty(401), 'unauthorized by mirror', [
    'check-mirror-agent',
    'check-pull-secret',
  ]),
  seen(
    'a wrong user name (0.4 and later): no WWW-Authenticate',
    { ...oci(401, 'UNAUTHORIZED', 'invalid credentials'), ...mirror },
    'unauthorized by mirror',
    ['check-mirror-agent', 'check-pull-secret'],
  ),
  seen('a bad range (0.0.21 to 0.3.0, 0.7.0 and later)', empty(416), 'range-refused by mirror', [
    'retry',
    'check-mirror-agent',
  ]),
  seen('a bad range of a local blob (0.4 and later)', empty(400), 'range-refused by mirror', [
    'retry',
    'check-mirror-agent',
  ]),
  ordinary('a Range header it cannot parse (0.7.0 and later)', empty(404)),
  ordinary('no answer within 3 s (0.7.0 and later)', empty(404)),
  fault('a seek that failed (0.7.4)', empty(500)),
  seen(
    '/readyz of an agent that is not ready',
    { status: 500, role: 'agent', phase: 'scrape' },
    'server-fault by agent',
    ['retry', 'check-mirror-agent'],
  ),
  seen(
    'an agent without metrics',
    { ...text(404, '404 page not found'), role: 'agent', phase: 'scrape' },
    'not-found by agent',
    ['check-address'],
  ),
  seen('a page where the mirror should be', { ...page(404), ...mirror }, 'proxy-refused by proxy', [
    'ask-proxy-admin',
    'check-address',
  ]),
  seen('a gateway in front of the mirror', empty(502), 'gateway-fault by unknown', [
    'retry',
    'ask-proxy-admin',
  ]),
]

/** Beside the registry: the token service and the storage behind it. */
export const besideAnswers: Case[] = [
  seen(
    'a token service says no',
    {
      status: 401,
      headers: { 'content-type': 'application/json' },
      body: '{"details":"incorrect username or password"}',
      role: 'token-service',
      phase: 'token',
    },
    'unauthorized by token-service',
    ['log-in'],
  ),
  seen(
    'storage that is asked too often',
    {
      status: 503,
      headers: { 'content-type': 'application/xml', server: 'AmazonS3' },
      body: '<?xml version="1.0"?><Error><Code>SlowDown</Code></Error>',
      role: 'storage',
      phase: 'blob',
    },
    'server-fault by storage',
    ['wait-and-retry', 'ask-registry-admin'],
  ),
]
