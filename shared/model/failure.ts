import { z } from 'zod'

/** Where in a job the failure happened. */
export const phaseSchema = z.enum([
  'input', // what the user gave: a reference, a file, a form
  'connect', // name, address, TLS
  'ping', // GET /v2/
  'token', // the token service
  'catalog',
  'tags',
  'manifest',
  'blob',
  'upload-session', // POST …/blobs/uploads/
  'upload-body', // PATCH or PUT that carries bytes
  'upload-commit', // the PUT that closes a session without a body
  'manifest-put',
  'referrers',
  'delete', // of a tag, manifest or blob
  'verify', // reading back what was written
  'scrape', // an agent's /metrics
  'pull', // a hop of the pull walk
  'wire', // between window and main process
])
export type Phase = z.infer<typeof phaseSchema>

/**
 * The closed list of verdicts. A 404 and a 5xx never share one: a 404 says "not here" and is an answer,
 * a 5xx says "I am broken" and is not.
 */
export const failureKindSchema = z.enum([
  // answered by somebody
  'not-found', // the registry knows no such repository, tag, digest
  'not-here', // a mirror's ordinary 404: no peer has it, the upstream is asked next
  'no-agents', // a cluster, or a Prometheus, that was asked shows no agent of a mirror
  'not-running', // the cluster says of an agent that it does not run, and why
  'not-scraped', // Prometheus says of an agent that it gets no metrics from it
  'unauthorized',
  'denied', // known, but without the right, the room or the policy for it
  'rate-limited',
  'invalid', // the registry refused what was said: NAME_INVALID, MANIFEST_INVALID, …
  'digest-refused', // DIGEST_INVALID: the registry counted other bytes than were sent
  'upload-lost', // the session is unknown or its state is broken
  'range-refused', // 416, and chunks of a size that is not taken
  'conflict', // 409, 412 to writes, immutable tags
  'unsupported', // 405 from the registry itself: never, or not now
  'too-large', // 413
  'length-required', // 411
  'method-blocked', // 405 by something in front of the registry
  'body-refused', // 400 to a body by something that is not the registry
  'proxy-refused', // any other 4xx that the registry did not say
  'server-fault', // 5xx by the registry or the mirror
  'gateway-fault', // 5xx or 499 by something in front
  'not-a-registry', // an answer, but not from a registry
  'not-prometheus', // an answer, but not from Prometheus' HTTP API
  'query-refused', // Prometheus would not or could not answer a query
  'redirect-refused', // a redirect that must not be followed
  // answered by nobody
  'dns',
  'refused',
  'unreachable',
  'timeout', // or 408, which says the same
  'connection-lost', // reset, closed, half an answer
  'tls-untrusted',
  'tls-on-plain', // https spoken to a plain port
  'plain-on-tls', // http spoken to a TLS port
  // what came does not hold
  'digest-mismatch',
  'answer-invalid', // an answer that breaks its own format
  'metrics-invalid',
  // what the user gave does not hold
  'reference-invalid',
  'hosts-invalid',
  'chart-invalid',
  'archive-invalid',
  'file-too-large',
  'input-invalid',
  'no-such-item', // an id, a ticket, an agent that is not (any more) there
  // ourselves
  'cancelled',
  'host-gone', // the carrier to the main process closed
  'internal',
])
export type FailureKind = z.infer<typeof failureKindSchema>

export const answererSchema = z.enum([
  'registry',
  'mirror',
  'token-service',
  'storage', // where a blob redirect led
  'proxy', // a proxy, WAF, load balancer or TCP middlebox in front
  'server', // an HTTP server that is no registry
  'agent', // a metrics endpoint
  'api-server', // the Kubernetes API server, for itself or instead of what it was to reach
  'prometheus', // anything that speaks Prometheus' HTTP API
  'nobody',
  'chartroom', // this app refused before anything was sent
  'unknown', // the evidence does not say
])
export type Answerer = z.infer<typeof answererSchema>

/** One observed fact. A status code alone never decides who answered. */
export const evidenceSchema = z.object({
  fact: z.enum([
    'status',
    'body-shape', // oci-errors | json | html | text | xml | empty
    'content-type',
    'server',
    'api-version', // Docker-Distribution-Api-Version, or "absent"
    'via',
    'connection-closed',
    'bytes-sent', // how much of the body had left before the answer
    'error-code', // system or TLS code: ECONNREFUSED, CERT_HAS_EXPIRED, …
    'message', // what the other side said, capped and redacted
    'challenge', // WWW-Authenticate scheme and realm host
    'attempts', // Spegel's detail.attempts
    'location', // host a redirect pointed to
    'line', // line number in a text that does not parse
    'entry', // name of an archive entry
    'limit', // the limit that was exceeded
    'retry-after', // seconds the other side asks to wait
    'range', // where an upload stands, as the registry says
    'asked-scope', // what the token was asked for
    'granted-scope', // what the token allows
    'credential', // a place a credential was looked for, and what was found there
    'route', // through the relay, a proxy
    'certificate', // subject, issuer or date of a certificate
    'expected',
    'actual',
  ]),
  value: z.string().max(2000),
})
export type Evidence = z.infer<typeof evidenceSchema>

/** What can be tried next, most promising first. The words are the screen's; the ids are for tools too. */
export const nextStepSchema = z.enum([
  'check-name',
  'check-address',
  'check-scheme',
  'use-http',
  'use-https',
  'log-in',
  'check-permission',
  'check-pull-secret',
  'use-buffered',
  'use-streamed',
  'use-chunked',
  'use-relay',
  'check-path',
  'raise-proxy-limit',
  'ask-proxy-admin',
  'ask-registry-admin',
  'trust-certificate',
  'check-network',
  'check-dns',
  'wait-and-retry',
  'retry',
  'choose-another-tag',
  'overwrite',
  'choose-another-file',
  'repackage-chart',
  'fix-line',
  'none-needed',
  'check-mirror-agent',
  'update-mirror',
  'install-mirror',
  'check-kubeconfig',
  'log-in-to-cluster',
  'ask-cluster-admin',
  'check-matchers',
  'check-tenant',
  'check-prometheus',
  'restart-app',
  'report-bug',
])
export type NextStep = z.infer<typeof nextStepSchema>

/** An entry of the OCI `errors` array (distribution-spec, "Error Codes"). */
export const ociErrorSchema = z.object({
  code: z.string().max(100),
  message: z.string().max(1000).optional(),
})
export type OciError = z.infer<typeof ociErrorSchema>

/** The one shape in which anything that went wrong crosses the wire. No stack, header or secret is in it. */
export const failureSchema = z.object({
  kind: failureKindSchema,
  phase: phaseSchema,
  /** One English sentence for logs, the command line and tickets. Screens say it in their own language by `kind`. */
  message: z.string(),
  host: z.string().optional(),
  /** Which end of a copy it happened at; both may be the same host. */
  side: z.enum(['source', 'target']).optional(),
  status: z.number().int().optional(),
  ociErrors: z.array(ociErrorSchema).default([]),
  answeredBy: answererSchema,
  evidence: z.array(evidenceSchema).default([]),
  retryable: z.boolean(),
  next: z.array(nextStepSchema),
})
export type Failure = z.infer<typeof failureSchema>

/** A Failure on its way up the stack of the main process; `app.ts` turns it into a typed error of the wire. */
export class FailureError extends Error {
  readonly failure: Failure
  constructor(failure: Failure, options?: { cause?: unknown }) {
    super(failure.message, options)
    this.name = 'FailureError'
    this.failure = failure
  }
}
