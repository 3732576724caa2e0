// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, within } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { PublishScreen } from '../../renderer/publish/publish-screen.tsx'
import type { ChartFile } from '../../shared/model/chart.ts'
import type { Published } from '../../shared/model/history.ts'
import type { QueueEvent, QueueItem } from '../../shared/model/queue.ts'
import { preflightWith } from '../fakes/preflight.ts'
import { type Operations, windowOver } from '../fakes/window-over.tsx'

afterEach(cleanup)

const digest = `sha256:${'a'.repeat(64)}`
const chart: ChartFile = {
  ticket: 't1',
  fileName: 'cart-1.0.0.tgz',
  size: 4900,
  digest,
  source: 'archive',
  entries: 12,
  metadata: { apiVersion: 'v2', name: 'cart', version: '1.0.0' },
}
const target = { registryId: 'r1', path: 'charts', mode: 'chunked' as const }
const item: QueueItem = {
  id: 'fb4f4d5c-34c5-4f2f-8fd4-3f7b6b6a9d11',
  ticket: 't1',
  fileName: chart.fileName,
  status: 'interrupted',
  addedAt: 0,
  chart,
  target,
  fallbacks: [],
  resumable: true,
}
const published: Published = {
  id: '1c3c3c7e-5a39-4f4f-9c62-8f0f0b0f2d10',
  at: Date.UTC(2026, 4, 6, 7, 8),
  seconds: 0.5,
  chart: 'cart',
  version: '1.0.0',
  reference: 'host:5000/charts/cart:1.0.0',
  digest,
  size: 5600,
  mode: 'auto',
  strategy: 'buffered',
  registryId: 'r1',
  username: 'captain',
  demo: false,
}

/** The publish screen over a queue that says `events`, and a history. */
function screenOver(events: readonly QueueEvent[], history: Published[] = []) {
  const called: Array<[string, unknown]> = []
  const heard = (name: string, answer: unknown) => (input: unknown) => {
    called.push([name, input])
    return answer
  }
  const operations: Operations = {
    'registries.list': () => [
      {
        id: 'r1',
        name: 'Lab',
        url: 'http://10.0.0.7:5000',
        credential: { source: 'anonymous', hasSecret: false },
        tls: { verify: true, hasCa: false, hasClientCertificate: false },
        demo: false,
      },
    ],
    'settings.get': () => ({ theme: 'system', language: 'system', uploadMode: 'auto', scrapeSeconds: 15 }),
    'publish.learned': () => null,
    'publish.relays': async function* () {
      yield []
    },
    'publish.preflight': () => preflightWith(),
    'publish.queue': async function* () {
      yield* events
    },
    'publish.submit': heard('submit', { submitted: true }),
    'publish.cancel': heard('cancel', { cancelled: true }),
    'publish.history': () => ({ entries: history, total: history.length }),
    'publish.clearHistory': heard('clear', { cleared: history.length }),
  }
  windowOver(operations, <PublishScreen />)
  return called
}

test('what the app was closed over can go on where it broke off, or start again', async () => {
  const called = screenOver([{ type: 'all', items: [item] }])
  const notice = await screen.findByRole('region', { name: 'Interrupted' })
  expect(notice.textContent).toContain('published as charts/cart.')
  expect(notice.textContent).toContain('holds a part of it')
  fireEvent.click(within(notice).getByRole('button', { name: 'Resume' }))
  fireEvent.click(within(notice).getByRole('button', { name: 'Start again' }))
  expect(called).toEqual([
    ['submit', { id: item.id, ...target, resume: true }],
    ['submit', { id: item.id, ...target, resume: false }],
  ])
})

test('nothing is promised where the registry holds no part of it', async () => {
  screenOver([{ type: 'all', items: [{ ...item, resumable: false }] }])
  const notice = await screen.findByRole('region', { name: 'Interrupted' })
  expect(within(notice).queryByRole('button', { name: 'Resume' })).toBeNull()
  expect(within(notice).getByRole('button', { name: 'Start again' })).toBeTruthy()
})

test('a chart that waits for its turn says so and can be taken out of the line', async () => {
  const called = screenOver([{ type: 'all', items: [{ ...item, status: 'waiting' }] }])
  const notice = await screen.findByRole('region', { name: 'Waits for its turn' })
  fireEvent.click(within(notice).getByRole('button', { name: 'Cancel' }))
  expect(called).toEqual([['cancel', { id: item.id }]])
})

test('an upload that went on, or could not, says so', async () => {
  screenOver([
    { type: 'all', items: [{ ...item, status: 'uploading', resumedAt: 2048 }] },
    { type: 'item', item: { ...item, status: 'uploading', resumedAt: 2048, anew: 'It is gone.' } },
  ])
  const said = await screen.findByText(/Went on where an earlier attempt had broken off: 2/)
  expect(said.textContent).toContain('All of it was sent again: It is gone.')
})

test('the foot counts what was published from here, and the list says what, where, how and by whom', async () => {
  const called = screenOver([], [published])
  fireEvent.click(await screen.findByRole('button', { name: 'History: 1 published from here' }))
  const table = await screen.findByRole('table', { name: 'Published from here' })
  for (const words of ['cart 1.0.0', published.reference, 'by captain', 'buffered']) {
    expect(table.textContent).toContain(words)
  }
  fireEvent.click(screen.getByRole('button', { name: 'Clear the history' }))
  await screen.findByRole('button', { name: 'Clear the history' })
  expect(called).toEqual([['clear', undefined]])
})
