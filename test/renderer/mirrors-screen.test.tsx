// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { useState } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { MirrorsScreen } from '../../renderer/mirrors/mirrors-screen.tsx'
import { SourceDialog } from '../../renderer/mirrors/sources/source-dialog.tsx'
import { useClusters } from '../../renderer/state/mirrors-provider.tsx'
import { failureError, localFailure } from '../../shared/model/local-failure.ts'
import type { SourceEntry } from '../../shared/model/mirror-source.ts'
import type { AgentDetail } from '../../shared/model/mirror-detail.ts'
import type { AgentReading, MirrorView, MirrorWindow } from '../../shared/model/mirror.ts'
import { type Operations, windowOver } from '../fakes/window-over.tsx'

afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

const at = Date.UTC(2026, 10, 22, 11, 7, 30)

function reading(name: string, more: Partial<AgentReading> = {}): AgentReading {
  return {
    source: 's1',
    id: name,
    name,
    address: `${name}:9090`,
    demo: true,
    ok: true,
    covered: 3600,
    restarts: 0,
    counts: [],
    ...more,
  }
}

const agents: AgentReading[] = [
  reading('node-1', {
    counts: [
      { registry: 'docker.io', hits: 30, misses: 10 },
      { registry: '', hits: 0, misses: 4 },
    ],
  }),
  reading('node-2', { counts: [{ registry: 'docker.io', hits: 0, misses: 90 }] }),
  {
    source: 's1',
    id: 'node-3',
    name: 'node-3',
    address: 'node-3:9090',
    demo: true,
    ok: false,
    covered: 0,
    restarts: 0,
    failure: localFailure('refused', 'scrape', 'Nothing listens.', { host: 'node-3:9090' }),
  },
]

function sourceNamed(id: string, name: string): SourceEntry {
  return {
    id,
    name,
    settings: { kind: 'agents', addresses: ['node-1:9090'], mirrorPort: 30_020 },
    credential: { kind: 'none', hasSecret: false },
    tls: { verify: true, hasCa: false, hasClientCertificate: false },
    demo: true,
  }
}

interface Question {
  window: MirrorWindow
  sources?: string[]
}

function viewOf(window: MirrorWindow, more: Partial<MirrorView> = {}): MirrorView {
  return {
    at,
    window,
    sources: [
      {
        id: 's1',
        name: 'prod',
        kind: 'agents',
        demo: true,
        state: 'ok',
        agents: 3,
        answering: 2,
        way: 'direct',
      },
    ],
    agents,
    findings: [
      {
        id: 'f1',
        rule: 'never-hits',
        severity: 'bad',
        source: 's1',
        agents: ['node-2'],
        facts: {},
        message: '',
        next: [],
      },
    ],
    ...more,
  }
}

function detailOf(id: string): AgentDetail {
  return {
    reading: agents.find((one) => one.id === id) ?? reading(id),
    answers: [],
    latency: {},
    advertised: [],
    version: { from: 'unknown', evidence: [] },
  }
}

/** A main process whose map is always the same; `watched` and `viewed` are the questions it was asked. */
function mirrors(over: Operations = {}, more: Partial<MirrorView> = {}) {
  const watched: { input: Question; signal: AbortSignal | undefined }[] = []
  const viewed: Question[] = []
  const operations: Operations = {
    'settings.get': () => ({ theme: 'system', language: 'system', uploadMode: 'auto', scrapeSeconds: 15 }),
    'mirrors.sources': () => [sourceNamed('s1', 'prod')],
    'mirrors.watch': async function* (input, signal): AsyncGenerator<MirrorView> {
      const question = input as Question
      watched.push({ input: question, signal })
      yield viewOf(question.window, more)
      await new Promise((resolve) => signal?.addEventListener('abort', resolve))
    },
    'mirrors.view': (input) => {
      viewed.push(input as Question)
      return viewOf((input as Question).window, more)
    },
    'mirrors.refresh': () => ({ at }),
    'mirrors.detail': (input) => detailOf((input as { id: string }).id),
    'mirrors.series': (input) => {
      const { from, to, points } = input as { from: number; to: number; points: number }
      const step = (to - from) / points
      return { from, to, step, points: [{ at: to - step, hits: 30, misses: 14, restarts: 0 }] }
    },
    ...over,
  }
  return { operations, watched, viewed }
}

const theMap = () => screen.findByRole('application', { name: /^Hits and misses by node/ })
const theTimeline = () => screen.getByRole('application', { name: /^Requests over time/ })
const windows = () => screen.getByRole('radiogroup', { name: 'Time the counts cover' })

test('the keyboard walks the map, and what it comes to is said with its numbers and window', async () => {
  windowOver(mirrors().operations, <MirrorsScreen />)
  const map = await theMap()
  const press = (key: string) => fireEvent.keyDown(map, { key })
  fireEvent.focus(map)
  press('ArrowDown')
  // the lowest ratio is first
  expect(screen.getAllByText(/node-2, docker\.io\s0 hits, 90 misses, 0% hits\ssince each/)).not.toHaveLength(
    0,
  )
  expect(screen.getAllByText(/finding: never hits/)).not.toHaveLength(0)
  press('ArrowDown')
  press('ArrowRight')
  expect(screen.getAllByText(/node-1, no ns\s0 hits, 4 misses/)).not.toHaveLength(0)
  press('ArrowDown')
  expect(screen.getAllByText(/node-3, no ns\sno data/)).not.toHaveLength(0)
  press('Escape')
  expect(screen.queryByText(/node-3, no ns/)).toBeNull()
})

test('Enter opens a node, which says why it does not answer, and its cross closes it', async () => {
  windowOver(mirrors().operations, <MirrorsScreen />)
  const map = await theMap()
  fireEvent.focus(map)
  fireEvent.keyDown(map, { key: 'ArrowDown' })
  fireEvent.keyDown(map, { key: 'End', ctrlKey: true })
  fireEvent.keyDown(map, { key: 'Enter' })
  const panel = screen.getByRole('region', { name: 'Node node-3' })
  expect(within(panel).getByRole('alert').textContent).toContain('node-3:9090')
  fireEvent.click(within(panel).getByRole('button', { name: 'Close' }))
  expect(screen.queryByRole('region', { name: 'Node node-3' })).toBeNull()
})

test('another window is asked for, and leaving the screen keeps it', async () => {
  const { operations, watched } = mirrors()
  function Screens() {
    const [away, setAway] = useState(false)
    return (
      <>
        <button type="button" onClick={() => setAway(!away)}>
          switch
        </button>
        {!away && <MirrorsScreen />}
      </>
    )
  }
  windowOver(operations, <Screens />)
  await theMap()
  fireEvent.click(within(windows()).getByText('24 h'))
  await waitFor(() => expect(watched.at(-1)?.input).toEqual({ window: { kind: 'last', seconds: 86_400 } }))
  expect(watched[0]?.signal?.aborted).toBe(true)
  fireEvent.click(screen.getByText('switch'))
  fireEvent.click(screen.getByText('switch'))
  await theMap()
  expect(watched.at(-1)?.input.window).toEqual({ kind: 'last', seconds: 86_400 })
})

test('pausing stops asking and keeps what is there; another window is then asked for once', async () => {
  const { operations, watched, viewed } = mirrors()
  windowOver(operations, <MirrorsScreen />)
  await theMap()
  fireEvent.click(screen.getByRole('button', { name: 'Pause' }))
  expect(watched[0]?.signal?.aborted).toBe(true)
  expect(screen.getByText(/^paused at/)).toBeTruthy()
  expect(viewed).toEqual([])
  fireEvent.click(within(windows()).getByText('1 h'))
  await waitFor(() => expect(viewed).toEqual([{ window: { kind: 'last', seconds: 3600 } }]))
  expect(watched).toHaveLength(1)
  fireEvent.click(screen.getByRole('button', { name: 'Resume' }))
  await waitFor(() => expect(watched).toHaveLength(2))
  expect(screen.getByText('live, every 15 s')).toBeTruthy()
})

test('the brush sets the window by keyboard, is shown as what it is, and lets go', async () => {
  const { operations, watched } = mirrors()
  windowOver(operations, <MirrorsScreen />)
  await theMap()
  fireEvent.keyDown(theTimeline(), { key: 'ArrowLeft' })
  fireEvent.keyDown(theTimeline(), { key: 'ArrowLeft' })
  const to = Date.UTC(2026, 10, 22, 11)
  await waitFor(() =>
    expect(watched.at(-1)?.input.window).toEqual({ kind: 'between', from: to - 900_000, to }),
  )
  expect(screen.queryByRole('radiogroup', { name: 'Time the counts cover' })).toBeNull()
  fireEvent.click(screen.getByRole('button', { name: 'Remove the range' }))
  await waitFor(() => expect(watched.at(-1)?.input.window).toEqual({ kind: 'start' }))
})

test('playback steps through the past day by quarters, always says which, and returns to live', async () => {
  const { operations, watched, viewed } = mirrors()
  windowOver(operations, <MirrorsScreen />)
  await theMap()
  fireEvent.click(screen.getByRole('button', { name: 'Play the past day' }))
  const from = Date.UTC(2026, 10, 21, 11, 15)
  const slider = screen.getByRole('slider', { name: /^Moment of the past day/ })
  await waitFor(() =>
    expect(viewed).toContainEqual({ window: { kind: 'between', from, to: from + 900_000 } }),
  )
  expect(watched[0]?.signal?.aborted).toBe(true)
  fireEvent.keyDown(slider, { key: 'End' })
  const last = from + 95 * 900_000
  await waitFor(() =>
    expect(viewed).toContainEqual({ window: { kind: 'between', from: last, to: last + 900_000 } }),
  )
  expect(slider.getAttribute('aria-valuenow')).toBe('95')
  const said = new Intl.DateTimeFormat('en', {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatRange(last, last + 900_000)
  expect(slider.getAttribute('aria-valuetext')).toBe(said)
  expect(screen.getByText('the past day, not live')).toBeTruthy()
  fireEvent.keyDown(slider, { key: 'Escape' })
  await waitFor(() => expect(watched).toHaveLength(2))
  expect(screen.getByText('live, every 15 s')).toBeTruthy()
})

test('the filter is one key away, and says what it left', async () => {
  windowOver(mirrors().operations, <MirrorsScreen />)
  await theMap()
  fireEvent.keyDown(document.documentElement, { key: '/', code: 'Slash' })
  const field = screen.getByRole('textbox', { name: /^Filter/ })
  expect(document.activeElement).toBe(field)
  fireEvent.change(field, { target: { value: 'node-1' } })
  expect(await screen.findByText('1 of 3 nodes')).toBeTruthy()
  fireEvent.change(field, { target: { value: 'nothing-like-it' } })
  expect(await screen.findByText('No node fits the filter')).toBeTruthy()
  fireEvent.keyDown(field, { key: 'Escape' })
  expect(await screen.findByText('3 nodes')).toBeTruthy()
})

test('the table has the same numbers, tells zero from unknown, and opens a node too', async () => {
  // nothing has a height here, and the table only writes rows it has room for
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600)
  windowOver(mirrors().operations, <MirrorsScreen />)
  await theMap()
  fireEvent.click(screen.getByText('Table'))
  const row = (name: RegExp) => screen.getByRole('row', { name })
  expect(within(row(/node-1 docker\.io/)).getByText('75%')).toBeTruthy()
  expect(row(/node-3 no data no data/)).toBeTruthy()
  fireEvent.click(screen.getByRole('button', { name: 'Sort by Misses' }))
  fireEvent.click(screen.getByRole('button', { name: 'Sort by Misses' }))
  expect(screen.getAllByRole('row')[1]?.textContent).toContain('node-2')
  fireEvent.click(screen.getByRole('button', { name: 'node-3' }))
  expect(screen.getByRole('region', { name: 'Node node-3' })).toBeTruthy()
})

test('exports what is on screen as CSV and JSON', async () => {
  const saved: { name: string; blob: Blob }[] = []
  vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
    saved.push({ name: '', blob: blob as Blob })
    return 'blob:made'
  })
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    const last = saved.pop()
    if (last !== undefined) saved.push({ ...last, name: this.download })
  })
  windowOver(mirrors().operations, <MirrorsScreen />)
  await theMap()
  for (const kind of [/^CSV/, /^JSON/]) {
    fireEvent.click(screen.getByRole('button', { name: 'Export' }))
    fireEvent.click(await screen.findByRole('menuitem', { name: kind }))
  }
  expect(saved.map(({ name }) => name)).toEqual([
    'mirrors-2026-11-22T11-07-30.csv',
    'mirrors-2026-11-22T11-07-30.json',
  ])
  const [csv = '', json = ''] = await Promise.all(saved.map(({ blob }) => blob.text()))
  expect(csv.split('\r\n')).toHaveLength(6)
  expect(csv).toContain('prod,node-2,node-2:9090,,,docker.io,0,90,90,0,')
  expect((JSON.parse(json) as MirrorView).agents).toHaveLength(3)
})

test('the chosen cluster alone is asked for and named, and nothing of another stands under its name', async () => {
  const { operations, watched } = mirrors({
    'mirrors.sources': () => [sourceNamed('s1', 'prod'), sourceNamed('s2', 'edge')],
  })
  const watch = operations['mirrors.watch']
  const answer = Promise.withResolvers<void>()
  operations['mirrors.watch'] = async function* (input, signal): AsyncGenerator<MirrorView> {
    if ((input as Question).sources !== undefined) await answer.promise
    yield* watch?.(input, signal) as AsyncGenerator<MirrorView>
  }
  function SideBar() {
    const choose = useClusters((state) => state.choose)
    return (
      <button type="button" onClick={() => choose('s2')}>
        choose edge
      </button>
    )
  }
  windowOver(
    operations,
    <>
      <SideBar />
      <MirrorsScreen />
    </>,
  )
  await theMap()
  expect(screen.getByText('all clusters')).toBeTruthy()
  expect(watched[0]?.input).toEqual({ window: { kind: 'start' } })
  fireEvent.click(screen.getByText('choose edge'))
  expect(await screen.findByText('edge')).toBeTruthy()
  expect(screen.queryByRole('application', { name: /^Hits and misses by node/ })).toBeNull()
  answer.resolve()
  await theMap()
  expect(watched.at(-1)?.input.sources).toEqual(['s2'])
})

test('a source that fails says why in a strip, and the rest stays', async () => {
  const { operations } = mirrors(
    {},
    {
      sources: [
        ...viewOf({ kind: 'start' }).sources,
        {
          id: 's2',
          name: 'edge',
          kind: 'prometheus',
          demo: false,
          state: 'failing',
          failure: localFailure('refused', 'scrape', 'Nothing listens.', { host: 'prometheus:9090' }),
          agents: 0,
          answering: 0,
          way: 'prometheus',
        },
      ],
    },
  )
  windowOver(operations, <MirrorsScreen />)
  await theMap()
  const strip = screen.getByRole('button', { name: /^edge/ })
  expect(screen.queryByRole('alert')).toBeNull()
  fireEvent.click(strip)
  expect(screen.getByRole('alert').textContent).toContain('prometheus:9090')
  expect(screen.getByText('3 agents, 2 answer')).toBeTruthy()
  expect(screen.getByText('Demo')).toBeTruthy()
})

test('without a source it says what to do next; a bad address is named, a good one becomes a source', async () => {
  const added: unknown[] = []
  const { operations, watched } = mirrors({
    'mirrors.sources': () => (added.length === 0 ? [] : [sourceNamed('s1', 'Agents')]),
    'mirrors.addSource': (draft) => {
      added.push(draft)
      return sourceNamed('s1', 'Agents')
    },
  })
  windowOver(
    operations,
    <>
      <MirrorsScreen />
      <SourceDialog />
    </>,
  )
  fireEvent.click(await screen.findByRole('button', { name: 'Enter agents' }))
  const addresses = await screen.findByRole('textbox', { name: 'Metrics addresses' })
  fireEvent.change(addresses, { target: { value: 'node-1:9090\nnot an address' } })
  fireEvent.click(screen.getByRole('button', { name: 'Save and ask' }))
  expect(screen.getByText('Line 2 is no address: not an address')).toBeTruthy()
  expect([added, watched]).toEqual([[], []])
  fireEvent.change(addresses, { target: { value: 'node-1:9090\nnode-2:9090' } })
  fireEvent.click(screen.getByRole('button', { name: 'Save and ask' }))
  await theMap()
  expect(added).toEqual([
    {
      name: 'Agents',
      settings: { kind: 'agents', addresses: ['node-1:9090', 'node-2:9090'], mirrorPort: 30_020 },
      credential: { kind: 'none' },
    },
  ])
})

test('a watch that fails shows its Failure, and trying again brings the map', async () => {
  let asked = 0
  const { operations } = mirrors()
  const watch = operations['mirrors.watch']
  windowOver(
    {
      ...operations,
      'mirrors.watch': (input, signal) => {
        asked += 1
        if (asked === 1) throw failureError('host-gone', 'wire', 'The carrier closed.', { retryable: true })
        return watch?.(input, signal)
      },
    },
    <MirrorsScreen />,
  )
  expect((await screen.findByRole('alert')).textContent).toContain('does not answer')
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(await theMap()).toBeTruthy()
  expect(screen.queryByRole('alert')).toBeNull()
})

test('speaks Chinese', async () => {
  windowOver(mirrors().operations, <MirrorsScreen />, { language: 'zh-CN' })
  expect(await screen.findByText('3 个代理，2 个应答')).toBeTruthy()
  expect(screen.getByText('实时，每 15 秒')).toBeTruthy()
})
