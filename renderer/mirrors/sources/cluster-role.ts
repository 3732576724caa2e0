/**
 * What a Kubernetes source needs, as RBAC has it: Spegel's pods are listed and watched, their metrics read through the
 * pod proxy; nodes tell zones and runtimes; k3s and RKE2 are read through the node proxy.
 */
export const clusterRole = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: chartroom-mirrors
rules:
  - apiGroups: [""]
    resources: ["pods"]
    verbs: ["list", "watch"]
  - apiGroups: [""]
    resources: ["pods/proxy"]
    verbs: ["get"]
  # zones, pools and runtimes
  - apiGroups: [""]
    resources: ["nodes"]
    verbs: ["list"]
  # k3s and RKE2 only: Spegel runs inside the node's own process
  - apiGroups: [""]
    resources: ["nodes/proxy"]
    verbs: ["get"]
`
