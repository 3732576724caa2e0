// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { ArtifactOverview } from '../../renderer/registries/artifact-overview.tsx'
import { purposeOf } from '../../renderer/registries/referrer-purpose.ts'
import { Warnings } from '../../renderer/registries/warnings.tsx'
import { localFailure } from '../../shared/model/local-failure.ts'
import { FailureError } from '../../shared/model/failure.ts'
import type { ArtifactDetail, Descriptor, Referrers } from '../../shared/model/manifest.ts'
import { mediaTypes } from '../../shared/model/media-types.ts'
import type { RegistryEntry } from '../../shared/model/registry.ts'
import { windowOver } from '../fakes/window-over.tsx'

afterEach(cleanup)

const entry: RegistryEntry = {
  id: 'r1',
  name: 'Lab',
  url: 'http://registry.test',
  credential: { source: 'anonymous', hasSecret: false },
  tls: { verify: true, hasCa: false, hasClientCertificate: false },
  demo: false,
}
const digestOf = (digit: string) => `sha256:${digit.repeat(64)}`
const detail: ArtifactDetail = {
  repository: 'shop/cart',
  asked: 'v1',
  digest: digestOf('a'),
  mediaType: mediaTypes.ociManifest,
  kind: 'artifact',
  manifestSize: 400,
  totalSize: 800,
  platforms: [],
  layers: [],
  annotations: {},
  raw: '{}',
}
const signature: Descriptor = {
  mediaType: mediaTypes.ociManifest,
  digest: digestOf('b'),
  size: 700,
  artifactType: 'application/vnd.cncf.notary.signature',
  annotations: { 'io.cncf.notary.x509chain.thumbprint#S256': '["abc"]' },
}

function overview(referrers: Referrers | (() => never), shown: ArtifactDetail = detail) {
  const asked: unknown[] = []
  windowOver(
    {
      'registries.referrers': (input) => {
        asked.push(input)
        return typeof referrers === 'function' ? referrers() : referrers
      },
    },
    <ArtifactOverview
      entry={entry}
      reference={{ registry: 'registry.test', repository: 'shop/cart', tag: 'v1' }}
      detail={shown}
    />,
  )
  return asked
}

test('what refers to an artifact is listed with its type, purpose and annotations, and opens by its digest', async () => {
  const asked = overview({ descriptors: [signature], from: 'api' })
  const link = await screen.findByRole('link', { name: signature.artifactType ?? '' })
  expect(link.getAttribute('href')).toContain(encodeURIComponent(signature.digest))
  expect(screen.getByText('signature')).toBeTruthy()
  expect(screen.getByText('io.cncf.notary.x509chain.thumbprint#S256')).toBeTruthy()
  expect(screen.queryByText(/fallback tag/)).toBeNull()
  expect(asked).toEqual([{ id: 'r1', repository: 'shop/cart', digest: detail.digest }])
})

test('referrers that were read from the fallback tag say so', async () => {
  overview({ descriptors: [signature], from: 'tag' })
  expect(await screen.findByText(/fallback tag/)).toBeTruthy()
})

test('nothing is said where nothing refers to it', async () => {
  const asked = overview({ descriptors: [], from: 'none' })
  await waitFor(() => expect(asked).toHaveLength(1))
  expect(screen.queryByText('Referrers')).toBeNull()
})

test('a list that cannot be read is one quiet line, and the artifact stays', async () => {
  overview(() => {
    throw new FailureError(localFailure('denied', 'referrers', 'No.'))
  })
  expect(await screen.findByText(/could not be read/)).toBeTruthy()
  expect(screen.getByText(detail.digest)).toBeTruthy()
})

test('no more than a hundred referrers are drawn, and the rest is counted', async () => {
  const many = Array.from({ length: 1103 }, (_, number) => ({
    ...signature,
    digest: `sha256:${String(number).padStart(64, '0')}`,
  }))
  overview({ descriptors: many, from: 'api' })
  expect(await screen.findByText('1,003 more are not shown.')).toBeTruthy()
  expect(screen.getAllByRole('link', { name: signature.artifactType ?? '' })).toHaveLength(100)
})

test('an artifact that refers to another one leads to it', () => {
  overview({ descriptors: [], from: 'none' }, { ...detail, artifactType: 'text/x', subject: signature })
  expect(screen.getByText('text/x')).toBeTruthy()
  expect(screen.getByText('Refers to')).toBeTruthy()
  expect(screen.getByRole('link').getAttribute('href')).toContain(encodeURIComponent(signature.digest))
})

test.each([
  ['application/vnd.dev.cosign.artifact.sig.v1+json', 'signature'],
  ['application/vnd.cncf.notary.signature', 'signature'],
  ['application/spdx+json', 'sbom'],
  ['application/vnd.cyclonedx+json', 'sbom'],
  ['application/vnd.in-toto+json', 'provenance'],
  ['application/vnd.dev.sigstore.bundle.v0.3+json', undefined],
  ['application/vnd.oci.empty.v1+json', undefined],
])('%s is for %s', (artifactType, purpose) => {
  expect(purposeOf(artifactType)).toBe(purpose)
})

test('the warnings of this registry are shown until they are dismissed, those of others are not', async () => {
  const warnings = async function* (_input: unknown, signal: AbortSignal | undefined) {
    yield [
      { host: 'registry.test', text: 'closing in May', at: 1 },
      { host: 'other.test', text: 'none of yours', at: 1 },
    ]
    yield [{ host: 'registry.test', text: 'read-only on Monday', at: 2 }]
    await new Promise((resolve) => signal?.addEventListener('abort', resolve))
  }
  windowOver({ 'registries.warnings': warnings }, <Warnings host="registry.test" />)
  expect(await screen.findByText('registry.test warns: read-only on Monday')).toBeTruthy()
  expect(screen.queryByText(/none of yours/)).toBeNull()
  const [first] = screen.getAllByRole('button', { name: 'Dismiss this warning' })
  if (first !== undefined) fireEvent.click(first)
  await waitFor(() => expect(screen.queryByText(/closing in May/)).toBeNull())
  expect(screen.getAllByRole('listitem')).toHaveLength(1)
})
