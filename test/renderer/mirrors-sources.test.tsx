// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react'
import fc from 'fast-check'
import { parse } from 'yaml'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { clusterRole } from '../../renderer/mirrors/sources/cluster-role.ts'
import { SourceDialog } from '../../renderer/mirrors/sources/source-dialog.tsx'
import { sourceDraftOf, sourceFieldsOf } from '../../renderer/mirrors/sources/source-fields.ts'
import { useClusters, useSourceDialog } from '../../renderer/state/mirrors-provider.tsx'
import type { SourceDialogSubject } from '../../renderer/state/source-dialog.ts'
import { failureError, localFailure } from '../../shared/model/local-failure.ts'
import { type SourceDraft, sourceDraftSchema, type SourceEntry } from '../../shared/model/mirror-source.ts'
import { sourceOf, stateOf } from '../fakes/mirror-views.ts'
import { type Operations, windowOver } from '../fakes/window-over.tsx'

beforeEach(() => {
  window.location.hash = ''
})
afterEach(cleanup)

const prometheus: SourceEntry = sourceOf('p1', {
  name: 'prod',
  settings: {
    kind: 'prometheus',
    url: 'https://prometheus.test',
    matchers: 'cluster="prod"',
    tenant: 'a',
    mirrorPort: 30_020,
  },
  credential: { kind: 'bearer', hasSecret: true },
})
const contexts = [
  { name: 'stage', cluster: 'stage', server: 'https://stage.test:6443', current: false },
  { name: 'prod', cluster: 'prod', server: 'https://prod.test:6443', current: true },
]

function Opener({ subject }: { subject: SourceDialogSubject }) {
  const { open } = useSourceDialog()
  const chosen = useClusters((clusters) => clusters.chosen)
  const choose = useClusters((clusters) => clusters.choose)
  return (
    <>
      <button type="button" onClick={() => open(subject)}>
        open
      </button>
      <button type="button" onClick={() => choose('p1')}>
        choose
      </button>
      <output>{chosen ?? 'all'}</output>
      <SourceDialog />
    </>
  )
}

function dialog(subject: SourceDialogSubject, operations: Operations = {}) {
  const asked: Record<string, unknown[]> = {}
  const answers: Operations = {
    'mirrors.sources': () => [prometheus, sourceOf('demo', { name: 'Demo', demo: true })],
    'mirrors.contexts': () => contexts,
    'mirrors.addSource': (draft) => ({ ...prometheus, id: 'new', name: (draft as SourceDraft).name }),
    'mirrors.updateSource': () => prometheus,
    'mirrors.removeSource': () => ({ removed: true }),
    ...operations,
  }
  windowOver(
    Object.fromEntries(
      Object.entries(answers).map(([name, answer]) => [
        name,
        (input: unknown, signal: AbortSignal | undefined) => {
          ;(asked[name] ??= []).push(input)
          return answer(input, signal)
        },
      ]),
    ),
    <Opener subject={subject} />,
  )
  fireEvent.click(screen.getByText('open'))
  return asked
}

const button = (name: string) => screen.getByRole('button', { name })
const type = (name: string, value: string) =>
  fireEvent.change(screen.getByRole('textbox', { name }), { target: { value } })

describe('adding', () => {
  test('a Prometheus: its host is its name, its token goes out once, and the screen is about it', async () => {
    const asked = dialog({ job: 'add', kind: 'prometheus' })
    await screen.findByRole('dialog')
    type('Address', ' https://prometheus.test/ ')
    type('Label matchers', 'job="spegel"')
    fireEvent.click(screen.getByText('Bearer token'))
    fireEvent.change(screen.getByLabelText('Token'), { target: { value: 'secret' } })
    fireEvent.click(button('Save and ask'))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(asked['mirrors.addSource']).toEqual([
      {
        name: 'prometheus.test',
        settings: {
          kind: 'prometheus',
          url: 'https://prometheus.test',
          matchers: 'job="spegel"',
          mirrorPort: 30_020,
        },
        credential: { kind: 'bearer', token: 'secret' },
        tls: { verify: true },
      },
    ])
    expect(screen.getByRole('status').textContent).toBe('new')
    expect(window.location.hash).toBe('#/mirrors')
  })

  test('a Kubernetes cluster: the current context stands first and is taken where none is chosen', async () => {
    const asked = dialog({ job: 'add', kind: 'kubernetes' })
    expect(await screen.findByText('API server https://prod.test:6443')).toBeTruthy()
    fireEvent.click(screen.getByRole('combobox', { name: 'Context' }))
    const options = await screen.findAllByRole('option', { hidden: true })
    expect(options.map((option) => option.textContent)).toEqual(['prod (current)', 'stage'])
    fireEvent.click(button('Save and ask'))
    await waitFor(() => expect(asked['mirrors.addSource']).toHaveLength(1))
    expect(asked['mirrors.addSource']?.[0]).toEqual({
      name: 'prod',
      settings: { kind: 'kubernetes', context: 'prod' },
      credential: { kind: 'none' },
    })
  })

  test('a kubeconfig that cannot be read is a Failure in place; its rights are there to copy', async () => {
    dialog(
      { job: 'add', kind: 'kubernetes' },
      {
        'mirrors.contexts': () => {
          throw failureError('input-invalid', 'input', 'No such file.')
        },
      },
    )
    expect(await screen.findByRole('alert')).toBeTruthy()
    expect(screen.getByRole('region', { name: 'ClusterRole' }).textContent).toContain('pods/proxy')
    fireEvent.click(button('Save and ask'))
    expect(screen.getByText('Choose a context.')).toBeTruthy()
  })

  test('nothing that was typed is lost: not by another kind, not by a failure', async () => {
    dialog(
      { job: 'add', kind: 'agents' },
      {
        'mirrors.addSource': () => {
          throw failureError('internal', 'wire', 'The disk is full.')
        },
      },
    )
    await screen.findByRole('dialog')
    type('Metrics addresses', 'node-1:9090')
    fireEvent.click(screen.getByText('Prometheus'))
    type('Address', 'not an address')
    fireEvent.click(button('Save and ask'))
    expect(screen.getByText('An http or https address is needed.')).toBeTruthy()
    fireEvent.click(within(screen.getByRole('dialog')).getByText('Agents'))
    expect(screen.queryByText('An http or https address is needed.')).toBeNull()
    fireEvent.click(button('Save and ask'))
    expect(await screen.findByRole('alert')).toBeTruthy()
    expect(screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Metrics addresses' }).value).toBe(
      'node-1:9090',
    )
  })
})

describe('editing', () => {
  test('a secret that is kept is not asked for, not shown and not sent', async () => {
    const asked = dialog({ job: 'edit', entry: prometheus })
    expect(await screen.findByText(/One is kept\. It stays as it is/)).toBeTruthy()
    expect(screen.getByLabelText<HTMLInputElement>('Token').value).toBe('')
    type('Tenant', '')
    fireEvent.click(button('Save'))
    await waitFor(() => expect(asked['mirrors.updateSource']).toHaveLength(1))
    expect(asked['mirrors.updateSource']?.[0]).toEqual({
      id: 'p1',
      draft: {
        name: 'prod',
        settings: {
          kind: 'prometheus',
          url: 'https://prometheus.test',
          matchers: 'cluster="prod"',
          mirrorPort: 30_020,
        },
        credential: { kind: 'bearer' },
        tls: { verify: true },
      },
    })
  })

  test('another way to log in asks for its own secret', async () => {
    const asked = dialog({ job: 'edit', entry: prometheus })
    await screen.findByRole('dialog')
    fireEvent.click(screen.getByText('User and password'))
    fireEvent.click(button('Save'))
    expect(screen.getByText('A user is needed.')).toBeTruthy()
    expect(screen.getByText('A password is needed.')).toBeTruthy()
    expect(asked['mirrors.updateSource']).toBeUndefined()
  })

  test('a certificate that is not checked is said, and goes out', async () => {
    const asked = dialog({ job: 'edit', entry: prometheus })
    fireEvent.click(await screen.findByLabelText('Check the certificate'))
    expect(screen.getByText(/The cluster is marked/)).toBeTruthy()
    fireEvent.click(button('Save'))
    await waitFor(() => expect(asked['mirrors.updateSource']).toHaveLength(1))
    expect(asked['mirrors.updateSource']?.[0]).toMatchObject({ draft: { tls: { verify: false } } })
  })
})

describe('a test', () => {
  test('says how many agents there are, how many answer, in which time and which way', async () => {
    const asked = dialog(
      { job: 'edit', entry: prometheus },
      {
        'mirrors.testSource': () =>
          stateOf('p1', {
            agents: 21,
            answering: 20,
            took: 340,
            way: 'prometheus',
            warnings: ['only a part'],
          }),
      },
    )
    await screen.findByRole('dialog')
    fireEvent.click(button('Test'))
    expect(await screen.findByText('21 agents found, 20 answer, in 340 ms')).toBeTruthy()
    expect(screen.getByText('Prometheus is asked; agents are not.')).toBeTruthy()
    expect(screen.getByText('only a part')).toBeTruthy()
    // the kept token is lent by id
    expect(asked['mirrors.testSource']).toMatchObject([
      { id: 'p1', draft: { credential: { kind: 'bearer' } } },
    ])
    type('Tenant', 'other')
    expect(screen.queryByText(/21 agents found/)).toBeNull()
  })

  test.each([
    [
      'of the source',
      () =>
        stateOf('p1', {
          state: 'failing',
          agents: 0,
          answering: 0,
          failure: localFailure('refused', 'scrape', 'Nothing listens.', { host: 'prometheus.test' }),
        }),
    ],
    [
      'of the call',
      () => {
        throw failureError('refused', 'scrape', 'Nothing listens.', { host: 'prometheus.test' })
      },
    ],
  ])('shows a Failure %s', async (_, answer) => {
    dialog({ job: 'edit', entry: prometheus }, { 'mirrors.testSource': answer })
    await screen.findByRole('dialog')
    fireEvent.click(button('Test'))
    expect((await screen.findByRole('alert')).textContent).toContain('prometheus.test')
  })
})

test('removing asks first and says what goes with it; a chosen cluster is let go', async () => {
  const asked = dialog({ job: 'list' })
  fireEvent.click(screen.getByText('choose'))
  fireEvent.click(await screen.findByRole('button', { name: 'Remove prod' }))
  expect(screen.getByText(/the history of its counts goes with it/)).toBeTruthy()
  expect(asked['mirrors.removeSource']).toBeUndefined()
  fireEvent.click(button('Remove'))
  await waitFor(() => expect(asked['mirrors.removeSource']).toEqual([{ id: 'p1' }]))
  await waitFor(() => expect(screen.getByRole('status').textContent).toBe('all'))
})

test("the demo's source is in the list, and is neither edited nor removed", async () => {
  dialog({ job: 'list' })
  expect(await screen.findByText('Stop the demo to remove it')).toBeTruthy()
  expect(screen.getAllByRole('button', { name: /^Edit/ })).toHaveLength(1)
  expect(screen.queryByRole('button', { name: 'Remove Demo' })).toBeNull()
})

describe('the draft', () => {
  test('is one the contract takes, or says what is wrong, whatever was typed', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('https://a.test', 'http://', 'node-1:9090', 'a\nb:1', ''),
    )
    fc.assert(
      fc.property(
        fc.record({
          kind: fc.constantFrom('agents', 'kubernetes', 'prometheus'),
          name: text,
          addresses: text,
          kubeconfig: text,
          context: text,
          url: text,
          matchers: text,
          tenant: text,
          mirrorPort: fc.oneof(fc.integer(), fc.double(), fc.string()),
          credential: fc.constantFrom('none', 'basic', 'bearer'),
          username: text,
          secret: text,
        }),
        (typed) => {
          const fields = { ...sourceFieldsOf(undefined, 'agents'), ...typed }
          const { draft, problems } = sourceDraftOf(fields, { entry: undefined, agentsName: 'Agents' })
          if (draft === undefined) expect(Object.keys(problems).length).toBeGreaterThan(0)
          else expect(sourceDraftSchema.parse(draft)).toEqual(draft)
        },
      ),
    )
  })

  test.each([
    prometheus,
    sourceOf('a', { settings: { kind: 'agents', addresses: ['a:1', 'b:2'], mirrorPort: 5 } }),
    sourceOf('k', {
      settings: { kind: 'kubernetes', context: 'prod', kubeconfig: '/k/config' },
    }),
  ])('of a source that is not touched changes nothing: %s', (entry) => {
    const { draft } = sourceDraftOf(sourceFieldsOf(entry, 'agents'), { entry, agentsName: 'Agents' })
    expect(draft?.settings).toEqual(entry.settings)
    expect(draft?.name).toBe(entry.name)
    expect(draft?.credential).toEqual({ kind: entry.credential.kind })
  })
})

test('the ClusterRole gives what a source asks for, and nothing that writes', () => {
  const { rules } = parse(clusterRole) as { rules: { resources: string[]; verbs: string[] }[] }
  expect(rules.flatMap(({ resources, verbs }) => resources.map((one) => `${one}: ${verbs.join()}`))).toEqual([
    'pods: list,watch',
    'pods/proxy: get',
    'nodes: list',
    'nodes/proxy: get',
  ])
})
