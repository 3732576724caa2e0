import type { Draft } from './store.ts'

export interface PodMade {
  name: string
  node?: string
  namespace?: string
  labels?: Record<string, string>
  /** Name of the DaemonSet it belongs to. */
  owner?: string
  ports?: { name?: string; containerPort: number }[]
  args?: string[]
  image?: string
  /** Parts of its metadata, spec and status that are not as a running pod of the chart has them. */
  metadata?: Record<string, unknown>
  spec?: Record<string, unknown>
  status?: Record<string, unknown>
}

export const chartLabels = {
  'app.kubernetes.io/name': 'spegel',
  'app.kubernetes.io/component': 'spegel',
  'app.kubernetes.io/instance': 'spegel',
}

/** A pod as the chart of Spegel 0.7.4 makes it and a kubelet runs it. */
export function spegelPod(made: PodMade): Draft {
  const { name, node, namespace = 'spegel', owner = 'spegel' } = made
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      labels: made.labels ?? chartLabels,
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'DaemonSet', name: owner, uid: `uid-of-${owner}`, controller: true },
      ],
      ...made.metadata,
    },
    spec: {
      ...(node === undefined ? {} : { nodeName: node }),
      initContainers: [{ name: 'configuration', image: made.image ?? 'ghcr.io/spegel-org/spegel:v0.7.4' }],
      containers: [
        {
          name: 'registry',
          image: made.image ?? 'ghcr.io/spegel-org/spegel:v0.7.4',
          args: made.args ?? ['registry', '--mirror-resolve-timeout=20ms', '--metrics-addr=:9090'],
          env: [{ name: 'NODE_IP', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } }],
          ports: made.ports ?? [
            { name: 'registry', containerPort: 5000, hostPort: 30_020, protocol: 'TCP' },
            { name: 'router-tcp', containerPort: 5001, protocol: 'TCP' },
            { name: 'metrics', containerPort: 9090, protocol: 'TCP' },
          ],
        },
      ],
      ...made.spec,
    },
    status: {
      phase: 'Running',
      podIP: '10.244.0.5',
      hostIP: '10.0.0.5',
      conditions: [
        { type: 'PodScheduled', status: 'True' },
        { type: 'Ready', status: 'True', lastTransitionTime: '2026-11-22T08:00:05Z' },
      ],
      initContainerStatuses: [
        {
          name: 'configuration',
          ready: true,
          restartCount: 0,
          state: { terminated: { exitCode: 0, reason: 'Completed' } },
          lastState: {},
        },
      ],
      containerStatuses: [
        containerStatus({ running: { startedAt: '2026-11-22T08:00:01Z' } }, { ready: true }),
      ],
      ...made.status,
    },
  }
}

/** The status of Spegel's container. */
export function containerStatus(
  state: Record<string, unknown>,
  more: { ready?: boolean; restartCount?: number; lastState?: Record<string, unknown> } = {},
) {
  const { ready = false, restartCount = 0, lastState = {} } = more
  return {
    name: 'registry',
    ready,
    restartCount,
    state,
    lastState,
    image: 'spegel',
    imageID: '',
    started: ready,
  }
}

/** A node as its kubelet reports it, with `images` images. */
export function kubeNode(
  name: string,
  more: { labels?: Record<string, string>; annotations?: Record<string, string>; images?: number } = {},
): Draft {
  const { labels = {}, annotations = {}, images = 12 } = more
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels }, annotations },
    spec: {},
    status: {
      conditions: [{ type: 'Ready', status: 'True' }],
      nodeInfo: { containerRuntimeVersion: 'containerd://2.1.5', kubeletVersion: 'v1.35.0' },
      images: Array.from({ length: images }, (_, at) => ({
        names: [`docker.io/library/image-${at}:1`],
        sizeBytes: 1000,
      })),
    },
  }
}
