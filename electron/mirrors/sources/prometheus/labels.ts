import { Labels as SeriesLabels } from '../../metrics/labels.ts'

/** Labels of a series as they came; only names that are no property of every object are read. */
export type Labels = Readonly<Record<string, string | undefined>>

/** Labels that tell series of one agent apart (metrics of Spegel v0.0.5 to 0.7, and its Go and libp2p ones). */
const ownLabels = [
  'registry',
  'cache',
  'source',
  'router',
  'code',
  'handler',
  'method',
  'le',
  'dir',
  'scope',
  'resource',
] as const
const isOwn: ReadonlySet<string> = new Set(['__name__', ...ownLabels])

/** Names under which one thing goes in target labels, the most usual first. */
const names = {
  cluster: ['cluster', 'cluster_name', 'k8s_cluster_name', 'k8s_cluster'],
  namespace: ['namespace', 'kubernetes_namespace', 'k8s_namespace_name'],
  node: [
    'node',
    'nodename',
    'node_name',
    'kubernetes_node',
    'kubernetes_node_name',
    'k8s_node_name',
    'kubernetes_io_hostname',
    'hostname',
    'host',
  ],
  pod: ['pod', 'pod_name', 'kubernetes_pod_name', 'k8s_pod_name'],
  zone: ['zone', 'topology_kubernetes_io_zone', 'availability_zone'],
  pool: ['pool', 'node_pool', 'nodepool'],
} as const

/** What Prometheus scrapes: one agent, as one job of one Prometheus sees it. */
export interface Target {
  /** All of its labels; two that differ in any are two targets. */
  key: string
  labels: Labels
  job: string
  /** Usually `host:port`; empty where it was taken away. */
  instance: string
  cluster?: string
  namespace?: string
  node?: string
  pod?: string
  zone?: string
  pool?: string
}

/** Names of the labels a cluster goes by. */
export const clusterLabels: readonly string[] = names.cluster

/** The target a series belongs to. */
export function targetOf(labels: Labels): Target {
  const of = (what: keyof typeof names) => {
    for (const name of names[what]) {
      const value = labels[name]
      if (value !== undefined && value !== '') return { [what]: value }
    }
    return {}
  }
  return {
    key: keyOf(labels),
    labels,
    job: labels['job'] ?? '',
    instance: labels['instance'] ?? '',
    ...of('cluster'),
    ...of('namespace'),
    ...of('node'),
    ...of('pod'),
    ...of('zone'),
    ...of('pool'),
  }
}

/** The labels of its target as one text: the same for all series of one scrape. */
export function keyOf(labels: Labels): string {
  const pairs: string[] = []
  for (const name of Object.keys(labels)) {
    const value = labels[name] ?? ''
    if (!isOwn.has(name)) pairs.push(`${name}=${value.length}:${value}`)
  }
  return pairs.sort().join(',')
}

/** The labels of a series that are not its target's, as its agent wrote them. */
export function ownLabelsOf(labels: Labels): SeriesLabels {
  const present: string[] = []
  const values: string[] = []
  for (const name of ownLabels) {
    const value = labels[name]
    if (value === undefined) continue
    present.push(name)
    // Prometheus 3 writes "1024.0" where the agent and Prometheus 2 write "1024"
    values.push(name === 'le' ? value.replace(/^(\d+)\.0$/, '$1') : value)
  }
  return new SeriesLabels(present, values)
}

/** Where an agent runs: the same for whoever scrapes it, from however many Prometheus and jobs. */
export function placeOf({ cluster = '', namespace = '', pod, job, instance }: Target): string {
  if (pod !== undefined) return JSON.stringify([cluster, namespace, pod])
  return JSON.stringify(instance === '' ? [cluster, 'job', job] : [cluster, instance])
}
