// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, within } from '@testing-library/react'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { PathCheckDialog } from '../../renderer/publish/path-check-dialog.tsx'
import { adviceOf, cellsOf, refusalsOf, stateOf } from '../../renderer/publish/path-grid.ts'
import { relayPush } from '../../renderer/publish/relay-push.ts'
import type { Failure } from '../../shared/model/failure.ts'
import { localFailure } from '../../shared/model/local-failure.ts'
import type { PathCheckReport, PathCheckResult } from '../../shared/model/path-check.ts'
import { strategySchema } from '../../shared/model/upload.ts'
import { windowOver } from '../fakes/window-over.tsx'

afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

const registry = {
  id: 'r1',
  name: 'NodePort',
  url: 'http://10.20.0.7:30500',
  credential: { source: 'anonymous' as const, hasSecret: false },
  tls: { verify: true, hasCa: false, hasClientCertificate: false },
  demo: false,
}
const kib = 1024
const byProxy: Failure = {
  ...localFailure('body-refused', 'upload-body', 'Refused.'),
  status: 400,
  answeredBy: 'proxy',
  evidence: [{ fact: 'content-type', value: 'text/plain' }],
}

function passed(
  strategy: PathCheckResult['strategy'],
  fields: Partial<PathCheckResult> = {},
): PathCheckResult {
  return { route: 'direct', strategy, bytes: kib, ok: true, milliseconds: 12, leftBehind: false, ...fields }
}

function failed(
  strategy: PathCheckResult['strategy'],
  fields: Partial<PathCheckResult> = {},
): PathCheckResult {
  return passed(strategy, { ok: false, failure: byProxy, ...fields })
}

function reportOf(results: PathCheckResult[], recommended?: PathCheckReport['recommended']): PathCheckReport {
  return {
    url: registry.url,
    repository: 'charts/cart',
    startedAt: 0,
    results,
    complete: recommended !== undefined,
    ...(recommended === undefined ? {} : { recommended }),
    markdown: '# Upload path\n',
  }
}

const buffered = { strategy: 'buffered', route: 'direct', bytes: kib, reason: 'in English' } as const

describe('a cell of the picture', () => {
  const bytes = [kib, 64 * kib]
  const cell = { route: 'direct', strategy: 'buffered', bytes: 64 * kib } as const

  test('is the next one to run where that is certain', () => {
    expect(stateOf({ ...cell, bytes: kib }, [], bytes, true).is).toBe('running')
    expect(stateOf(cell, [passed('buffered')], bytes, true).is).toBe('running')
    const afterRefusal = stateOf(
      { ...cell, strategy: 'streamed-put', bytes: kib },
      [failed('buffered')],
      bytes,
      true,
    )
    expect(afterRefusal.is).toBe('running')
  })

  test('is not said to run after a failure that may end the whole route', () => {
    const failure = localFailure('refused', 'connect', 'Refused.')
    const results = [failed('buffered', { failure })]
    const cells = cellsOf(bytes).map((each) => stateOf(each, results, bytes, true).is)
    expect(cells).not.toContain('running')
    expect(cells).toContain('waiting')
  })

  test('stays untried after a smaller one failed, and once the check is over', () => {
    expect(stateOf(cell, [failed('buffered')], bytes, true).is).toBe('untried')
    expect(stateOf(cell, [passed('buffered')], bytes, false).is).toBe('untried')
  })
})

describe('what a check advises', () => {
  const all = strategySchema.options.map((strategy) => passed(strategy))

  test.each([
    ['any shape where all pass directly', reportOf(all, buffered), 'any'],
    ['one where another was refused', reportOf([...all.slice(0, 3), failed('chunked')], buffered), 'use'],
    ['one where not all were tried', reportOf(all.slice(0, 2), buffered), 'use'],
    ['the relay where only it helps', reportOf(all, { ...buffered, route: 'relay' }), 'relay'],
    ['nothing where nothing passed', reportOf([failed('buffered')]), 'nothing'],
  ])('%s', (_name, report, advice) => {
    expect(adviceOf(report)).toBe(advice)
  })

  test('puts failures that are the same under one head', () => {
    const both = ['direct', 'relay'] as const
    const results = both.flatMap((route) => [
      failed('streamed-patch', { route }),
      failed('chunked', { route }),
    ])
    expect(refusalsOf([passed('buffered'), ...results])).toMatchObject([
      { routes: ['direct', 'relay'], strategies: ['streamed-patch', 'chunked'], bytes: kib },
    ])
    const other = failed('buffered', { bytes: 64 * kib })
    expect(refusalsOf([...results, other])).toHaveLength(2)
  })
})

describe('the helm line through the relay', () => {
  const asked = { address: '127.0.0.1:41000', fileName: 'cart-1.0.0+7.tgz', path: 'charts' }

  test('goes to the relay itself where http is spoken', () => {
    expect(relayPush({ ...asked, registryUrl: 'http://10.0.0.7:5000' })).toEqual({
      command: 'helm push cart-1.0.0+7.tgz oci://127.0.0.1:41000/charts --plain-http',
    })
  })

  test('asks for the registry’s own name behind TLS', () => {
    expect(relayPush({ ...asked, path: '', registryUrl: 'https://harbor.example' })).toEqual({
      command: 'helm push cart-1.0.0+7.tgz oci://harbor.example:41000',
      name: 'harbor.example',
    })
  })

  test('quotes a file name a shell would read otherwise', () => {
    const { command } = relayPush({ ...asked, fileName: "it's $(me).tgz", registryUrl: 'http://h:1' })
    expect(command).toContain(String.raw`helm push 'it'\''s $(me).tgz' oci`)
  })
})

/** A check that tells `results` one by one and then waits, or ends with a report. */
function checking(results: PathCheckResult[], report?: PathCheckReport) {
  const asked: unknown[] = []
  const signals: AbortSignal[] = []
  const kept: unknown[] = []
  windowOver(
    {
      'publish.checkPath': (input, signal) => {
        asked.push(input)
        if (signal !== undefined) signals.push(signal)
        return (async function* () {
          yield* results
          if (report !== undefined) return report
          return new Promise<never>(() => undefined)
        })()
      },
    },
    <PathCheckDialog
      registry={registry}
      repository="charts/cart"
      onClose={() => undefined}
      onKeep={(advised) => kept.push(advised)}
    />,
  )
  return { asked, signals, kept }
}

test('nothing is sent until the check is started, and then into the chart’s own repository', async () => {
  const { asked } = checking([])
  expect(await screen.findByText(/Random blobs are sent in every shape/)).toBeTruthy()
  expect(asked).toEqual([])
  fireEvent.click(screen.getByRole('button', { name: 'Start the check' }))
  expect(await screen.findByText(/0 of 32 tried/)).toBeTruthy()
  expect(asked).toMatchObject([{ registryId: 'r1', repository: 'charts/cart' }])
})

test('cells fill in while it runs, and Cancel ends it at once with what was found', async () => {
  const { signals } = checking([passed('buffered'), failed('buffered', { bytes: 64 * kib })])
  fireEvent.click(await screen.findByRole('button', { name: 'Start the check' }))
  expect(await screen.findByText('2 of 32 tried: 1 passed, 1 failed.')).toBeTruthy()
  const row = screen.getByRole('row', { name: /^Buffered/ })
  expect(row.textContent).toContain('12 ms')
  const cell = within(row).getByRole('button')
  expect(cell.textContent).toContain('400 proxy')
  fireEvent.click(screen.getByRole('button', { name: 'Cancel' }))
  expect(signals[0]?.aborted).toBe(true)
  expect(screen.getByText(/Cancelled after 2 of 32/)).toBeTruthy()
  expect(screen.queryByRole('region', { name: 'Verdict' })).toBeNull()
  fireEvent.click(cell)
  expect(screen.getByText('text/plain')).toBeTruthy()
})

test('the verdict is said in words, kept by its button and exported as both kinds of file', async () => {
  const results = [passed('buffered'), failed('streamed-patch')]
  const { kept } = checking(results, reportOf(results, buffered))
  const files: Blob[] = []
  vi.spyOn(URL, 'createObjectURL').mockImplementation((file) => {
    if (file instanceof Blob) files.push(file)
    return 'blob:x'
  })
  fireEvent.click(await screen.findByRole('button', { name: 'Start the check' }))
  const verdict = await screen.findByRole('region', { name: 'Verdict' })
  expect(verdict.textContent).toContain('Use Buffered: it passes directly, up to 1 KiB.')
  expect(verdict.textContent).toContain('Streamed PATCH stopped at 1 KiB, directly.')
  expect(verdict.textContent).toContain('answered by a proxy or middlebox in front')
  expect(verdict.textContent).not.toContain('in English')
  fireEvent.click(within(verdict).getByRole('button', { name: 'Use Buffered' }))
  expect(kept).toEqual([{ strategy: 'buffered', route: 'direct' }])
  fireEvent.click(screen.getByRole('button', { name: 'JSON' }))
  fireEvent.click(screen.getByRole('button', { name: 'Markdown' }))
  expect(JSON.parse((await files[0]?.text()) ?? '')).toMatchObject({ recommended: { strategy: 'buffered' } })
  expect(await files[1]?.text()).toBe('# Upload path\n')
})

test('where every shape passes it advises to leave Auto as it is', async () => {
  const results = strategySchema.options.map((strategy) => passed(strategy))
  const { kept } = checking(results, reportOf(results, buffered))
  fireEvent.click(await screen.findByRole('button', { name: 'Start the check' }))
  fireEvent.click(await screen.findByRole('button', { name: 'Keep Auto' }))
  expect(kept).toEqual([{ strategy: undefined, route: 'direct' }])
})
