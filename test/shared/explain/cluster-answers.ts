import { type Case, page, seen, type Seen, text } from './case.ts'

/** A Status as apimachinery prints it. */
function kube(code: number, reason: string, message: string): Seen {
  const body = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code }
  return { status: code, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}
const api = { role: 'api-server', phase: 'scrape' } as const
const agent = { role: 'agent', phase: 'scrape' } as const

/** Messages as kube-apiserver 1.34 words them. */
export const clusterAnswers: Case[] = [
  seen(
    'a list without the right to',
    {
      ...kube(
        403,
        'Forbidden',
        'pods is forbidden: User "ada" cannot list resource "pods" in API group "" at the cluster scope',
      ),
      ...api,
    },
    'denied by api-server',
    ['ask-cluster-admin', 'check-kubeconfig'],
  ),
  seen(
    'a pod proxy without the right to: the agent was never asked',
    {
      ...kube(403, 'Forbidden', 'pods "spegel-x:9090" is forbidden: cannot get resource "pods/proxy"'),
      ...agent,
    },
    'denied by api-server',
    ['ask-cluster-admin', 'check-kubeconfig'],
  ),
  seen(
    'a token that ran out',
    { ...kube(401, 'Unauthorized', 'Unauthorized'), ...api },
    'unauthorized by api-server',
    ['log-in-to-cluster', 'check-kubeconfig'],
  ),
  seen(
    'an agent the API server does not get through to',
    {
      ...kube(
        503,
        'ServiceUnavailable',
        'error trying to reach service: dial tcp 10.0.0.5:9090: connect: connection refused',
      ),
      ...agent,
    },
    'gateway-fault by api-server',
    ['check-mirror-agent', 'check-network', 'ask-cluster-admin'],
  ),
  seen(
    'the same on the way to a mirror',
    {
      ...kube(
        503,
        'ServiceUnavailable',
        'error trying to reach service: dial tcp 10.0.0.5:5000: i/o timeout',
      ),
      role: 'mirror',
      phase: 'pull',
    },
    'gateway-fault by api-server',
    ['check-mirror-agent', 'check-network', 'ask-cluster-admin'],
  ),
  seen(
    'an API server whose store does not answer',
    { ...kube(500, 'InternalError', 'etcdserver: request timed out'), ...api },
    'server-fault by api-server',
    ['retry', 'ask-cluster-admin'],
  ),
  seen(
    'a pod that is gone',
    { ...kube(404, 'NotFound', 'pods "spegel-x" not found'), ...agent },
    'not-found by api-server',
    ['retry', 'check-kubeconfig'],
  ),
  seen(
    'an agent behind the proxy that has no such path says so itself',
    { ...text(404, '404 page not found'), ...agent },
    'not-found by agent',
    ['check-address'],
  ),
  seen(
    'too many requests at a time',
    { ...kube(429, 'TooManyRequests', 'too many requests, please try again later'), ...api },
    'rate-limited by api-server',
    ['wait-and-retry', 'ask-cluster-admin'],
  ),
  seen(
    'a pod that has no address yet',
    { ...kube(400, 'BadRequest', 'address not allowed'), ...agent },
    'invalid by api-server',
    ['retry', 'ask-cluster-admin'],
  ),
  seen('a load balancer in front of it', { ...page(502), ...api }, 'gateway-fault by proxy', [
    'retry',
    'ask-proxy-admin',
  ]),
]
