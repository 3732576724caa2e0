import { type Answered, both, type Row, status } from './explain-row.ts'

const bySpokesman = ({ by }: Answered) => by === 'api-server'
const said = ({ clusterStatus }: Answered) => clusterStatus?.message || 'it does not say why'

/** What a Kubernetes API server says in its own name, also where an agent or a mirror was to be reached through it. */
export const clusterRows: Row[] = [
  {
    name: 'the way from the API server to a pod or node: apimachinery, util/proxy/transport.go',
    when: both(
      bySpokesman,
      ({ status }) => status >= 500,
      ({ role }) => role !== 'api-server',
    ),
    kind: 'gateway-fault',
    retryable: true,
    next: ['check-mirror-agent', 'check-network', 'ask-cluster-admin'],
    say: (answer) => `did not get through to the agent: ${said(answer)}`,
  },
  {
    name: 'a fault of the API server or its store',
    when: both(bySpokesman, ({ status }) => status >= 500),
    kind: 'server-fault',
    retryable: true,
    next: ['retry', 'ask-cluster-admin'],
    say: (answer) => `has a fault of its own: ${said(answer)}`,
  },
  {
    name: 'the user of the kubeconfig is not accepted, or not any more',
    when: both(bySpokesman, status(401)),
    kind: 'unauthorized',
    next: ['log-in-to-cluster', 'check-kubeconfig'],
    say: 'did not accept the user of the kubeconfig',
  },
  {
    name: 'the user lacks a right: the message names verb, resource and namespace (RBAC)',
    when: both(bySpokesman, status(403)),
    kind: 'denied',
    next: ['ask-cluster-admin', 'check-kubeconfig'],
    say: (answer) => `does not allow this: ${said(answer)}`,
  },
  {
    name: 'a pod, node or namespace that is not there, or not any more',
    when: both(bySpokesman, status(404)),
    kind: 'not-found',
    retryable: true,
    next: ['retry', 'check-kubeconfig'],
    say: (answer) => `has no such thing: ${said(answer)}`,
  },
  {
    name: 'too many requests at a time: API priority and fairness',
    when: both(bySpokesman, status(429)),
    kind: 'rate-limited',
    retryable: true,
    next: ['wait-and-retry', 'ask-cluster-admin'],
    say: 'asks to slow down',
  },
  {
    name: 'anything else that it refuses, such as a pod without an address',
    when: both(bySpokesman, ({ status }) => status >= 400),
    kind: 'invalid',
    next: ['retry', 'ask-cluster-admin'],
    say: (answer) => `refused what it was asked: ${said(answer)}`,
  },
]
