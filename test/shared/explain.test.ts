import { expect, test } from 'vitest'
import { explainAnswer, whoAnswered } from '../../shared/model/explain.ts'
import type { ExplainInput } from '../../shared/model/explain-facts.ts'
import type { Answerer, FailureKind, NextStep } from '../../shared/model/failure.ts'

const oci = (code: string, message = '') => JSON.stringify({ errors: [{ code, message, detail: null }] })
const json = { 'content-type': 'application/json; charset=utf-8' }
const distribution = { ...json, 'docker-distribution-api-version': 'registry/2.0' }
const bare = { 'docker-distribution-api-version': 'registry/2.0' }
const html = { 'content-type': 'text/html' }
const nginx = { ...html, server: 'nginx/1.27.0' }
const text = { 'content-type': 'text/plain; charset=utf-8' }
const page = (title: string) => `<html><head><title>${title}</title></head><body></body></html>`

interface Row {
  what: string
  answer: Partial<ExplainInput> & { status: number }
  kind: FailureKind
  by: Answerer
  next?: NextStep
}

/** One line a case: what was seen, and what it must be called. */
const rows: Row[] = [
  // the registry itself, in the words of distribution-spec
  {
    what: 'no credential',
    answer: {
      status: 401,
      headers: { ...distribution, 'www-authenticate': 'Basic realm="x"' },
      body: oci('UNAUTHORIZED'),
    },
    kind: 'unauthorized',
    by: 'registry',
    next: 'log-in',
  },
  {
    what: 'a token without the right',
    answer: {
      status: 401,
      headers: {
        ...distribution,
        'www-authenticate': 'Bearer realm="https://t.invalid",error="insufficient_scope"',
      },
      body: oci('UNAUTHORIZED'),
    },
    kind: 'denied',
    by: 'registry',
    next: 'check-permission',
  },
  {
    what: 'a Bearer challenge and nothing else',
    answer: { status: 401, headers: { 'www-authenticate': 'Bearer realm="https://t.invalid"' } },
    kind: 'unauthorized',
    by: 'registry',
  },
  {
    what: 'denied',
    answer: { status: 403, headers: distribution, body: oci('DENIED', 'quota') },
    kind: 'denied',
    by: 'registry',
  },
  {
    what: 'manifest unknown',
    answer: { status: 404, headers: distribution, body: oci('MANIFEST_UNKNOWN') },
    kind: 'not-found',
    by: 'registry',
    next: 'check-name',
  },
  {
    what: 'name unknown',
    answer: { status: 404, headers: json, body: oci('NAME_UNKNOWN') },
    kind: 'not-found',
    by: 'registry',
  },
  {
    what: 'blob unknown',
    answer: { status: 404, headers: json, body: oci('BLOB_UNKNOWN'), phase: 'blob' },
    kind: 'not-found',
    by: 'registry',
  },
  {
    what: 'HEAD, no such manifest',
    answer: { status: 404, headers: bare, method: 'HEAD' },
    kind: 'not-found',
    by: 'registry',
  },
  {
    what: 'HEAD, and nothing says who',
    answer: { status: 404, method: 'HEAD' },
    kind: 'not-found',
    by: 'unknown',
  },
  {
    what: 'name invalid',
    answer: { status: 400, headers: distribution, body: oci('NAME_INVALID') },
    kind: 'invalid',
    by: 'registry',
  },
  {
    what: 'manifest too large (distribution says 400)',
    answer: { status: 400, headers: distribution, body: oci('MANIFEST_INVALID'), phase: 'manifest-put' },
    kind: 'invalid',
    by: 'registry',
  },
  {
    what: 'a layer that is not there',
    answer: { status: 400, headers: distribution, body: oci('MANIFEST_BLOB_UNKNOWN'), phase: 'manifest-put' },
    kind: 'invalid',
    by: 'registry',
  },
  {
    what: 'page size too large',
    answer: { status: 400, headers: distribution, body: oci('PAGINATION_NUMBER_INVALID'), phase: 'catalog' },
    kind: 'invalid',
    by: 'registry',
  },
  {
    what: 'bare 400 when the access controller fails',
    answer: { status: 400, headers: bare, phase: 'catalog' },
    kind: 'invalid',
    by: 'registry',
  },
  {
    what: 'digest invalid',
    answer: {
      status: 400,
      headers: distribution,
      body: oci('DIGEST_INVALID'),
      phase: 'upload-commit',
      strategy: 'streamed-patch',
    },
    kind: 'digest-refused',
    by: 'registry',
  },
  {
    what: 'size invalid (3.x, Content-Range and Content-Length disagree)',
    answer: { status: 400, headers: distribution, body: oci('SIZE_INVALID'), phase: 'upload-body' },
    kind: 'invalid',
    by: 'registry',
  },
  {
    what: 'upload unknown',
    answer: { status: 404, headers: distribution, body: oci('BLOB_UPLOAD_UNKNOWN'), phase: 'upload-body' },
    kind: 'upload-lost',
    by: 'registry',
    next: 'retry',
  },
  {
    what: 'upload invalid (2.8 after a cut PATCH)',
    answer: { status: 404, headers: distribution, body: oci('BLOB_UPLOAD_INVALID'), phase: 'upload-body' },
    kind: 'upload-lost',
    by: 'registry',
  },
  {
    what: 'upload invalid (quay says 400)',
    answer: { status: 400, headers: json, body: oci('BLOB_UPLOAD_INVALID'), phase: 'upload-body' },
    kind: 'upload-lost',
    by: 'registry',
  },
  {
    what: 'range invalid',
    answer: { status: 416, headers: distribution, body: oci('RANGE_INVALID'), phase: 'upload-body' },
    kind: 'range-refused',
    by: 'registry',
  },
  {
    what: 'chunked framing refused (ACR)',
    answer: { status: 400, headers: json, body: oci('CONTENT_LENGTH_INVALID'), phase: 'upload-body' },
    kind: 'length-required',
    by: 'registry',
    next: 'use-buffered',
  },
  {
    what: 'immutable tag (Harbor, 412)',
    answer: { status: 412, headers: json, body: oci('PRECONDITION'), phase: 'manifest-put' },
    kind: 'conflict',
    by: 'registry',
    next: 'choose-another-tag',
  },
  {
    what: 'immutable tag (ECR, 400)',
    answer: {
      status: 400,
      headers: json,
      body: oci('TAG_INVALID', 'The image tag 1.0 already exists and is immutable'),
      phase: 'manifest-put',
    },
    kind: 'conflict',
    by: 'registry',
  },
  {
    what: 'read-only',
    answer: { status: 405, headers: bare, phase: 'upload-session', method: 'POST' },
    kind: 'unsupported',
    by: 'registry',
  },
  {
    what: 'too many requests',
    answer: { status: 429, headers: json, body: oci('TOOMANYREQUESTS') },
    kind: 'rate-limited',
    by: 'registry',
    next: 'wait-and-retry',
  },
  {
    what: 'a cut body (distribution says 500 unexpected EOF)',
    answer: {
      status: 500,
      headers: distribution,
      body: oci('UNKNOWN', 'unknown error'),
      phase: 'upload-body',
      strategy: 'streamed-patch',
    },
    kind: 'server-fault',
    by: 'registry',
  },
  {
    what: 'unavailable',
    answer: { status: 503, headers: distribution, body: oci('UNAVAILABLE') },
    kind: 'server-fault',
    by: 'registry',
  },
  {
    what: 'a fault with nothing in it',
    answer: { status: 500, headers: bare },
    kind: 'server-fault',
    by: 'registry',
  },

  // something in front of it
  {
    what: 'nginx, body too large',
    answer: { status: 413, headers: nginx, body: page('413 Request Entity Too Large'), phase: 'upload-body' },
    kind: 'too-large',
    by: 'proxy',
    next: 'raise-proxy-limit',
  },
  {
    what: 'Cloudflare, 400 instead of 413',
    answer: {
      status: 400,
      headers: { ...html, server: 'cloudflare' },
      body: page('400 Bad Request'),
      phase: 'upload-body',
      strategy: 'streamed-patch',
    },
    kind: 'body-refused',
    by: 'proxy',
    next: 'use-buffered',
  },
  {
    what: 'the vSphere NodePort: 400, text, no version',
    answer: {
      status: 400,
      headers: { ...text, connection: 'close' },
      body: '400 Bad Request',
      phase: 'upload-body',
      strategy: 'streamed-patch',
      bytesSent: 3000,
      connectionClosed: true,
    },
    kind: 'body-refused',
    by: 'proxy',
    next: 'use-buffered',
  },
  {
    what: 'the same to a buffered body',
    answer: {
      status: 400,
      headers: text,
      body: '400 Bad Request',
      phase: 'upload-body',
      strategy: 'buffered',
    },
    kind: 'body-refused',
    by: 'proxy',
    next: 'use-streamed',
  },
  {
    what: 'a bare 400 to a body with nothing in it',
    answer: { status: 400, phase: 'upload-body', bytesSent: 10 },
    kind: 'body-refused',
    by: 'unknown',
  },
  {
    what: 'old nginx wants a length',
    answer: { status: 411, headers: nginx, body: page('411 Length Required'), phase: 'upload-body' },
    kind: 'length-required',
    by: 'proxy',
    next: 'use-buffered',
  },
  {
    what: 'ModSecurity blocks PATCH',
    answer: {
      status: 405,
      headers: nginx,
      body: page('405 Not Allowed'),
      phase: 'upload-body',
      method: 'PATCH',
    },
    kind: 'method-blocked',
    by: 'proxy',
  },
  {
    what: 'a WAF',
    answer: { status: 403, headers: html, body: page('Access denied') },
    kind: 'proxy-refused',
    by: 'proxy',
  },
  {
    what: 'a proxy that wants to know who asks',
    answer: {
      status: 401,
      headers: { ...nginx, 'www-authenticate': 'Basic realm="intranet"' },
      body: page('401'),
    },
    kind: 'unauthorized',
    by: 'proxy',
    next: 'ask-proxy-admin',
  },
  {
    what: 'bad gateway',
    answer: { status: 502, headers: nginx, body: page('502 Bad Gateway') },
    kind: 'gateway-fault',
    by: 'proxy',
  },
  {
    what: 'a load balancer without a backend',
    answer: { status: 503, headers: { server: 'awselb/2.0' } },
    kind: 'gateway-fault',
    by: 'proxy',
  },
  {
    what: 'envoy',
    answer: { status: 503, headers: { ...text, server: 'envoy' }, body: 'no healthy upstream' },
    kind: 'gateway-fault',
    by: 'proxy',
  },
  {
    what: 'a 404 page where a manifest should be',
    answer: { status: 404, headers: nginx, body: page('404 Not Found') },
    kind: 'proxy-refused',
    by: 'proxy',
  },
  {
    what: 'HTML announced to a HEAD',
    answer: { status: 404, headers: nginx, method: 'HEAD' },
    kind: 'proxy-refused',
    by: 'proxy',
  },
  {
    what: 'an upload that is redirected',
    answer: {
      status: 301,
      headers: { ...nginx, location: 'https://x.invalid' },
      body: page('301'),
      phase: 'upload-session',
    },
    kind: 'redirect-refused',
    by: 'proxy',
  },

  {
    what: 'nginx of distribution’s recipe puts the version on its own pages',
    answer: { status: 413, headers: { ...nginx, ...bare }, body: page('413'), phase: 'upload-body' },
    kind: 'too-large',
    by: 'proxy',
    next: 'raise-proxy-limit',
  },
  {
    what: 'a redirect of the registry, with the page Go writes for it',
    answer: { status: 307, headers: { ...html, ...bare, location: 'https://x.invalid/' }, phase: 'blob' },
    kind: 'redirect-refused',
    by: 'registry',
  },
  {
    what: 'a redirect of nobody knows whom',
    answer: { status: 302, headers: html, phase: 'blob' },
    kind: 'redirect-refused',
    by: 'unknown',
  },

  // no registry at all
  {
    what: 'a web site',
    answer: { status: 200, headers: nginx, body: page('Welcome'), phase: 'ping' },
    kind: 'not-a-registry',
    by: 'server',
    next: 'check-address',
  },
  {
    what: 'a web site without /v2/',
    answer: { status: 404, headers: nginx, body: page('404'), phase: 'ping' },
    kind: 'not-a-registry',
    by: 'server',
  },
  {
    what: 'a Go server without /v2/',
    answer: { status: 404, headers: text, body: '404 page not found\n', phase: 'ping' },
    kind: 'not-a-registry',
    by: 'server',
  },
  {
    what: 'TLS port, Go',
    answer: {
      status: 400,
      headers: text,
      body: 'Client sent an HTTP request to an HTTPS server.\n',
      phase: 'ping',
    },
    kind: 'plain-on-tls',
    by: 'server',
    next: 'use-https',
  },
  {
    what: 'TLS port, nginx',
    answer: {
      status: 400,
      headers: nginx,
      body: '<html><center>The plain HTTP request was sent to HTTPS port</center></html>',
      phase: 'ping',
    },
    kind: 'plain-on-tls',
    by: 'server',
  },

  // a mirror (Spegel)
  {
    what: 'no peer has it (0.4 and later)',
    answer: {
      status: 404,
      headers: json,
      body: oci('MANIFEST_UNKNOWN', 'could not find peer for x'),
      role: 'mirror',
      phase: 'pull',
    },
    kind: 'not-here',
    by: 'mirror',
    next: 'none-needed',
  },
  {
    what: 'no peer has it (up to 0.3, or filtered)',
    answer: { status: 404, role: 'mirror', phase: 'pull' },
    kind: 'not-here',
    by: 'mirror',
  },
  {
    what: 'HEAD, no peer has it',
    answer: { status: 404, role: 'mirror', phase: 'pull', method: 'HEAD' },
    kind: 'not-here',
    by: 'mirror',
  },
  {
    what: 'all peers failed (0.0.8 to 0.0.20)',
    answer: {
      status: 500,
      headers: text,
      body: 'mirror resolve retries exhausted for key',
      role: 'mirror',
      phase: 'pull',
    },
    kind: 'server-fault',
    by: 'mirror',
    next: 'update-mirror',
  },
  {
    what: 'blob advertised but gone (up to 0.3)',
    answer: { status: 500, role: 'mirror', phase: 'pull' },
    kind: 'server-fault',
    by: 'mirror',
  },
  {
    what: 'bad basic auth',
    answer: {
      status: 401,
      headers: json,
      body: oci('UNAUTHORIZED', 'invalid credentials'),
      role: 'mirror',
      phase: 'pull',
    },
    kind: 'unauthorized',
    by: 'mirror',
  },
  {
    what: 'a page where the mirror should be',
    answer: { status: 404, headers: nginx, body: page('404'), role: 'mirror', phase: 'pull' },
    kind: 'proxy-refused',
    by: 'proxy',
  },
  {
    what: 'a gateway in front of the mirror',
    answer: { status: 502, role: 'mirror', phase: 'pull' },
    kind: 'gateway-fault',
    by: 'unknown',
  },

  // storage, token services, agents
  {
    what: 'a presigned link with two credentials',
    answer: {
      status: 400,
      headers: { 'content-type': 'application/xml', server: 'AmazonS3' },
      body: '<?xml version="1.0"?><Error><Code>InvalidArgument</Code></Error>',
      role: 'storage',
      phase: 'blob',
    },
    kind: 'invalid',
    by: 'storage',
  },
  {
    what: 'a token service says no',
    answer: {
      status: 401,
      headers: json,
      body: '{"details":"incorrect username or password"}',
      role: 'token-service',
      phase: 'token',
    },
    kind: 'unauthorized',
    by: 'token-service',
    next: 'log-in',
  },
  {
    what: 'an agent without metrics',
    answer: { status: 404, headers: text, body: '404 page not found', role: 'agent', phase: 'scrape' },
    kind: 'not-found',
    by: 'agent',
    next: 'check-address',
  },
  {
    what: 'an agent that is not ready',
    answer: { status: 500, role: 'agent', phase: 'scrape' },
    kind: 'server-fault',
    by: 'agent',
  },
]

for (const { what, answer, kind, by, next } of rows) {
  test(`${answer.role ?? 'registry'}, ${answer.status}: ${what} → ${kind} by ${by}`, () => {
    const failure = explainAnswer({
      phase: 'manifest',
      role: 'registry',
      host: 'registry.invalid',
      method: 'GET',
      headers: {},
      body: '',
      ...answer,
    })
    expect([failure.kind, failure.answeredBy]).toEqual([kind, by])
    if (next !== undefined) expect(failure.next[0]).toBe(next)
    expect(failure.next.length).toBeGreaterThan(0)
    expect(failure.evidence[0]).toEqual({ fact: 'status', value: String(answer.status) })
  })
}

const answers: Array<Partial<ExplainInput>> = [
  {},
  { headers: distribution, body: oci('UNKNOWN') },
  { headers: nginx, body: page('x') },
  { headers: text, body: 'x' },
  { role: 'mirror' },
  { role: 'agent' },
  { role: 'token-service', headers: json, body: '{}' },
]

test('whatever stands around it, a 404 and a 5xx never share a kind', () => {
  const kindsOf = (status: number) =>
    new Set(
      answers.map(
        (answer) =>
          explainAnswer({
            phase: 'pull',
            role: 'registry',
            host: 'x',
            method: 'GET',
            status,
            headers: {},
            body: '',
            ...answer,
          }).kind,
      ),
    )
  const notFound = kindsOf(404)
  for (const status of [500, 502, 503, 504]) {
    for (const kind of kindsOf(status)) expect(notFound).not.toContain(kind)
  }
})

test('a status alone never says who answered', () => {
  for (let status = 400; status < 600; status += 1) {
    const input = {
      phase: 'manifest' as const,
      role: 'registry' as const,
      host: 'x',
      method: 'GET',
      status,
      headers: {},
      body: '',
    }
    expect(whoAnswered(input)).toBe('unknown')
  }
})

test('a redirect to TLS and a challenge name their hosts', () => {
  const failure = explainAnswer({
    phase: 'ping',
    role: 'registry',
    host: 'registry.invalid',
    method: 'GET',
    status: 301,
    headers: {
      location: 'https://registry.invalid/v2/?secret=1',
      'www-authenticate': 'Bearer realm="https://tokens.invalid/t?x=1",service="x"',
    },
    body: '',
  })
  expect(failure).toMatchObject({ kind: 'redirect-refused', next: ['use-https', 'check-address'] })
  expect(failure.evidence).toContainEqual({ fact: 'location', value: 'registry.invalid' })
  expect(failure.evidence).toContainEqual({ fact: 'challenge', value: 'Bearer tokens.invalid' })
})

test('what the other side said is shown, capped', () => {
  const failure = explainAnswer({
    phase: 'manifest',
    role: 'registry',
    host: 'registry.invalid',
    method: 'GET',
    status: 403,
    headers: json,
    body: oci('DENIED', 'x'.repeat(5000)),
  })
  expect(failure.ociErrors[0]?.message).toHaveLength(1000)
  expect(failure.evidence.find(({ fact }) => fact === 'message')?.value).toHaveLength(500)
})
