import { type Case, page, seen, type Seen, text } from './case.ts'

const asked = { role: 'prometheus', phase: 'scrape' } as const

/** An error of the HTTP API. */
function error(status: number, errorType: string, message: string): Seen {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ status: 'error', errorType, error: message }),
    ...asked,
  }
}

/** As Prometheus 2.42, Thanos 0.3x, Mimir 2.x and VictoriaMetrics 1.79 word them. */
export const prometheusAnswers: Case[] = [
  seen(
    'a matcher that does not parse',
    error(400, 'bad_data', 'invalid parameter "query": 1:5: parse error: unexpected end of input'),
    'query-refused by prometheus',
    ['check-matchers'],
  ),
  seen(
    'more points than it gives out at once',
    error(400, 'bad_data', 'exceeded maximum resolution of 11,000 points per timeseries.'),
    'query-refused by prometheus',
    ['check-matchers'],
  ),
  seen(
    'a query that would load too many samples',
    error(422, 'execution', 'query processing would load too many samples into memory in query execution'),
    'query-refused by prometheus',
    ['check-matchers'],
  ),
  seen(
    'Thanos without a store that has any of it, where partial answers are not allowed',
    error(422, 'execution', 'expanding series: proxy Series(): No StoreAPIs matched for this query'),
    'query-refused by prometheus',
    ['check-matchers'],
  ),
  seen(
    'VictoriaMetrics, which puts the status where the type stands',
    error(422, '422', 'error when executing query="foo{" for (time=1, step=2): unexpected token ""'),
    'query-refused by prometheus',
    ['check-matchers'],
  ),
  seen(
    'a query that takes too long',
    error(503, 'timeout', 'query timed out in expression evaluation'),
    'server-fault by prometheus',
    ['wait-and-retry', 'check-matchers'],
  ),
  seen('a fault of its own', error(500, 'internal', 'storage: i/o error'), 'server-fault by prometheus', [
    'retry',
  ]),
  seen(
    "Mimir's limit of requests",
    error(
      429,
      'too_many_requests',
      'the request has been rejected because the tenant exceeded the rate limit',
    ),
    'rate-limited by prometheus',
    ['wait-and-retry'],
  ),
  seen('Mimir without a tenant', { ...text(401, 'no org id'), ...asked }, 'unauthorized by prometheus', [
    'check-tenant',
    'log-in',
  ]),
  seen(
    'Basic of its own',
    { status: 401, headers: { 'www-authenticate': 'Basic' }, body: 'Unauthorized\n', ...asked },
    'unauthorized by prometheus',
    ['log-in'],
  ),
  seen('a proxy that wants to know who asks', { ...page(401, 'Log in'), ...asked }, 'unauthorized by proxy', [
    'log-in',
  ]),
  seen('who may not ask', { ...text(403, 'Forbidden'), ...asked }, 'denied by proxy', [
    'check-permission',
    'log-in',
    'check-tenant',
  ]),
  seen(
    'Mimir without its prefix, or any other server',
    { ...text(404, '404 page not found'), ...asked },
    'not-prometheus by server',
    ['check-address'],
  ),
  seen(
    'VictoriaMetrics below a path it does not have',
    {
      ...text(400, 'remoteAddr: "127.0.0.1:1"; requestURI: /x; unsupported path requested: "/x"'),
      ...asked,
    },
    'not-prometheus by server',
    ['check-address'],
  ),
  seen('a log-in page', { ...page(200, 'Sign in'), ...asked }, 'not-prometheus by server', [
    'check-address',
    'log-in',
  ]),
  seen(
    'a Prometheus that still reads its log',
    {
      ...text(503, 'Service Unavailable'),
      headers: { 'x-prometheus-stopping': 'false' },
      ...asked,
    },
    'server-fault by prometheus',
    ['wait-and-retry', 'check-matchers'],
  ),
  seen('a gateway in front of it', { ...page(502), ...asked }, 'gateway-fault by proxy', [
    'retry',
    'ask-proxy-admin',
  ]),
]
