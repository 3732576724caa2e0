import {
  type Answered,
  both,
  foreign,
  itself,
  mentions,
  type Row,
  says,
  status,
  uploading,
} from './explain-row.ts'

const writing = ({ phase }: Answered) =>
  phase === 'manifest-put' || phase === 'delete' || phase.startsWith('upload')
const anyOf =
  (...conditions: Array<(answer: Answered) => boolean>) =>
  (answer: Answered) =>
    conditions.some((condition) => condition(answer))

/** Who may do this, how often, and over what: 401, 403, 409, 412, 429. */
export const accessRows: Row[] = [
  {
    name: 'a mirror that wants a user name: Spegel asks with no WWW-Authenticate, so hosts.toml must send it unasked',
    when: both(status(401), itself, ({ role }) => role === 'mirror'),
    kind: 'unauthorized',
    next: ['check-mirror-agent', 'check-pull-secret'],
    say: 'wants a user name and password, which hosts.toml has to send along',
  },
  {
    name: 'the token service granted less than it was asked for, which is no error of its own (distribution, spec/auth/token)',
    when: both(status(401, 403), ({ grant }) => grant !== undefined),
    kind: 'denied',
    next: ['check-permission', 'log-in'],
    say: ({ grant }) =>
      `does not allow this: of "${grant?.asked ?? ''}" the token allows ${grant?.granted ? `only "${grant.granted}"` : 'nothing'}`,
  },
  {
    name: 'the token lacks a right: challenge with error="insufficient_scope"',
    when: both(status(401), ({ challenge }) => challenge?.error === 'insufficient_scope'),
    kind: 'denied',
    next: ['check-permission', 'log-in'],
    say: 'knows who asks, but the token does not allow this',
  },
  {
    name: '401 in the middle of an upload whose session was granted: the token ran out',
    when: both(status(401), uploading, (answer) => !foreign(answer)),
    kind: 'unauthorized',
    retryable: true,
    next: ['retry', 'log-in', 'ask-registry-admin'],
    say: 'opened the upload and then did not accept who asks any more',
  },
  {
    name: '401 to a catalog: Harbor lists for Basic and administrators only, Docker Hub and GitLab for nobody',
    when: both(
      status(401),
      ({ phase }) => phase === 'catalog',
      (answer) => !foreign(answer),
    ),
    kind: 'unauthorized',
    next: ['log-in', 'check-permission'],
    say: 'does not list its repositories to who asks',
  },
  {
    name: 'the registry wants to know who asks',
    when: both(status(401), (answer) => !foreign(answer)),
    kind: 'unauthorized',
    next: ({ phase }) => (phase === 'pull' ? ['check-pull-secret', 'log-in'] : ['log-in']),
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
    name: 'too many requests: TOOMANYREQUESTS, 429',
    when: anyOf(says('TOOMANYREQUESTS'), status(429)),
    kind: 'rate-limited',
    retryable: true,
    next: ['wait-and-retry', 'log-in'],
    say: 'asks to slow down',
  },
  {
    name: 'a policy over the artifact: Harbor 412 PROJECTPOLICYVIOLATION to reads of what is unscanned, unsigned or vulnerable',
    when: anyOf(
      says('PROJECTPOLICYVIOLATION', 'PROJECT_POLICY_VIOLATION'),
      both(status(412), itself, (answer) => !writing(answer)),
    ),
    kind: 'denied',
    next: ['ask-registry-admin'],
    say: 'has a policy against handing this out: not scanned, not signed or vulnerable',
  },
  {
    name: 'a tag that may not be moved: ECR 400 TAG_INVALID, Harbor 412 PRECONDITION, Quay 409 TAG_IMMUTABLE; two who write at once: 409',
    when: anyOf(
      both(status(409, 412), itself),
      says('TAG_IMMUTABLE', 'TAG_ALREADY_EXISTS', 'IMAGETAGALREADYEXISTSEXCEPTION'),
      both(says('TAG_INVALID'), (answer) => mentions(answer, /immutable|already ?exists/i)),
    ),
    kind: 'conflict',
    next: ['choose-another-tag', 'ask-registry-admin'],
    say: 'keeps what is there: the tag may not be changed, or somebody else is changing it',
  },
  {
    name: 'no room left: Harbor and Quay say 403 DENIED and mention the quota',
    when: both(status(403), itself, (answer) => mentions(answer, /quota|storage limit|upper limit/i)),
    kind: 'denied',
    next: ['ask-registry-admin'],
    say: 'has no room left for this: a quota is used up',
  },
  {
    name: 'known, but not allowed: DENIED, 403',
    when: anyOf(
      both(says('DENIED', 'UNAUTHORIZED'), (answer) => !status(404, 405)(answer)),
      both(status(403), itself),
    ),
    kind: 'denied',
    next: ({ phase }) =>
      phase === 'pull' ? ['check-pull-secret', 'check-permission'] : ['check-permission', 'log-in'],
    say: 'does not allow this',
  },
]
