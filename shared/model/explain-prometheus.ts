import { type Answered, both, mentions, type Row, status } from './explain-row.ts'

const asked = ({ role }: Answered) => role === 'prometheus'
const itsOwn = ({ by }: Answered) => by === 'prometheus'
const said = ({ prometheusError, body }: Answered) => prometheusError?.message ?? body.trim().slice(0, 300)

/**
 * Prometheus' HTTP API (prometheus.io, "HTTP API") as Prometheus, Thanos, Mimir and VictoriaMetrics answer it. What no
 * row here takes, such as a gateway's fault or a redirect, is explained as for anybody.
 */
export const prometheusRows: Row[] = [
  {
    name: 'Mimir and Cortex without X-Scope-OrgID: 401 "no org id"',
    when: both(asked, status(401), (answer) => mentions(answer, /^no org id/)),
    kind: 'unauthorized',
    next: ['check-tenant', 'log-in'],
    say: 'wants to know whose metrics are asked for: no tenant was named',
  },
  {
    name: 'Basic of its web.config.file, or whatever guards it',
    when: both(asked, status(401)),
    kind: 'unauthorized',
    next: ['log-in'],
    say: 'did not accept who asks',
  },
  {
    name: 'a tenant or a query that is not for who asks',
    when: both(asked, status(403)),
    kind: 'denied',
    next: ['check-permission', 'log-in', 'check-tenant'],
    say: 'does not allow this',
  },
  {
    name: "Mimir's too_many_requests, or the limit of a hosted service",
    when: both(asked, status(429)),
    kind: 'rate-limited',
    retryable: true,
    next: ['wait-and-retry'],
    say: 'asks to slow down',
  },
  {
    name: 'a query that took too long, was cancelled or met a server that is busy, starts or stops: 503 timeout',
    when: both(asked, itsOwn, status(499, 503)),
    kind: 'server-fault',
    retryable: true,
    next: ['wait-and-retry', 'check-matchers'],
    say: (answer) => `cannot answer at the moment: ${said(answer)}`,
  },
  {
    name: 'any other fault of its own: 500 internal',
    when: both(asked, itsOwn, (answer) => answer.status >= 500),
    kind: 'server-fault',
    retryable: true,
    next: ['retry'],
    say: (answer) => `has a fault of its own: ${said(answer)}`,
  },
  {
    name: 'bad_data (a matcher that does not parse) and execution (too many series, samples or points): 400, 422',
    when: both(asked, itsOwn, (answer) => answer.status >= 400),
    kind: 'query-refused',
    next: ['check-matchers'],
    say: (answer) => `refused the query: ${said(answer)}`,
  },
  {
    name: 'a path that leads to no API: Mimir has it below /prometheus, VictoriaMetrics calls the path unsupported',
    when: both(
      asked,
      (answer) =>
        status(404, 405)(answer) || (answer.status === 400 && mentions(answer, /unsupported path requested/)),
    ),
    kind: 'not-prometheus',
    next: ['check-address'],
    say: "has no Prometheus API at this address: it may want a prefix, as Mimir's /prometheus",
  },
  {
    name: 'a page or other text where the API should be, such as a log-in page',
    when: both(asked, (answer) => answer.status < 300),
    kind: 'not-prometheus',
    next: ['check-address', 'log-in'],
    say: "answers, but not with Prometheus' API",
  },
]
