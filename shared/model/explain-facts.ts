import type { Answerer, Evidence, OciError, Phase } from './failure.ts'
import { retryAfterSeconds } from './retry-after.ts'
import type { Strategy } from './upload.ts'

/** An HTTP answer as it is handed in to be explained. Header names are lower-case. */
export interface ExplainInput {
  phase: Phase
  /** Who should answer at this address. */
  role: Extract<
    Answerer,
    'registry' | 'mirror' | 'agent' | 'api-server' | 'prometheus' | 'token-service' | 'storage'
  >
  host: string
  method: string
  status: number
  headers: Readonly<Record<string, string>>
  /** The body as text, as much of it as was kept; empty for HEAD. */
  body: string
  bytesSent?: number
  /** The shape in which a blob's bytes were on their way. */
  strategy?: Strategy
  connectionClosed?: boolean
  /** The scopes the token was asked for and those it allows, where these are fewer. */
  grant?: { asked: string; granted: string }
}

export type BodyShape = 'oci-errors' | 'json' | 'html' | 'xml' | 'text' | 'empty'

/** What an answer shows of itself, each observed and none concluded. */
export interface AnswerFacts extends ExplainInput {
  shape: BodyShape
  ociErrors: OciError[]
  contentType: string
  apiVersion: string | undefined
  server: string | undefined
  via: string | undefined
  challenge: { scheme: string; realmHost: string | undefined; error: string | undefined } | undefined
  /** Where a redirect leads, absolute. */
  location: URL | undefined
  /** Peers Spegel asked in vain: `detail.attempts` of its error body. */
  attempts: number | undefined
  /** `detail` of the first error where it is a text: distribution puts the cause there. */
  detail: string | undefined
  /** What a Kubernetes API server says in its Status (apimachinery, meta/v1), capped. */
  clusterStatus: { reason: string; message: string } | undefined
  /** What Prometheus' HTTP API says in its error format, capped. */
  prometheusError: { type: string; message: string } | undefined
}

/** Reads the facts out of an answer. */
export function factsOf(input: ExplainInput): AnswerFacts {
  const contentType = (input.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const json = parseJson(input.body)
  const ociErrors = ociErrorsOf(json)
  return {
    ...input,
    ociErrors,
    contentType,
    shape: shapeOf(input, contentType, json, ociErrors),
    apiVersion: input.headers['docker-distribution-api-version'],
    server: input.headers['server'],
    via: input.headers['via'],
    challenge: challengeOf(input.headers['www-authenticate']),
    location: parseUrl(input.headers['location']),
    attempts: attemptsOf(json),
    detail: textOf(detailOf(json)),
    clusterStatus: clusterStatusOf(json),
    prometheusError: prometheusErrorOf(json),
  }
}

/** The facts as the user sees them. */
export function evidenceOf(facts: AnswerFacts): Evidence[] {
  const evidence: Evidence[] = [
    { fact: 'status', value: String(facts.status) },
    { fact: 'body-shape', value: facts.shape },
    { fact: 'api-version', value: cap(facts.apiVersion ?? 'absent', 100) },
  ]
  const add = (fact: Evidence['fact'], value: string | undefined) => {
    if (value !== undefined && value !== '') evidence.push({ fact, value: cap(value, 500) })
  }
  add('content-type', facts.contentType)
  add('server', facts.server)
  add('via', facts.via)
  const { challenge } = facts
  add(
    'challenge',
    challenge && [challenge.scheme, challenge.realmHost, challenge.error].filter(Boolean).join(' '),
  )
  add('location', facts.location?.host)
  add('attempts', facts.attempts?.toString())
  add('retry-after', waitOf(facts))
  add('range', facts.headers['range'] ?? facts.headers['content-range'])
  // Docker Hub and others: `100;w=21600` is 100 requests in six hours
  if (facts.status === 429) add('limit', facts.headers['ratelimit-limit'])
  add('asked-scope', facts.grant?.asked)
  add('granted-scope', facts.grant && (facts.grant.granted || 'none'))
  if (facts.connectionClosed === true) add('connection-closed', 'after the answer')
  if ((facts.bytesSent ?? 0) > 0) add('bytes-sent', String(facts.bytesSent))
  add('message', messageOf(facts))
  return evidence
}

/** Seconds; a date is told from the answer's own Date, for the clocks of the two sides may differ. */
function waitOf({ headers }: AnswerFacts): string | undefined {
  const header = headers['retry-after']
  return retryAfterSeconds(header, Date.parse(headers['date'] ?? ''))?.toString() ?? header
}

/** What the other side said in its own words: the first OCI error, the title of a page, or the first line. */
function messageOf(facts: AnswerFacts): string | undefined {
  const first = facts.ociErrors[0]
  if (first !== undefined) return [first.code, first.message, facts.detail].filter(Boolean).join(': ')
  if (facts.clusterStatus !== undefined) return facts.clusterStatus.message
  const { prometheusError } = facts
  if (prometheusError !== undefined) return `${prometheusError.type}: ${prometheusError.message}`
  if (facts.shape === 'html') return /<title[^>]{0,200}>([^<]{1,200})/i.exec(facts.body)?.[1]?.trim()
  if (facts.shape === 'xml') return /<Code>([^<]{1,200})/.exec(facts.body)?.[1]
  if (facts.shape === 'text') return facts.body.trim().split(/\r?\n/, 1)[0]
  return undefined
}

function shapeOf(input: ExplainInput, contentType: string, json: unknown, ociErrors: OciError[]): BodyShape {
  const body = input.body.trimStart()
  if (ociErrors.length > 0) return 'oci-errors'
  if (/^<(?:!doctype html|html|head|body|center)/i.test(body)) return 'html'
  if (/^<\?xml|^<Error>/.test(body)) return 'xml'
  if (json !== undefined) return 'json'
  // a HEAD has no body: what its type announces is all there is to see
  if (contentType === 'text/html' || contentType === 'application/xhtml+xml') return 'html'
  if (body === '') return 'empty'
  if (contentType === 'application/xml' || contentType === 'text/xml') return 'xml'
  return 'text'
}

function parseJson(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The `errors` array of distribution-spec, "Error Codes"; at most 20 entries, each capped. */
function ociErrorsOf(json: unknown): OciError[] {
  if (!isRecord(json) || !Array.isArray(json['errors'])) return []
  return json['errors']
    .slice(0, 20)
    .filter((entry) => isRecord(entry))
    .filter((entry) => typeof entry['code'] === 'string')
    .map((entry) => ({
      code: cap(String(entry['code']), 100),
      ...(typeof entry['message'] === 'string' ? { message: cap(entry['message'], 1000) } : {}),
    }))
}

function detailOf(json: unknown): unknown {
  const first = isRecord(json) && Array.isArray(json['errors']) ? (json['errors'][0] as unknown) : undefined
  return isRecord(first) ? first['detail'] : undefined
}

function clusterStatusOf(json: unknown): AnswerFacts['clusterStatus'] {
  if (!isRecord(json) || json['kind'] !== 'Status' || json['apiVersion'] !== 'v1') return undefined
  return { reason: textOf(json['reason']) ?? '', message: textOf(json['message']) ?? '' }
}

/** VictoriaMetrics repeats the whole query before it comes to the reason. */
const repeatedQuery = /^error when executing query="(?:[^"\\]|\\.)*" (?:for|on the time range) \([^)]*\): /

/** prometheus.io, "HTTP API", format overview; VictoriaMetrics puts the status where the type stands. */
function prometheusErrorOf(json: unknown): AnswerFacts['prometheusError'] {
  if (!isRecord(json) || json['status'] !== 'error' || typeof json['error'] !== 'string') return undefined
  return {
    type: textOf(json['errorType']) ?? '',
    message: cap(json['error'].replace(repeatedQuery, ''), 400),
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? cap(value, 300) : undefined
}

function attemptsOf(json: unknown): number | undefined {
  const detail = detailOf(json)
  const attempts = isRecord(detail) ? detail['attempts'] : undefined
  return typeof attempts === 'number' && Number.isInteger(attempts) ? attempts : undefined
}

function challengeOf(header: string | undefined): AnswerFacts['challenge'] {
  const scheme = /^\s*([a-z]+)/i.exec(header ?? '')?.[1]
  if (scheme === undefined) return undefined
  const realm = /\brealm="([^"]{1,2000})"/.exec(header ?? '')?.[1]
  return {
    scheme,
    realmHost: parseUrl(realm)?.host,
    error: /\berror="([a-z_]{1,50})"/.exec(header ?? '')?.[1],
  }
}

function parseUrl(text: string | undefined): URL | undefined {
  try {
    return text === undefined ? undefined : new URL(text)
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function cap(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text
}
