import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { argoApplication, fluxManifests, type PublishedChart } from '../../shared/model/chart-snippets.ts'
import { helmLines, releaseName } from '../../shared/model/chart.ts'

const plain: PublishedChart = {
  reference: { registry: '10.0.0.7:5000', repository: 'charts/cart' },
  version: '2.14.1+build.7',
  plainHttp: true,
}
const secure: PublishedChart = {
  reference: { registry: 'harbor.example:8443', repository: 'team/my_cart' },
  version: '1.0.0',
  plainHttp: false,
}

/** The documents of a text that YAML 1.1 reads, as kubectl does: there `on` and `1_0` are no text. */
const read = (text: string): unknown[] =>
  parseAllDocuments(text, { version: '1.1' }).map((document) => {
    expect(document.errors).toEqual([])
    return document.toJS() as unknown
  })

describe('helm lines', () => {
  test('carry the version as Chart.yaml has it and say where http is spoken', () => {
    expect(helmLines(plain.reference, plain.version, true)).toEqual({
      pull: 'helm pull oci://10.0.0.7:5000/charts/cart --version 2.14.1+build.7 --plain-http',
      install: 'helm install cart oci://10.0.0.7:5000/charts/cart --version 2.14.1+build.7 --plain-http',
      template: 'helm template cart oci://10.0.0.7:5000/charts/cart --version 2.14.1+build.7 --plain-http',
    })
    expect(helmLines(secure.reference, '1.0.0', false).install).toBe(
      'helm install my-cart oci://harbor.example:8443/team/my_cart --version 1.0.0',
    )
  })

  test.each([
    ['charts/cart', 'cart'],
    ['my_chart.v2', 'my-chart-v2'],
    ['x'.repeat(80), 'x'.repeat(53)],
    [`${'x'.repeat(52)}_y`, 'x'.repeat(52)],
  ])('take a release name Kubernetes takes from %s', (repository, name) => {
    expect(releaseName(repository)).toBe(name)
  })
})

describe('the Argo CD snippet', () => {
  test('names the tag as the registry has it, after the Secret that allows http', () => {
    const url = 'oci://10.0.0.7:5000/charts/cart'
    const [secret, application] = read(argoApplication(plain))
    expect(secret).toMatchObject({
      kind: 'Secret',
      metadata: { namespace: 'argocd', labels: { 'argocd.argoproj.io/secret-type': 'repository' } },
      stringData: { type: 'oci', url, insecureOCIForceHttp: 'true' },
    })
    expect(application).toMatchObject({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      spec: { source: { repoURL: url, targetRevision: '2.14.1_build.7', path: '.' } },
    })
  })

  test('needs no Secret where TLS is spoken', () => {
    const documents = read(argoApplication(secure))
    expect(documents).toHaveLength(1)
    expect(documents[0]).toMatchObject({
      metadata: { name: 'my-cart' },
      spec: { source: { repoURL: 'oci://harbor.example:8443/team/my_cart', targetRevision: '1.0.0' } },
    })
  })
})

describe('the Flux snippet', () => {
  test('chooses the chart by its media type and lets the release refer to it', () => {
    const [source, release] = read(fluxManifests(plain))
    expect(source).toMatchObject({
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'OCIRepository',
      spec: {
        url: 'oci://10.0.0.7:5000/charts/cart',
        insecure: true,
        layerSelector: {
          mediaType: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
          operation: 'copy',
        },
        ref: { tag: '2.14.1_build.7' },
      },
    })
    expect(release).toMatchObject({
      apiVersion: 'helm.toolkit.fluxcd.io/v2',
      kind: 'HelmRelease',
      spec: { chartRef: { kind: 'OCIRepository', name: 'cart' } },
    })
  })

  test('says nothing of http where TLS is spoken', () => {
    expect(fluxManifests(secure)).not.toContain('insecure')
  })
})

test.each(['on', '1e3', '123', 'null', 'y', 'true'])('a chart named %s stays text', (name) => {
  const chart = { ...secure, reference: { ...secure.reference, repository: name } }
  for (const text of [argoApplication(chart), fluxManifests(chart)]) {
    expect(read(text)[0]).toMatchObject({ metadata: { name } })
  }
})
