// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { FailureActions } from '../../renderer/publish/failure-actions.tsx'
import { ModeSwitch } from '../../renderer/publish/mode-switch.tsx'
import { RelayPanel } from '../../renderer/publish/relay-panel.tsx'
import { useRelay } from '../../renderer/state/relays.ts'
import type { Upload } from '../../renderer/state/uploads.ts'
import type { Exchange } from '../../shared/model/exchange.ts'
import type { NextStep } from '../../shared/model/failure.ts'
import { failureError, localFailure } from '../../shared/model/local-failure.ts'
import type { RelayState } from '../../shared/model/path-check.ts'
import { windowOver } from '../fakes/window-over.tsx'

afterEach(cleanup)

const registry = {
  id: 'r1',
  name: 'NodePort',
  url: 'http://10.20.0.7:30500',
  credential: { source: 'anonymous' as const, hasSecret: false },
  tls: { verify: true, hasCa: false, hasClientCertificate: false },
  demo: false,
}
const relay: RelayState = {
  registryId: 'r1',
  address: '127.0.0.1:41000',
  target: '10.20.0.7:30500',
  startedAt: 0,
  connections: 1,
  accepted: 14,
  refused: 0,
  errors: 2,
  bytesToRegistry: 1_400_000,
  bytesFromRegistry: 3_200,
}
const exchange: Exchange = {
  id: 'x7',
  startedAt: 0,
  duration: 41,
  phase: 'upload-body',
  method: 'PATCH',
  url: 'http://10.20.0.7:30500/v2/u',
  host: '10.20.0.7:30500',
  status: 400,
  bytesSent: 120,
  bytesReceived: 15,
  answeredBy: 'proxy',
  failure: 'body-refused',
  requestHeaders: {},
  responseHeaders: {},
  demo: false,
}

/** The buttons beside a failure that advises `next`, and what was pressed. */
function actionsFor(next: NextStep[], { relayed = false, mode = 'streamed' as const } = {}) {
  const pressed: string[] = []
  const upload: Upload = {
    id: 'u1',
    fileName: 'cart-1.0.0.tgz',
    status: 'failed',
    exchanges: [{ ...exchange, id: 'x6', status: 202, failure: undefined }, exchange],
    target: { registryId: 'r1', path: '', mode },
    failure: localFailure('body-refused', 'upload-body', 'Refused.', { next }),
  }
  windowOver(
    {},
    <FailureActions
      upload={upload}
      registry={registry}
      relayed={relayed}
      onMode={(chosen) => pressed.push(chosen)}
      onRelay={() => pressed.push('relay')}
      onCheckPath={() => pressed.push('check')}
      onOtherPath={() => pressed.push('path')}
    />,
  )
  return pressed
}

test('what a failure advises and the app can do stands there as buttons', async () => {
  const pressed = actionsFor(['use-buffered', 'use-relay', 'check-path', 'check-permission', 'log-in'])
  fireEvent.click(await screen.findByRole('button', { name: 'Publish buffered' }))
  fireEvent.click(screen.getByRole('button', { name: 'Start the relay and retry' }))
  fireEvent.click(screen.getByRole('button', { name: 'Check this path' }))
  fireEvent.click(screen.getByRole('button', { name: 'Choose another path' }))
  expect(pressed).toEqual(['buffered', 'relay', 'check', 'path'])
  expect(screen.getByRole('button', { name: 'Log in' })).toBeTruthy()
  // the exchange that failed, not the last good one
  expect(screen.getByRole('link', { name: 'Open in Activity' }).getAttribute('href')).toBe('#/activity/x7')
})

test('a shape that was just refused and a relay that runs are not offered', async () => {
  actionsFor(['use-streamed', 'use-relay', 'check-path'], { relayed: true })
  expect(await screen.findByRole('button', { name: 'Check this path' })).toBeTruthy()
  expect(screen.queryByRole('button', { name: /streamed|relay/ })).toBeNull()
})

test('a relay says that the app uses it, what went through, and the line for helm', async () => {
  let stopped = 0
  windowOver(
    {},
    <RelayPanel
      relay={relay}
      registryUrl="https://harbor.example"
      fileName="cart-1.0.0.tgz"
      path="charts"
      busy={false}
      onStop={() => (stopped += 1)}
    />,
  )
  const panel = await screen.findByRole('region', { name: 'Relay' })
  expect(panel.textContent).toContain('Chartroom uses it: every request to 10.20.0.7:30500')
  expect(panel.textContent).toContain(
    '1.4 MB to the registry · 3.2 kB from it · 1 open, 14 connections so far',
  )
  expect(panel.textContent).toContain('2 broke off')
  expect(panel.textContent).toContain('helm push cart-1.0.0.tgz oci://harbor.example:41000/charts')
  expect(panel.textContent).toContain('127.0.0.1 harbor.example')
  fireEvent.click(screen.getByRole('button', { name: 'Stop' }))
  expect(stopped).toBe(1)
})

function RelayProbe() {
  const { relay: running, failure, start } = useRelay('r1')
  return (
    <>
      <output>{running?.address ?? 'none'}</output>
      <p>{failure?.kind ?? 'well'}</p>
      <button type="button" onClick={() => void start()}>
        start
      </button>
    </>
  )
}

test('the relay of this registry is followed, and one that cannot start is a failure', async () => {
  windowOver(
    {
      'publish.relays': async function* () {
        yield [{ ...relay, registryId: 'other', address: '127.0.0.1:1' }]
        yield [{ ...relay, registryId: 'other', address: '127.0.0.1:1' }, relay]
      },
      'publish.startRelay': () => {
        throw failureError('internal', 'connect', 'No port is free.')
      },
    },
    <RelayProbe />,
  )
  expect(await screen.findByText('127.0.0.1:41000')).toBeTruthy()
  expect(screen.getByText('well')).toBeTruthy()
  fireEvent.click(screen.getByRole('button', { name: 'start' }))
  expect(await screen.findByText('internal')).toBeTruthy()
})

test('the switch has three modes; the four shapes and the size of chunks are behind Advanced', async () => {
  const chosen: unknown[] = []
  windowOver(
    {},
    <ModeSwitch
      mode="chunked"
      chunkBytes={undefined}
      disabled={false}
      describedBy="meaning"
      onMode={(mode) => chosen.push(mode)}
      onChunkBytes={(bytes) => chosen.push(bytes)}
    />,
  )
  await screen.findByRole('radiogroup', { name: 'How the bytes travel' })
  expect(screen.getAllByRole('radio').map((radio) => radio.getAttribute('value'))).toEqual([
    'auto',
    'buffered',
    'streamed',
  ])
  // a shape the switch does not have is named where it can be changed
  fireEvent.click(screen.getByRole('button', { name: 'Advanced: Chunked' }))
  fireEvent.click(await screen.findByRole('radio', { name: /Streamed PATCH/ }))
  fireEvent.click(screen.getByRole('radio', { name: /Streamed PUT/ }))
  fireEvent.click(screen.getByRole('combobox', { name: 'Size of a chunk' }))
  fireEvent.click(await screen.findByRole('option', { name: '5 MiB', hidden: true }))
  await waitFor(() => expect(chosen).toEqual(['streamed', 'streamed-put', 5 * 1024 * 1024]))
})
