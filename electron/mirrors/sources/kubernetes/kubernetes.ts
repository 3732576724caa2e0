import type { KubernetesSettings } from '../../../../shared/model/mirror-source.ts'
import type { MirrorSource, SourcePorts } from '../source.ts'

/**
 * Opens the agents of a Kubernetes cluster: Spegel's pods, read through the API server's pod proxy, or the nodes of k3s
 * and RKE2, read through its node proxy. Nothing is asked before the first round; from then on a watch tells when pods
 * come and go. What goes wrong with the kubeconfig, its log-in or the API server is the failure of a round.
 */
export function openKubernetes(settings: KubernetesSettings, ports: SourcePorts): MirrorSource {
  throw new Error(`${settings.context} ${ports.id}`)
}
