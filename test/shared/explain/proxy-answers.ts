import {
  type Case,
  chunk,
  distributionBare,
  manifestPut,
  page,
  patch,
  put,
  seen,
  session,
  streamedPut,
  text,
} from './case.ts'

/** Notes on OCI registries, 1.3 and 1.5: streams against proxies, firewalls and load balancers. */
export const wayAnswers: Case[] = [
  seen(
    'the vSphere NodePort: 400, plain text, no API version',
    { ...text(400, '400 Bad Request'), ...patch, bytesSent: 3000, connectionClosed: true },
    'body-refused by proxy',
    ['use-buffered', 'use-relay', 'check-path', 'ask-proxy-admin'],
  ),
  seen('the same without a word', { status: 400, ...patch, bytesSent: 10 }, 'body-refused by unknown', [
    'use-buffered',
    'use-relay',
    'check-path',
    'ask-proxy-admin',
  ]),
  seen(
    'the same to a manifest',
    { ...text(400, '400 Bad Request'), ...manifestPut },
    'body-refused by proxy',
    ['use-relay', 'check-path', 'ask-proxy-admin'],
  ),
  seen(
    '413: nginx client_max_body_size',
    { ...page(413, '413 Request Entity Too Large'), ...put },
    'too-large by proxy',
    ['use-chunked', 'raise-proxy-limit', 'ask-proxy-admin'],
  ),
  seen('413 to a chunk', { ...page(413), ...chunk }, 'too-large by proxy', [
    'raise-proxy-limit',
    'ask-proxy-admin',
  ]),
  seen('413 to a manifest', { ...page(413), ...manifestPut }, 'too-large by proxy', [
    'raise-proxy-limit',
    'ask-proxy-admin',
  ]),
  seen(
    '413: nginx of distribution’s recipe puts the API version on its own pages',
    { ...page(413), headers: { ...page(413).headers, ...distributionBare(413).headers }, ...put },
    'too-large by proxy',
    ['use-chunked', 'raise-proxy-limit', 'ask-proxy-admin'],
  ),
  seen(
    '413: Cloudflare',
    { ...page(413, '413 Payload Too Large', 'cloudflare'), ...streamedPut },
    'too-large by proxy',
    ['use-chunked', 'raise-proxy-limit', 'ask-proxy-admin'],
  ),
  seen(
    '400 instead of 413: Cloudflare beyond 100 MB',
    { ...page(400, '400 Bad Request', 'cloudflare'), ...patch, bytesSent: 104_857_600 },
    'too-large by proxy',
    ['use-chunked', 'raise-proxy-limit', 'ask-proxy-admin'],
  ),
  seen('411: old nginx', { ...page(411, '411 Length Required'), ...patch }, 'length-required by proxy', [
    'use-buffered',
    'check-path',
  ]),
  seen(
    '400: Apache with client certificates',
    { ...page(400, '400 Bad Request', 'Apache/2.4'), ...patch },
    'body-refused by proxy',
    ['use-buffered', 'use-relay', 'check-path', 'ask-proxy-admin'],
  ),
  seen(
    '405 on PATCH: ModSecurity',
    { ...page(405, '405 Not Allowed'), ...patch },
    'method-blocked by proxy',
    ['use-buffered', 'ask-proxy-admin'],
  ),
  seen('405 on PUT: ModSecurity', { ...page(405, '405 Not Allowed'), ...put }, 'method-blocked by proxy', [
    'ask-proxy-admin',
  ]),
  seen(
    '405 on DELETE: ModSecurity',
    { ...page(405, '405 Not Allowed'), phase: 'delete', method: 'DELETE' },
    'method-blocked by proxy',
    ['ask-proxy-admin'],
  ),
  seen(
    '500 on a streamed PATCH: Cloudflare containers',
    { ...text(500, 'Error'), headers: { server: 'cloudflare' }, ...patch },
    'gateway-fault by proxy',
    ['retry', 'use-buffered', 'use-relay', 'check-path', 'ask-proxy-admin'],
  ),
  seen(
    '503 after 202: nobody behind Location',
    { ...text(503, 'no server is available'), ...put },
    'gateway-fault by proxy',
    ['retry', 'ask-proxy-admin', 'ask-registry-admin'],
  ),
  seen('499: an outer proxy hung up on an inner one', { ...page(499), ...patch }, 'gateway-fault by proxy', [
    'retry',
    'use-buffered',
    'use-relay',
    'check-path',
    'ask-proxy-admin',
  ]),
  seen('408: a body that did not come fast enough', { ...page(408), ...streamedPut }, 'timeout by proxy', [
    'retry',
    'use-buffered',
    'use-relay',
    'check-path',
    'ask-proxy-admin',
  ]),
  seen('503 where Host carries :443: Docker Hub', { status: 503 }, 'gateway-fault by unknown', [
    'retry',
    'ask-proxy-admin',
  ]),
  seen(
    'ENHANCE_YOUR_CALM: the rate guard of HTTP/2 behind a gateway',
    text(502, 'upstream error: NGHTTP2_ENHANCE_YOUR_CALM'),
    'gateway-fault by proxy',
    ['wait-and-retry', 'ask-proxy-admin'],
  ),
  seen(
    '413 while the body is on its way, the connection left open',
    { ...page(413), ...streamedPut, bytesSent: 65_536 },
    'too-large by proxy',
    ['use-chunked', 'raise-proxy-limit', 'ask-proxy-admin'],
  ),
  seen(
    'a firewall that dislikes a body',
    { ...page(403, 'Access denied', ''), ...put },
    'proxy-refused by proxy',
    ['ask-proxy-admin', 'use-streamed', 'use-chunked', 'check-path'],
  ),
  seen('a firewall', page(403, 'Access denied', ''), 'proxy-refused by proxy', [
    'ask-proxy-admin',
    'check-address',
  ]),
  seen(
    'a proxy that wants to know who asks',
    { ...page(401), headers: { ...page(401).headers, 'www-authenticate': 'Basic realm="intranet"' } },
    'unauthorized by proxy',
    ['ask-proxy-admin', 'log-in'],
  ),
  seen('bad gateway', page(502, '502 Bad Gateway'), 'gateway-fault by proxy', ['retry', 'ask-proxy-admin']),
  seen('bad gateway over a body', { ...page(502, '502 Bad Gateway'), ...put }, 'gateway-fault by proxy', [
    'retry',
    'use-streamed',
    'use-chunked',
    'check-path',
    'ask-proxy-admin',
  ]),
  seen(
    'a load balancer without a backend',
    { status: 503, headers: { server: 'awselb/2.0' } },
    'gateway-fault by proxy',
    ['retry', 'ask-proxy-admin'],
  ),
  seen('522: Cloudflare cannot connect', page(522, '522', 'cloudflare'), 'gateway-fault by proxy', [
    'retry',
    'ask-proxy-admin',
  ]),
  seen('429: a rate limit in front', page(429, '429 Too Many Requests'), 'rate-limited by proxy', [
    'wait-and-retry',
    'log-in',
  ]),
  seen('a 404 page where a manifest should be', page(404, '404 Not Found'), 'proxy-refused by proxy', [
    'ask-proxy-admin',
    'check-address',
  ]),
  seen('HTML announced to a HEAD', { ...page(404), body: '', method: 'HEAD' }, 'proxy-refused by proxy', [
    'ask-proxy-admin',
    'check-address',
  ]),
  seen('a HEAD, and nothing says who', { status: 404, method: 'HEAD' }, 'not-found by unknown', [
    'check-name',
    'check-address',
  ]),
  seen(
    'an upload that is redirected to TLS',
    { ...page(301), headers: { ...page(301).headers, location: 'https://x.invalid' }, ...session },
    'redirect-refused by proxy',
    ['use-https', 'check-address'],
  ),
  seen(
    'a redirect of nobody knows whom',
    { status: 302, headers: { 'content-type': 'text/html' }, phase: 'blob' },
    'redirect-refused by unknown',
    ['check-address', 'check-scheme'],
  ),
  seen('a web site', { ...page(200, 'Welcome'), phase: 'ping' }, 'not-a-registry by server', [
    'check-address',
    'check-scheme',
  ]),
  seen('a web site without /v2/', { ...page(404), phase: 'ping' }, 'not-a-registry by server', [
    'check-address',
    'check-scheme',
  ]),
  seen(
    'a Go server without /v2/',
    { ...text(404, '404 page not found\n'), phase: 'ping' },
    'not-a-registry by server',
    ['check-address', 'check-scheme'],
  ),
]
