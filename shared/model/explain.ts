import { answererOf, saysPlainOnTls } from './explain-answerer.ts'
import { type AnswerFacts, evidenceOf, type ExplainInput, factsOf } from './explain-facts.ts'
import type { Answerer, Failure, FailureKind, NextStep } from './failure.ts'

/** An answer with its author: what the rows below look at. */
export interface Answered extends AnswerFacts {
  by: Answerer
}

interface Row {
  /** The case, as a reader of this table would look it up. */
  name: string
  when: (answer: Answered) => boolean
  kind: FailureKind
  retryable?: boolean
  next: NextStep[] | ((answer: Answered) => NextStep[])
  /** The sentence, without the subject: "<host> …". */
  say: string
}

const says =
  (...codes: string[]) =>
  (answer: Answered) =>
    answer.ociErrors.some(({ code }) => codes.includes(code.toUpperCase()))
const status =
  (...statuses: number[]) =>
  (answer: Answered) =>
    statuses.includes(answer.status)
const mentions = (answer: Answered, words: RegExp) =>
  answer.ociErrors.some(({ message }) => words.test(message ?? ''))
/** The API itself: what it refuses, it refuses knowingly. */
const fromApi = (answer: Answered) => answer.by === answer.role
const foreign = (answer: Answered) => answer.by === 'proxy' || answer.by === 'server'
const otherStrategy = (answer: Answered): NextStep =>
  answer.bodyStrategy === 'buffered' ? 'use-streamed' : 'use-buffered'

/**
 * THE table: what an answer means and what to try next. The first row that holds decides. Codes are those of
 * distribution-spec v1.1 ("Error Codes") and distribution's registry/api/errcode; rows without a code go by
 * author and status together.
 */
const rows: Row[] = [
  {
    name: 'http spoken to a TLS port',
    when: saysPlainOnTls,
    kind: 'plain-on-tls',
    next: ['use-https', 'check-scheme'],
    say: 'speaks TLS on this port and was asked in plain http',
  },
  {
    name: 'a mirror has no peer with it: ordinary, the next host is asked',
    when: (answer) => answer.role === 'mirror' && answer.by === 'mirror' && answer.status === 404,
    kind: 'not-here',
    next: ['none-needed'],
    say: 'does not have it, which is normal for a mirror',
  },
  {
    name: 'the token lacks a right',
    when: (answer) => answer.status === 401 && answer.challenge?.error === 'insufficient_scope',
    kind: 'denied',
    next: ['check-permission', 'log-in'],
    say: 'knows who asks, but the token does not allow this',
  },
  {
    name: 'the registry wants to know who asks',
    when: (answer) => status(401)(answer) && !foreign(answer),
    kind: 'unauthorized',
    next: (answer) => (answer.phase === 'pull' ? ['check-pull-secret', 'log-in'] : ['log-in']),
    say: 'did not accept who asks',
  },
  {
    name: 'something in front wants to know who asks',
    when: status(401),
    kind: 'unauthorized',
    next: ['ask-proxy-admin', 'log-in'],
    say: 'is guarded by something that is not the registry',
  },
  {
    name: 'a tag that may not be moved (ECR says TAG_INVALID, Harbor 412, Quay 409)',
    when: (answer) =>
      (fromApi(answer) && status(409, 412)(answer)) ||
      says('TAG_IMMUTABLE', 'TAG_ALREADY_EXISTS')(answer) ||
      (says('TAG_INVALID')(answer) && mentions(answer, /immutable|already exists/i)),
    kind: 'conflict',
    next: ['choose-another-tag', 'ask-registry-admin'],
    say: 'keeps what is there: the tag may not be changed',
  },
  {
    name: 'too many requests',
    when: (answer) => says('TOOMANYREQUESTS')(answer) || answer.status === 429,
    kind: 'rate-limited',
    retryable: true,
    next: ['wait-and-retry', 'log-in'],
    say: 'asks to slow down',
  },
  {
    name: 'the upload session is gone: 2.8 cancels it after a cut PATCH, replicas with different secrets never knew it',
    when: says('BLOB_UPLOAD_UNKNOWN', 'BLOB_UPLOAD_INVALID'),
    kind: 'upload-lost',
    retryable: true,
    next: ['retry', 'ask-registry-admin'],
    say: 'no longer knows this upload',
  },
  {
    name: 'a chunk out of order',
    when: (answer) => says('RANGE_INVALID')(answer) || (fromApi(answer) && answer.status === 416),
    kind: 'range-refused',
    retryable: true,
    next: ['use-buffered', 'retry'],
    say: 'refused the range of bytes',
  },
  {
    name: 'the registry counted other bytes than were sent',
    when: says('DIGEST_INVALID'),
    kind: 'digest-refused',
    retryable: true,
    next: (answer) => ['retry', otherStrategy(answer)],
    say: 'received other bytes than the digest names',
  },
  {
    name: 'a body without its length (ACR to chunked framing)',
    when: (answer) => says('CONTENT_LENGTH_INVALID')(answer) || answer.status === 411,
    kind: 'length-required',
    next: ['use-buffered'],
    say: 'wants the length of the body in advance',
  },
  {
    name: 'what was said breaks a rule of the registry',
    when: says(
      'NAME_INVALID',
      'TAG_INVALID',
      'MANIFEST_INVALID',
      'MANIFEST_UNVERIFIED',
      'MANIFEST_BLOB_UNKNOWN',
      'SIZE_INVALID',
      'PAGINATION_NUMBER_INVALID',
    ),
    kind: 'invalid',
    next: ['check-name'],
    say: 'refused what it was told',
  },
  {
    name: 'no such repository, tag or digest',
    when: (answer) =>
      answer.status < 500 &&
      (says('MANIFEST_UNKNOWN', 'NAME_UNKNOWN', 'BLOB_UNKNOWN')(answer) ||
        (fromApi(answer) && answer.status === 404)) &&
      !(answer.phase === 'ping'),
    kind: 'not-found',
    next: (answer) => (answer.role === 'agent' ? ['check-address'] : ['check-name']),
    say: 'has no such thing',
  },
  {
    name: 'known, but not allowed',
    when: (answer) => says('DENIED', 'UNAUTHORIZED')(answer) || (fromApi(answer) && answer.status === 403),
    kind: 'denied',
    next: (answer) =>
      answer.phase === 'pull' ? ['check-pull-secret', 'check-permission'] : ['check-permission', 'log-in'],
    say: 'does not allow this',
  },
  {
    name: 'the registry does not do this: read-only, a cache, deletion switched off',
    when: (answer) => says('UNSUPPORTED')(answer) || (fromApi(answer) && answer.status === 405),
    kind: 'unsupported',
    next: ['ask-registry-admin'],
    say: 'does not support this',
  },
  {
    name: 'body too large for something in front (nginx client_max_body_size, Cloudflare, ModSecurity)',
    when: (answer) => answer.status === 413,
    kind: 'too-large',
    next: (answer) => (fromApi(answer) ? ['ask-registry-admin'] : ['raise-proxy-limit', 'ask-proxy-admin']),
    say: 'finds the body too large',
  },
  {
    name: 'the method is blocked in front (ModSecurity CRS 911100 lets GET, HEAD, POST, OPTIONS through)',
    when: (answer) => answer.status === 405 && answer.phase !== 'ping',
    kind: 'method-blocked',
    next: ['ask-proxy-admin', 'use-buffered'],
    say: 'lets this HTTP method not through',
  },
  {
    name: 'a 400 to a body by something that is not the registry (go-containerregistry issue 2005)',
    when: (answer) => answer.status === 400 && answer.hadBody && !fromApi(answer),
    kind: 'body-refused',
    retryable: true,
    next: (answer) => [otherStrategy(answer), 'ask-proxy-admin'],
    say: 'was never asked: something in front refused the body',
  },
  {
    name: 'distribution answers 400 with nothing in it when its access controller fails',
    when: (answer) => answer.status === 400 && fromApi(answer),
    kind: 'invalid',
    next: ['check-name', 'ask-registry-admin'],
    say: 'refused what it was told',
  },
  {
    name: 'the other side is broken and says so itself',
    when: (answer) => answer.status >= 500 && fromApi(answer),
    kind: 'server-fault',
    retryable: true,
    next: (answer) =>
      answer.role === 'mirror'
        ? ['update-mirror', 'check-mirror-agent']
        : answer.hadBody
          ? ['retry', otherStrategy(answer), 'ask-registry-admin']
          : ['retry', 'ask-registry-admin'],
    say: 'has a fault of its own',
  },
  {
    name: 'something in front gets no good answer from behind',
    when: (answer) => answer.status >= 500,
    kind: 'gateway-fault',
    retryable: true,
    next: ['retry', 'ask-proxy-admin'],
    say: 'was not reached: something in front of it failed',
  },
  {
    name: 'a redirect that is not followed, most often to the same address with TLS',
    when: (answer) => answer.status >= 300 && answer.status < 400,
    kind: 'redirect-refused',
    next: (answer) =>
      answer.location?.protocol === 'https:'
        ? ['use-https', 'check-address']
        : ['check-address', 'check-scheme'],
    say: 'sends elsewhere where it must answer itself',
  },
  {
    name: 'an answer, but not the API',
    when: (answer) => answer.status < 300 || (answer.phase === 'ping' && [404, 405].includes(answer.status)),
    kind: 'not-a-registry',
    next: ['check-address', 'check-scheme'],
    say: 'answers, but not as a registry',
  },
  {
    name: 'a 404 that shows nothing of its author: a HEAD has no body',
    when: (answer) => answer.status === 404 && answer.by === 'unknown',
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

/** Who answered, decided from evidence and never from the status alone; for answers of any status. */
export function whoAnswered(input: ExplainInput): Answerer {
  return answererOf(factsOf(input))
}

/** Explains an answer that is not what was asked for: its kind, its author, the evidence and what to try next. */
export function explainAnswer(input: ExplainInput): Failure {
  const facts = factsOf(input)
  const answer: Answered = { ...facts, by: answererOf(facts) }
  const row = rows.find(({ when }) => when(answer))
  if (row === undefined) throw new Error('the last row of the table holds for every answer')
  const said = answer.ociErrors[0]
  const detail = said === undefined ? '' : ` (${[said.code, said.message].filter(Boolean).join(': ')})`
  return {
    kind: row.kind,
    phase: input.phase,
    message: `${input.host} ${row.say}: HTTP ${input.status}${detail}.`,
    host: input.host,
    status: input.status,
    ociErrors: answer.ociErrors,
    answeredBy: answer.by,
    evidence: evidenceOf(facts),
    retryable: row.retryable ?? false,
    next: typeof row.next === 'function' ? row.next(answer) : row.next,
  }
}
