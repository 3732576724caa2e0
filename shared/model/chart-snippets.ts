import { releaseName, tagOfVersion } from './chart.ts'
import { mediaTypes } from './media-types.ts'
import type { Reference } from './reference.ts'

/** A chart in a registry, as others fetch it; `plainHttp` where the registry speaks http. */
export interface PublishedChart {
  readonly reference: Pick<Reference, 'registry' | 'repository'>
  readonly version: string
  readonly plainHttp: boolean
}

/**
 * An Argo CD Application with the chart as its OCI source (argo-cd.readthedocs.io/user-guide/oci, since 3.1): the tag
 * as the registry has it, so `_` for `+`. In front of it, where the registry speaks http, the repository's Secret
 * that says so.
 */
export function argoApplication({ reference, version, plainHttp }: PublishedChart): string {
  const name = releaseName(reference.repository)
  const url = addressOf(reference)
  const secret = [
    'apiVersion: v1',
    'kind: Secret',
    'metadata:',
    `  name: ${quoted(`${name}-repository`)}`,
    '  namespace: argocd',
    '  labels:',
    '    argocd.argoproj.io/secret-type: repository',
    'stringData:',
    '  type: oci',
    `  url: ${quoted(url)}`,
    '  insecureOCIForceHttp: "true"',
    '---',
  ]
  return text([
    ...(plainHttp ? secret : []),
    'apiVersion: argoproj.io/v1alpha1',
    'kind: Application',
    'metadata:',
    `  name: ${quoted(name)}`,
    '  namespace: argocd',
    'spec:',
    '  project: default',
    '  source:',
    `    repoURL: ${quoted(url)}`,
    `    targetRevision: ${quoted(tagOfVersion(version))}`,
    "    path: '.'",
    '  destination:',
    '    server: https://kubernetes.default.svc',
    `    namespace: ${quoted(name)}`,
    '  syncPolicy:',
    '    syncOptions:',
    '      - CreateNamespace=true',
  ])
}

/**
 * A Flux OCIRepository and the HelmRelease that installs it (fluxcd.io/flux/components/source/ocirepositories, v1
 * since 2.6). The chart is chosen by its media type, for Helm sorts layers by digest and a .prov may come first.
 */
export function fluxManifests({ reference, version, plainHttp }: PublishedChart): string {
  const name = quoted(releaseName(reference.repository))
  return text([
    'apiVersion: source.toolkit.fluxcd.io/v1',
    'kind: OCIRepository',
    'metadata:',
    `  name: ${name}`,
    '  namespace: default',
    'spec:',
    '  interval: 10m',
    `  url: ${quoted(addressOf(reference))}`,
    ...(plainHttp ? ['  insecure: true'] : []),
    '  layerSelector:',
    `    mediaType: ${mediaTypes.helmChart}`,
    '    operation: copy',
    '  ref:',
    `    tag: ${quoted(tagOfVersion(version))}`,
    '---',
    'apiVersion: helm.toolkit.fluxcd.io/v2',
    'kind: HelmRelease',
    'metadata:',
    `  name: ${name}`,
    '  namespace: default',
    'spec:',
    '  interval: 10m',
    '  chartRef:',
    '    kind: OCIRepository',
    `    name: ${name}`,
  ])
}

function addressOf({ registry, repository }: PublishedChart['reference']): string {
  return `oci://${registry}/${repository}`
}

/** YAML reads `1`, `on` and `1e3` as something else than text; as JSON strings they are text. */
function quoted(value: string): string {
  const plain = /^(?:oci:\/\/|[a-z]+-)\S+$/.test(value) || /^[a-z]{4,}$/.test(value)
  return plain && !['true', 'false', 'null'].includes(value) ? value : JSON.stringify(value)
}

function text(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`
}
