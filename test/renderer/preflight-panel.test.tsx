// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import type { Language } from '../../renderer/i18n/i18n.ts'
import { PublishScreen } from '../../renderer/publish/publish-screen.tsx'
import type { ChartFile } from '../../shared/model/chart.ts'
import { failureError, localFailure } from '../../shared/model/local-failure.ts'
import type { PreflightCheck, PreflightInput } from '../../shared/model/preflight.ts'
import type { PublishInput } from '../../shared/model/upload.ts'
import { checkOf, preflightWith } from '../fakes/preflight.ts'
import { type Operations, windowOver } from '../fakes/window-over.tsx'

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

const other = `sha256:${'b'.repeat(64)}`
const chart: ChartFile = {
  ticket: 't1',
  fileName: 'cart-1.0.0.tgz',
  size: 4900,
  digest: `sha256:${'a'.repeat(64)}`,
  source: 'archive',
  entries: 12,
  metadata: { apiVersion: 'v2', name: 'cart', version: '1.0.0' },
}
const taken = checkOf('tag', {
  outcome: 'decide',
  finding: 'tag-other-content',
  values: { tag: '1.0.0', digest: other },
})

/** The publish screen with one chart in it, over a main process whose preflights are `fly`'s. */
async function flying(
  fly: (input: PreflightInput, signal: AbortSignal | undefined) => unknown,
  { language }: { language?: Language } = {},
): Promise<{ started: PublishInput[]; panel: HTMLElement }> {
  const started: PublishInput[] = []
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
    'publish.inspect': () => chart,
    'publish.learned': () => null,
    'publish.relays': async function* () {
      yield []
    },
    'publish.preflight': (input, signal) => fly(input as PreflightInput, signal),
    'publish.start': async function* (input) {
      started.push(input as PublishInput)
      yield { type: 'step', step: 'check' }
      throw failureError('internal', 'wire', 'That was enough for this test.')
    },
  }
  windowOver(operations, <PublishScreen />, language === undefined ? {} : { language })
  vi.stubGlobal('fetch', async () => Response.json({ ticket: 't1' }))
  await waitFor(() => expect(document.querySelector('input[type=file]')).not.toBeNull())
  const input = document.querySelector('input[type=file]')
  if (input !== null) fireEvent.change(input, { target: { files: [new File(['x'], chart.fileName)] } })
  const title = await screen.findByRole('heading', {
    name: language === 'zh-CN' ? '发布前检查' : 'Preflight',
  })
  const panel = title.closest('section')
  if (panel === null) throw new Error('the preflight has no panel')
  return { started, panel }
}

const publishButton = () => screen.getByRole('button', { name: /^Publish/ })
const said = (panel: HTMLElement) => within(panel).getByRole('status').textContent
const line = (panel: HTMLElement, name: string) =>
  within(panel)
    .getAllByRole('listitem')
    .find((item) => item.textContent?.startsWith(name))?.textContent

test('checks fill in as they end, and Publish that was pressed early waits for the last of them', async () => {
  const rest = Promise.withResolvers<void>()
  const { started, panel } = await flying(async function* () {
    for await (const check of preflightWith()) {
      yield check
      if (check.check === 'archive') await rest.promise
    }
    return { ready: true, checks: [] }
  })
  await waitFor(() => expect(said(panel)).toBe('looking: 1 of 13'))
  expect(line(panel, 'Archive')).toContain('Archive: In order')
  expect(line(panel, 'Tag')).toBe('Tag: Being looked at…')
  fireEvent.click(publishButton())
  expect(started).toEqual([])
  rest.resolve()
  await waitFor(() => expect(started).toHaveLength(1))
  expect(started[0]).not.toHaveProperty('overwrite')
})

test('other content under the tag holds Publish until somebody says Overwrite', async () => {
  const { started, panel } = await flying(() => preflightWith(taken))
  await waitFor(() => expect(said(panel)).toBe('13 checks, 1 needs you'))
  expect(screen.getByText('Publish waits: 13 checks, 1 needs you.')).toBeTruthy()
  expect(line(panel, 'Tag')).toContain('1.0.0 is there with other content (bbbbbbbbbbbb)')
  expect(
    within(panel)
      .getByRole('link', { name: /^Look at it/ })
      .getAttribute('href'),
  ).toBe('#/registries/r1/cart/1.0.0')
  expect(publishButton()).toHaveProperty('disabled', true)
  fireEvent.click(within(panel).getByRole('button', { name: 'Overwrite' }))
  expect(said(panel)).toBe('13 checks, overwriting')
  fireEvent.click(within(panel).getByRole('button', { name: 'Keep what is there' }))
  expect(publishButton()).toHaveProperty('disabled', true)
  fireEvent.click(within(panel).getByRole('button', { name: 'Overwrite' }))
  fireEvent.click(publishButton())
  await waitFor(() => expect(started).toMatchObject([{ overwrite: other }]))
})

test('a decision is for what was there: other content later asks again', async () => {
  let digest = other
  const { panel } = await flying(() => preflightWith({ ...taken, values: { tag: '1.0.0', digest } }))
  fireEvent.click(await within(panel).findByRole('button', { name: 'Overwrite' }))
  expect(publishButton()).toHaveProperty('disabled', false)
  digest = `sha256:${'c'.repeat(64)}`
  fireEvent.click(within(panel).getByRole('button', { name: 'Look again' }))
  await waitFor(() => expect(line(panel, 'Tag')).toContain('(cccccccccccc)'))
  expect(publishButton()).toHaveProperty('disabled', true)
})

test('what is in the way holds Publish, says what to try and who said so', async () => {
  const failure = localFailure('denied', 'token', 'The token allows only pull.', {
    evidence: [{ fact: 'granted-scope', value: 'repository:cart:pull' }],
    next: ['check-permission', 'log-in'],
  })
  const { panel } = await flying(() =>
    preflightWith(
      checkOf('permission', { outcome: 'blocked', finding: 'permission-lacking', failure }),
      checkOf('tag', { outcome: 'skipped', finding: 'skipped', values: { because: 'permission' } }),
    ),
  )
  await waitFor(() => expect(said(panel)).toBe('1 check is in the way'))
  expect(publishButton()).toHaveProperty('disabled', true)
  expect(line(panel, 'Permission')).toMatch(/In the way.*does not allow a push.*Try: .*repository:cart:pull/)
  expect(line(panel, 'Tag')).toContain('Not looked atnot looked at: Permission comes first')
})

test('a finding without words is said by its failure, or as the command line says it', async () => {
  const failure = localFailure('refused', 'connect', 'Nobody listens there.')
  const { panel } = await flying(() =>
    preflightWith(checkOf('registry', { outcome: 'blocked', finding: 'registry-failed', failure })),
  )
  await waitFor(() => expect(line(panel, 'Registry')).toContain('Connection refused'))
  expect(line(panel, 'Values')).toContain('values is fine.')
})

test('another path is looked at anew, what ran before is ended, and a path that is none asks nobody', async () => {
  const asked: { path: string; signal: AbortSignal | undefined }[] = []
  const never = new Promise<PreflightCheck>(() => {})
  const { panel } = await flying(async function* ({ path }, signal) {
    asked.push({ path, signal })
    yield await never
  })
  await waitFor(() => expect(asked).toHaveLength(1))
  const path = screen.getByRole('textbox', { name: 'Path' })
  fireEvent.change(path, { target: { value: 'team' } })
  await waitFor(() => expect(asked.map((each) => each.path)).toEqual(['', 'team']))
  expect(asked[0]?.signal?.aborted).toBe(true)
  fireEvent.change(path, { target: { value: 'TEAM' } })
  await waitFor(() => expect(asked[1]?.signal?.aborted).toBe(true))
  expect(said(panel)).toBe('begins once the path is a path')
  expect(asked).toHaveLength(2)
})

test('a preflight that fails as such forbids nothing', async () => {
  const { started, panel } = await flying(() => {
    throw failureError('host-gone', 'wire', 'The app is gone.')
  })
  await waitFor(() => expect(said(panel)).toBe('could not be done'))
  fireEvent.click(publishButton())
  await waitFor(() => expect(started).toHaveLength(1))
})

test('says it in Chinese too', async () => {
  const { panel } = await flying(() => preflightWith(taken), { language: 'zh-CN' })
  await waitFor(() => expect(said(panel)).toBe('13 项检查，一项需要你决定'))
  expect(line(panel, '标签')).toContain('1.0.0 已有其他内容')
})
