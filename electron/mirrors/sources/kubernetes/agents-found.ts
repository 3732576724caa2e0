import type { Failure } from '../../../../shared/model/failure.ts'
import type { AgentIdentity } from '../../../../shared/model/mirror.ts'
import type { SourceState } from '../../../../shared/model/mirror-source.ts'
import type { Nodes } from './nodes.ts'
import type { Pod } from './objects.ts'
import { podAgents, spegelOf } from './pod-agents.ts'
import { notReady, notRunning } from './pod-trouble.ts'

/** How agents of a cluster are reached. */
export type Way = Extract<SourceState['way'], 'pod-proxy' | 'node-proxy'>

/** An agent and the way to it. */
export interface Found {
  agent: AgentIdentity
  /** Where its /metrics is. */
  url: string
  /** What the API server goes through, in words. */
  route: string
  /** What the cluster says of it beside that it runs: for where it does not answer. */
  remark?: string
  /** Why it is not asked at all. */
  failure?: Failure
}

/** What every agent of one cluster has in common. */
export interface Cluster {
  /** Address of the API server. */
  server: string
  source: string
  demo: boolean
}

/** Spegel's pods as agents; where the nodes may not be listed, without what these say. */
export function foundPods(pods: readonly Pod[], { byName }: Nodes, cluster: Cluster): Found[] {
  const { server, source, demo } = cluster
  return podAgents(pods).map(({ id, node, pod }) => {
    const { container, metricsPort, mirrorPort, resolveTimeout } = spegelOf(pod)
    const { namespace, name } = pod.metadata
    const proxy = (port: number) => `${server}/api/v1/namespaces/${namespace}/pods/${name}:${port}/proxy`
    const failure = notRunning(pod, container?.name, new URL(server).host)
    return {
      agent: {
        source,
        id,
        name: id,
        address: `${namespace}/${name}:${metricsPort}`,
        mirrorUrl: proxy(mirrorPort),
        pod: `${namespace}/${name}`,
        ...(node === undefined ? {} : byName.get(node)?.facts),
        ...(container?.image !== undefined ? { image: container.image } : {}),
        ...(resolveTimeout !== undefined ? { resolveTimeout } : {}),
        demo,
      },
      url: `${proxy(metricsPort)}/metrics`,
      route: `pod proxy of ${namespace}/${name}`,
      remark: notReady(pod),
      ...(failure !== undefined ? { failure } : {}),
    }
  })
}

/**
 * Nodes of k3s and RKE2 with Spegel inside: its metrics are among the kubelet's. Its mirror shares a port with the
 * supervisor, which asks for a client certificate that no pod or node proxy shows, so that nothing leads there.
 */
export function foundNodes({ byName }: Nodes, { server, source, demo }: Cluster): Found[] {
  return [...byName]
    .filter(([, { embedded }]) => embedded)
    .map(([name, { facts }]) => ({
      agent: { source, id: name, name, address: name, ...facts, demo },
      url: `${server}/api/v1/nodes/${name}/proxy/metrics`,
      route: `node proxy of ${name}`,
    }))
    .sort((a, b) => (a.agent.id < b.agent.id ? -1 : 1))
}

/** A failure with the way that was taken and what the cluster says of the agent. */
export function onTheWay(failure: Failure, { route, remark }: Found): Failure {
  return {
    ...failure,
    evidence: [
      ...failure.evidence,
      { fact: 'route', value: route },
      ...(remark ? [{ fact: 'actual' as const, value: remark }] : []),
    ],
  }
}
