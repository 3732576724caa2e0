import { both, itself, mentions, type Row, says, status, uploading } from './explain-row.ts'
import { otherShapes } from './other-shapes.ts'

const broken = ({ status }: { status: number }) => status >= 500

/**
 * 5xx: the other side says that it is broken. These rows stand before all others, so that no code in the body lets a
 * 5xx pass for an answer such as "not found".
 */
export const faultRows: Row[] = [
  {
    name: 'a mirror with a fault: Spegel up to 0.3 answers 500 where a 404 is due (rke2 issue 5754, spegel issue 448)',
    when: both(broken, itself, ({ role }) => role === 'mirror'),
    kind: 'server-fault',
    retryable: true,
    next: ['update-mirror', 'check-mirror-agent'],
    say: 'has a fault of its own, which containerd reports in place of what the upstream says',
  },
  {
    name: 'an agent that is not ready: Spegel answers 500 until it knows other nodes, on a single node for ever',
    when: both(broken, itself, ({ role }) => role === 'agent'),
    kind: 'server-fault',
    retryable: true,
    next: ['retry', 'check-mirror-agent'],
    say: 'runs, but is not ready',
  },
  {
    name: 'a body that distribution could not read to its end or could not read as bytes: 500 UNKNOWN (distribution issue 2147)',
    when: both(broken, itself, uploading, says('UNKNOWN')),
    kind: 'server-fault',
    retryable: true,
    next: ({ strategy }) => ['retry', ...otherShapes(strategy), 'ask-registry-admin'],
    say: 'got a body that was cut, mangled or lost its Content-Type on the way',
  },
  {
    name: 'over its limits for the moment: 503 UNAVAILABLE, object stores 503 SlowDown',
    when: both(status(503), itself),
    kind: 'server-fault',
    retryable: true,
    next: ['wait-and-retry', 'ask-registry-admin'],
    say: 'cannot serve at the moment',
  },
  {
    name: 'any other fault that it tells itself',
    when: both(broken, itself),
    kind: 'server-fault',
    retryable: true,
    next: (answer) => [
      'retry',
      ...(uploading(answer) ? otherShapes(answer.strategy) : []),
      'ask-registry-admin',
    ],
    say: 'has a fault of its own',
  },
  {
    name: 'a gateway that spoke HTTP/2 to the registry too fast: GOAWAY ENHANCE_YOUR_CALM (Harbor, regclient issue 902)',
    when: both(broken, (answer) => mentions(answer, /ENHANCE_YOUR_CALM/)),
    kind: 'gateway-fault',
    retryable: true,
    next: ['wait-and-retry', 'ask-proxy-admin'],
    say: 'was not reached: it told the gateway in front of it to slow down',
  },
  {
    name: '503 after 202: nobody is behind the Location the upload was sent to (distribution issue 2177)',
    when: both(status(503), uploading),
    kind: 'gateway-fault',
    retryable: true,
    next: ['retry', 'ask-proxy-admin', 'ask-registry-admin'],
    say: 'was not reached: it is down, or the address it gave for the upload does not lead back to it',
  },
  {
    name: 'a gateway that breaks over the body: some fail on streamed PATCHes alone (cloudflare/containers issue 116)',
    when: both(broken, uploading),
    kind: 'gateway-fault',
    retryable: true,
    next: ({ strategy }) => ['retry', ...otherShapes(strategy), 'ask-proxy-admin'],
    say: 'was not reached: something in front of it failed over the body',
  },
  {
    name: 'a gateway that gets no good answer from behind, or none in time (502, 503, 504, Cloudflare 520 to 526)',
    when: broken,
    kind: 'gateway-fault',
    retryable: true,
    next: ['retry', 'ask-proxy-admin'],
    say: 'was not reached: something in front of it failed',
  },
  {
    name: 'nginx 499: of two proxies in a row the outer one hung up on the inner one',
    when: status(499),
    kind: 'gateway-fault',
    retryable: true,
    next: ({ strategy }) => [
      'retry',
      ...(strategy === undefined ? [] : otherShapes(strategy)),
      'ask-proxy-admin',
    ],
    say: 'was not reached: something in front of it hung up',
  },
  {
    name: '408: the request did not come in fast enough',
    when: status(408),
    kind: 'timeout',
    retryable: true,
    next: ({ strategy }) => [
      'retry',
      ...(strategy === undefined ? [] : otherShapes(strategy)),
      'ask-proxy-admin',
    ],
    say: 'waited for the request longer than something allows',
  },
]
