// @vitest-environment happy-dom
import { openSpotlight } from '@mantine/spotlight'
import { act, cleanup, fireEvent, screen, waitFor } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MirrorsScreen } from '../../renderer/mirrors/mirrors-screen.tsx'
import { ArtifactPanel } from '../../renderer/registries/artifact-panel.tsx'
import { ClusterList } from '../../renderer/shell/cluster-list.tsx'
import { CommandPalette } from '../../renderer/shell/command-palette.tsx'
import { clusterHealth } from '../../renderer/state/clusters.ts'
import { useClusters, useMirrorOptions, useSourceDialog } from '../../renderer/state/mirrors-provider.tsx'
import type { ArtifactDetail } from '../../shared/model/manifest.ts'
import { mediaTypes } from '../../shared/model/media-types.ts'
import type { RegistryEntry } from '../../shared/model/registry.ts'
import type { SourceEntry, SourceState } from '../../shared/model/mirror-source.ts'
import { sourceOf, stateOf } from '../fakes/mirror-views.ts'
import { type Operations, windowOver } from '../fakes/window-over.tsx'

beforeEach(() => {
  window.location.hash = '#/registries'
})
afterEach(cleanup)

/** What the side bar and the palette change. */
function Stores({ states }: { states: SourceState[] }) {
  const chosen = useClusters((clusters) => clusters.chosen)
  const note = useClusters((clusters) => clusters.note)
  const view = useMirrorOptions((options) => options.view)
  const { subject } = useSourceDialog()
  return (
    <>
      <button type="button" onClick={() => note(states)}>
        note
      </button>
      <output>{[chosen ?? 'all', view, subject?.job ?? 'closed'].join(' ')}</output>
    </>
  )
}

function bar(entries: SourceEntry[], states: SourceState[] = []) {
  windowOver(
    // any other call, a watch above all, would fail by name
    { 'mirrors.sources': () => entries },
    <>
      <ClusterList />
      <Stores states={states} />
    </>,
  )
}

const said = () => screen.getByRole('status').textContent
const three = [sourceOf('prod'), sourceOf('stage'), sourceOf('lab', { demo: true })]

describe('the side bar', () => {
  test('knows nothing until Mirrors was open, and asks nobody', async () => {
    bar(three)
    expect(await screen.findAllByRole('img', { name: 'not asked yet' })).toHaveLength(3)
    expect(screen.getByText('Demo')).toBeTruthy()
  })

  test('says how each was doing in the newest view, in words beside the mark', async () => {
    bar(three, [
      stateOf('prod'),
      stateOf('stage', { agents: 21, answering: 20 }),
      stateOf('lab', { state: 'failing', agents: 0, answering: 0 }),
    ])
    await screen.findByText('prod')
    fireEvent.click(screen.getByText('note'))
    expect(screen.getByRole('img', { name: '3 agents, 3 answer' })).toBeTruthy()
    expect(screen.getByRole('img', { name: '20 of 21 agents answer' })).toBeTruthy()
    expect(screen.getByRole('img', { name: 'failing' })).toBeTruthy()
    expect(screen.getByTitle(/^prod: 3 agents, 3 answer, asked at \d\d:07$/)).toBeTruthy()
  })

  test('chooses a cluster, or all of several, and goes to Mirrors', async () => {
    bar(three)
    fireEvent.click(await screen.findByRole('button', { name: /stage/ }))
    await waitFor(() => expect(window.location.hash).toBe('#/mirrors'))
    expect(said()).toBe('stage map closed')
    await waitFor(() =>
      expect(screen.getByRole('button', { name: /stage/ }).getAttribute('aria-current')).toBe('true'),
    )
    fireEvent.click(screen.getByRole('button', { name: 'All clusters' }))
    expect(said()).toBe('all map closed')
    expect(screen.getByRole('button', { name: 'All clusters' }).getAttribute('aria-current')).toBe('true')
    expect(screen.getByRole('button', { name: /stage/ }).getAttribute('aria-current')).toBeNull()
  })

  test('has no "all" where there is one, and adds another', async () => {
    bar([sourceOf('prod')])
    await screen.findByText('prod')
    expect(screen.queryByText('All clusters')).toBeNull()
    fireEvent.click(screen.getByRole('button', { name: 'Add a cluster' }))
    expect(said()).toBe('all map add')
  })

  test('marks a cluster whose certificate is not checked, and shows any name as text', async () => {
    const name = '<img src=x onerror=alert(1)>'
    bar([sourceOf('p', { name, tls: { verify: false, hasCa: false, hasClientCertificate: false } })])
    expect(await screen.findByText(name)).toBeTruthy()
    expect(document.querySelector('img')).toBeNull()
    expect(screen.getByRole('img', { name: 'Not verified' })).toBeTruthy()
  })
})

describe('the health of a cluster', () => {
  test.each([
    [undefined, 'unknown'],
    [stateOf('a', { state: 'waiting' }), 'unknown'],
    [stateOf('a'), 'ok'],
    [stateOf('a', { answering: 2 }), 'partly'],
    [stateOf('a', { answering: 0 }), 'failing'],
    [stateOf('a', { agents: 0, answering: 0 }), 'ok'],
    [stateOf('a', { state: 'failing' }), 'failing'],
  ] as const)('%j is %s', (state, health) => {
    expect(clusterHealth(state)).toBe(health)
  })
})

describe('the palette', () => {
  const operations: Operations = {
    'mirrors.sources': () => [sourceOf('prod'), sourceOf('stage')],
    'registries.list': () => [],
    'host.capabilities': () => ({ demo: false }),
  }

  test.each([
    ['Mirrors: stage', 'stage map closed', '#/mirrors'],
    ['Who has an image', 'all content closed', '#/mirrors'],
    ['Add a cluster', 'all map add', '#/registries'],
  ])('%s', async (label, stores, hash) => {
    windowOver(
      operations,
      <>
        <CommandPalette />
        <Stores states={[]} />
      </>,
    )
    act(() => openSpotlight())
    fireEvent.click(await screen.findByText(label))
    await waitFor(() => expect(said()).toBe(stores))
    expect(window.location.hash).toBe(hash)
  })
})

describe('an image of a registry', () => {
  const entry: RegistryEntry = {
    id: 'r1',
    name: 'Lab',
    url: 'http://registry.test:5000',
    credential: { source: 'anonymous', hasSecret: false },
    tls: { verify: true, hasCa: false, hasClientCertificate: false },
    demo: false,
  }
  const artifact = (kind: ArtifactDetail['kind']): ArtifactDetail => ({
    repository: 'shop/cart',
    asked: 'v1',
    digest: `sha256:${'a'.repeat(64)}`,
    mediaType: mediaTypes.ociManifest,
    kind,
    manifestSize: 400,
    totalSize: 800,
    platforms: [],
    layers: [],
    annotations: {},
    raw: '{}',
  })
  const operations = (kind: ArtifactDetail['kind'], sources: SourceEntry[]): Operations => ({
    'registries.artifact': () => artifact(kind),
    'registries.referrers': () => ({ descriptors: [], from: 'api' }),
    'registries.list': () => [entry],
    'mirrors.sources': () => sources,
  })

  test('leads to the question which nodes have it, with its reference and registry filled in', async () => {
    windowOver(
      operations('image', three),
      <>
        <ArtifactPanel entry={entry} repository="shop/cart" reference="v1" />
        <Stores states={[]} />
        <MirrorsScreen />
      </>,
    )
    fireEvent.click(await screen.findByRole('button', { name: 'Which nodes have it' }))
    expect(window.location.hash).toBe('#/mirrors')
    const image = await screen.findByRole<HTMLInputElement>('textbox', { name: 'Image' })
    expect(image.value).toBe('registry.test:5000/shop/cart:v1')
    const asWhom = screen.getByRole<HTMLInputElement>('combobox', { name: 'Ask its registry as' })
    await waitFor(() => expect(asWhom.value).toBe('Lab'))
    // neither windows nor pausing mean anything there
    expect(screen.queryByRole('button', { name: 'Pause' })).toBeNull()
  })

  test.each([
    ['a chart', 'chart', three],
    ['an image while there is no cluster', 'image', []],
  ] as const)('%s has no such question', async (_, kind, sources) => {
    windowOver(
      operations(kind, [...sources]),
      <ArtifactPanel entry={entry} repository="shop/cart" reference="v1" />,
    )
    expect(await screen.findByRole('tab', { name: 'Overview' })).toBeTruthy()
    expect(screen.queryByRole('button', { name: 'Which nodes have it' })).toBeNull()
  })
})
