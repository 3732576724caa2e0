// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { PullsScreen } from '../../renderer/pulls/pulls-screen.tsx'
import { failureError, localFailure } from '../../shared/model/local-failure.ts'
import type { PullAttempt, PullReport } from '../../shared/model/pull.ts'
import { type Operations, windowOver } from '../fakes/window-over.tsx'

afterEach(cleanup)

const notHere: PullAttempt = {
  host: 'node:30020',
  role: 'mirror',
  step: 'resolve',
  method: 'HEAD',
  url: 'http://node:30020/v2/shop/cart/manifests/1?ns=upstream',
  start: 0,
  duration: 8,
  status: 404,
  answeredBy: 'mirror',
  outcome: 'not-here',
}

const refused: PullAttempt = {
  ...notHere,
  host: 'upstream',
  role: 'upstream',
  start: 9,
  duration: 40,
  status: 403,
  answeredBy: 'registry',
  outcome: 'fault',
  failure: {
    ...localFailure('denied', 'pull', 'Denied.', { host: 'upstream', next: ['check-pull-secret'] }),
    status: 403,
    answeredBy: 'registry',
    ociErrors: [{ code: 'DENIED', message: 'no pull for you' }],
    evidence: [{ fact: 'api-version', value: 'registry/2.0' }],
  },
}

const report: PullReport = {
  reference: 'upstream/shop/cart:1',
  attempts: [notHere, refused],
  verdict: {
    kind: 'upstream-refuses',
    host: 'upstream',
    step: 'resolve',
    message: 'The upstream refuses the tag.',
    next: ['check-pull-secret'],
    containerd: {
      version: '2.1',
      message: 'unexpected status: 404',
      rule: 'fetch-first',
      host: 'node:30020',
    },
  },
}

function walking(walk: Operations[string]): Operations {
  return { 'registries.list': () => [], 'pulls.walk': walk }
}

function walk(): void {
  fireEvent.change(screen.getByRole('textbox', { name: 'Image reference' }), {
    target: { value: 'upstream/shop/cart:1' },
  })
  fireEvent.click(screen.getByRole('button', { name: 'Walk' }))
}

test('the verdict says who refused, what it said, and whose answer containerd would report instead', async () => {
  windowOver(
    walking(async function* () {
      yield notHere
      yield refused
      return report
    }),
    <PullsScreen />,
  )
  walk()
  const verdict = await screen.findByRole('region', { name: 'Verdict' })
  expect(verdict.textContent).toContain('The upstream refuses the tag: 403 from upstream')
  expect(verdict.textContent).toContain('DENIED: no pull for you')
  expect(verdict.textContent).toContain('the answer of node:30020 instead')
  expect(screen.getByText('unexpected status: 404')).toBeTruthy()
  expect(screen.getByText('registry/2.0')).toBeTruthy()
  const rows = screen.getByRole('table', { name: /in the order/ }).querySelectorAll('tbody tr')
  expect([...rows].map((row) => row.getAttribute('data-outcome'))).toEqual(['not-here', 'fault'])
})

test('choosing a request shows the evidence of that one', async () => {
  windowOver(
    walking(async function* () {
      yield notHere
      yield refused
      return report
    }),
    <PullsScreen />,
  )
  walk()
  fireEvent.click(await screen.findByRole('button', { name: 'Show the evidence of request 1' }))
  expect(screen.getByText('request 1: HEAD tag on node:30020')).toBeTruthy()
  expect(screen.queryByText('registry/2.0')).toBeNull()
})

test.each([
  ['hosts-invalid', 'hosts.toml'],
  ['reference-invalid', 'Image reference'],
] as const)('a failure of kind %s stands at its field and keeps what was typed', async (kind, field) => {
  windowOver(
    walking(() => {
      throw failureError(kind, 'input', 'It does not hold.')
    }),
    <PullsScreen />,
  )
  walk()
  await screen.findByRole('alert')
  expect(screen.getByRole('textbox', { name: field }).getAttribute('aria-invalid')).toBe('true')
  expect(screen.getByRole('textbox', { name: 'Image reference' })).toHaveProperty(
    'value',
    'upstream/shop/cart:1',
  )
})

test('cancelling closes the walk at once and keeps what was answered', async () => {
  let signal: AbortSignal | undefined
  windowOver(
    walking(async function* (_input, given) {
      signal = given
      yield notHere
      await new Promise((resolve) => given?.addEventListener('abort', resolve))
      return report
    }),
    <PullsScreen />,
  )
  walk()
  await screen.findByRole('row', { name: /node:30020/ })
  fireEvent.click(screen.getByRole('button', { name: 'Cancel' }))
  expect(signal?.aborted).toBe(true)
  expect(screen.getByRole('status').textContent).toContain('Cancelled after 1')
  expect(screen.getByRole('row', { name: /node:30020/ })).toBeTruthy()
  await waitFor(() =>
    expect(screen.queryByRole('region', { name: 'Verdict' })?.textContent).toContain('Cancelled'),
  )
})
