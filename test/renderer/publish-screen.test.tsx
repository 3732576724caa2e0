// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { PublishScreen } from '../../renderer/publish/publish-screen.tsx'
import type { ChartFile } from '../../shared/model/chart.ts'
import { failureError } from '../../shared/model/local-failure.ts'
import type { Learned } from '../../shared/model/upload.ts'
import { preflightWith } from '../fakes/preflight.ts'
import { type Operations, windowOver } from '../fakes/window-over.tsx'

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

const chart: ChartFile = {
  ticket: 't1',
  fileName: 'cart-2.14.1+build.7.tgz',
  size: 4900,
  digest: `sha256:${'a'.repeat(64)}`,
  source: 'archive',
  entries: 12,
  metadata: { apiVersion: 'v2', name: 'cart', version: '2.14.1+build.7', description: 'Shopping cart' },
}

const registry = {
  id: 'r1',
  name: 'Lab',
  url: 'http://10.0.0.7:5000',
  credential: { source: 'anonymous', hasSecret: false },
  tls: { verify: true, hasCa: false, hasClientCertificate: false },
  demo: false,
}

async function* noRelays() {
  yield []
}

/** A main process with one registry; the file arrives through the host's own ticket. */
function publishing(start: Operations[string]): { operations: Operations; started: unknown[] } {
  const started: unknown[] = []
  return {
    started,
    operations: {
      'registries.list': () => [registry],
      'settings.get': () => ({
        theme: 'system',
        language: 'system',
        uploadMode: 'streamed',
        scrapeSeconds: 15,
      }),
      'publish.inspect': () => chart,
      'publish.learned': () => null,
      'publish.relays': () => noRelays(),
      'publish.preflight': () => preflightWith(),
      'publish.start': (input, signal) => {
        started.push(input)
        return start(input, signal)
      },
    },
  }
}

async function takeChart(): Promise<void> {
  vi.stubGlobal('fetch', async () => Response.json({ ticket: 't1' }))
  const input = document.querySelector('input[type=file]')
  if (input === null) throw new Error('no file input')
  fireEvent.change(input, { target: { files: [new File(['x'], chart.fileName)] } })
  await screen.findByRole('heading', { name: /^cart 2\.14\.1/ })
}

test('without a registry it says to add one first', async () => {
  windowOver({ 'registries.list': () => [] }, <PublishScreen />)
  expect(await screen.findByRole('button', { name: 'Add a registry' })).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Try the demo' })).toBeTruthy()
})

test('the target is one reference: the path is the user’s, name and tag are the chart’s', async () => {
  const { operations, started } = publishing(() => {
    throw new Error('not reached')
  })
  windowOver(operations, <PublishScreen />)
  await screen.findByText('Publish a Helm chart')
  await takeChart()
  const path = screen.getByRole('textbox', { name: 'Path' })
  fireEvent.change(path, { target: { value: 'team/charts/' } })
  expect(screen.getByText(/oci:\/\/10\.0\.0\.7:5000\/team\/charts\/cart:2\.14\.1_build\.7/)).toBeTruthy()
  fireEvent.change(path, { target: { value: 'UPPER' } })
  expect(screen.getByRole('alert').textContent).toContain('Lower-case')
  expect(screen.getByRole('button', { name: 'Publish' })).toHaveProperty('disabled', true)
  expect(started).toEqual([])
})

test('the mode begins as the settings say, and a refused stream is sent buffered by one button', async () => {
  const { operations, started } = publishing((input) => {
    if ((input as { mode: string }).mode === 'streamed') {
      throw failureError('body-refused', 'upload-body', 'Refused.', {
        next: ['use-buffered', 'ask-proxy-admin'],
        retryable: true,
      })
    }
    return (async function* () {
      yield { type: 'progress', sent: 10, total: 10 }
      return {
        reference: '10.0.0.7:5000/cart:2.14.1_build.7',
        digest: `sha256:${'b'.repeat(64)}`,
        size: 5600,
        mode: 'buffered',
        skipped: 1,
        version: '2.14.1+build.7',
        plainHttp: true,
      }
    })()
  })
  windowOver(operations, <PublishScreen />)
  await screen.findByText('Publish a Helm chart')
  await takeChart()
  fireEvent.click(screen.getByRole('button', { name: 'Publish' }))
  fireEvent.click(await screen.findByRole('button', { name: 'Publish buffered' }))
  const done = await screen.findByRole('region', { name: 'Published and verified' })
  expect(started).toMatchObject([{ mode: 'streamed' }, { mode: 'buffered', path: '', ticket: 't1' }])
  expect(done.textContent).toContain(
    'helm pull oci://10.0.0.7:5000/cart --version 2.14.1+build.7 --plain-http',
  )
  expect(screen.getByRole('link', { name: 'Show in Registries' }).getAttribute('href')).toBe(
    '#/registries/r1/cart/2.14.1_build.7',
  )
  expect(screen.queryByRole('alert')).toBeNull()
})

test('under the switch auto says what it remembers of the registry, until it is told to forget', async () => {
  let learned: Learned | null = {
    strategy: 'streamed-patch',
    at: 1_767_000_000_000,
    refused: [
      {
        strategy: 'buffered',
        kind: 'body-refused',
        answeredBy: 'proxy',
        status: 400,
        bytes: 5000,
        at: 1_767_000_000_000,
      },
    ],
  }
  const asked: unknown[] = []
  const { operations } = publishing(() => {
    throw new Error('not reached')
  })
  windowOver(
    {
      ...operations,
      'publish.learned': (input) => {
        asked.push(input)
        return learned
      },
      'publish.forget': () => {
        learned = null
        return { forgotten: true }
      },
    },
    <PublishScreen />,
  )
  await screen.findByText('Publish a Helm chart')
  await takeChart()
  // the settings say streamed: nothing is asked and nothing is shown
  expect(asked).toEqual([])
  fireEvent.click(screen.getByRole('radio', { name: 'Auto' }))
  const line = await screen.findByText(/Auto sends this chart as a stream, in one PATCH: buffered bodies/)
  expect(line.textContent).toContain('answered by a proxy or middlebox in front (400)')
  expect(asked).toEqual([{ registryId: 'r1', bytes: 4900 }])
  fireEvent.click(screen.getByRole('button', { name: 'Forget' }))
  expect(await screen.findByText(/Auto sends this chart buffered, for 4.9 kB fits/)).toBeTruthy()
})
