// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { MirrorsScreen } from '../../renderer/mirrors/mirrors-screen.tsx'
import type { AgentReading, MirrorRound } from '../../shared/model/mirror.ts'
import { failureError, localFailure } from '../../shared/model/local-failure.ts'
import { type Operations, windowOver } from '../fakes/window-over.tsx'

afterEach(cleanup)

const readings: AgentReading[] = [
  {
    agent: 'node-1:9090',
    ok: true,
    demo: true,
    sinceStart: [
      { registry: 'docker.io', hits: 30, misses: 10 },
      { registry: 'ghcr.io', hits: 0, misses: 4 },
    ],
    interval: { seconds: 15, counts: [{ registry: 'docker.io', hits: 2, misses: 0 }], reset: false },
  },
  {
    agent: 'node-2:9090',
    ok: false,
    demo: false,
    sinceStart: [],
    failure: localFailure('refused', 'scrape', 'Nothing listens.', { host: 'node-2:9090' }),
  },
]

/** A main process whose agents say `readings`; `watched` has the signal of each watch. */
function agents(over: Operations = {}): { operations: Operations; watched: AbortSignal[] } {
  const watched: AbortSignal[] = []
  return {
    watched,
    operations: {
      'settings.get': () => ({ theme: 'system', language: 'system', uploadMode: 'auto', scrapeSeconds: 15 }),
      'mirrors.agents': () => readings.map(({ agent, demo }) => ({ agent, demo })),
      'mirrors.watch': async function* (_input, signal): AsyncGenerator<MirrorRound> {
        if (signal !== undefined) watched.push(signal)
        yield { at: 1_790_000_000_000, agents: readings }
        await new Promise((resolve) => signal?.addEventListener('abort', resolve))
      },
      ...over,
    },
  }
}

test('the window of the counts is named in every cell and switches without a new round', async () => {
  windowOver(agents().operations, <MirrorsScreen />)
  expect(
    await screen.findByRole('gridcell', {
      name: /node-1:9090, docker\.io\s30 hits, 10 misses, 75% hits\sSince/,
    }),
  ).toBeTruthy()
  fireEvent.click(screen.getByText('Last interval (15 s)'))
  expect(
    screen.getByRole('gridcell', { name: /docker\.io\s2 hits, 0 misses, 100% hits\sLast interval/ }),
  ).toBeTruthy()
  expect(screen.getByRole('gridcell', { name: /node-1:9090, ghcr\.io\sno requests/ })).toBeTruthy()
  expect(screen.getByRole('gridcell', { name: /node-2:9090, ghcr\.io\sno data/ })).toBeTruthy()
})

test('arrow keys walk the map, and Tab reaches one cell of it', async () => {
  windowOver(agents().operations, <MirrorsScreen />)
  const first = await screen.findByRole('gridcell', { name: /node-1:9090, docker\.io/ })
  first.focus()
  fireEvent.keyDown(first, { key: 'ArrowRight' })
  expect(document.activeElement?.getAttribute('aria-label')).toContain('node-1:9090, ghcr.io')
  fireEvent.keyDown(document.activeElement ?? first, { key: 'ArrowDown' })
  expect(document.activeElement?.getAttribute('aria-label')).toContain('node-2:9090, ghcr.io')
  const cells = screen.getAllByRole('gridcell')
  expect(cells.filter((cell) => cell.getAttribute('tabindex') === '0')).toHaveLength(1)
})

test('pausing stops asking and keeps what is there; resuming asks anew', async () => {
  const { operations, watched } = agents()
  windowOver(operations, <MirrorsScreen />)
  await screen.findByRole('grid')
  fireEvent.click(screen.getByRole('button', { name: 'Pause' }))
  expect(watched[0]?.aborted).toBe(true)
  expect(screen.getByText(/^paused at/)).toBeTruthy()
  expect(screen.getByRole('grid')).toBeTruthy()
  fireEvent.click(screen.getByRole('button', { name: 'Resume' }))
  await waitFor(() => expect(watched).toHaveLength(2))
  expect(watched[1]?.aborted).toBe(false)
})

test('an agent that does not answer opens its Failure in its row', async () => {
  windowOver(agents().operations, <MirrorsScreen />)
  const why = await screen.findByRole('button', { name: /Why node-2:9090 does not answer/ })
  expect(why.getAttribute('aria-expanded')).toBe('false')
  fireEvent.click(why)
  expect(screen.getByRole('alert').textContent).toContain('node-2:9090')
  fireEvent.click(why)
  expect(screen.queryByRole('alert')).toBeNull()
})

test('without agents it says what to do next, and a bad address is named before anything is saved', async () => {
  const { operations, watched } = agents({ 'mirrors.agents': () => [] })
  windowOver(operations, <MirrorsScreen />)
  fireEvent.click(await screen.findByRole('button', { name: 'Enter agents' }))
  fireEvent.change(screen.getByRole('textbox', { name: 'Metrics addresses' }), {
    target: { value: 'node-1:9090\nnot an address' },
  })
  fireEvent.click(screen.getByRole('button', { name: 'Save and ask' }))
  expect(screen.getByText('Line 2 is no address: not an address')).toBeTruthy()
  expect(watched).toEqual([])
})

test('a watch that fails shows its Failure, and trying again brings the map', async () => {
  let asked = 0
  const { operations } = agents()
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
  expect(await screen.findByRole('grid')).toBeTruthy()
  expect(screen.queryByRole('alert')).toBeNull()
})

test('simulated agents are labelled', async () => {
  windowOver(agents().operations, <MirrorsScreen />)
  expect(await screen.findByText('Demo')).toBeTruthy()
})
