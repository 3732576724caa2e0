// @vitest-environment happy-dom
import { MantineProvider } from '@mantine/core'
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import type { ReactElement } from 'react'
import { I18nextProvider } from 'react-i18next'
import { afterEach, expect, test, vi } from 'vitest'
import { createI18n, type Language } from '../../renderer/i18n/i18n.ts'
import { FailurePanel } from '../../renderer/parts/failure-panel.tsx'
import { VirtualRows } from '../../renderer/parts/virtual-rows.tsx'
import { type Failure, failureKindSchema } from '../../shared/model/failure.ts'
import { localFailure } from '../../shared/model/local-failure.ts'

afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

function show(element: ReactElement, language: Language = 'en') {
  return render(
    <I18nextProvider i18n={createI18n(language)}>
      <MantineProvider>{element}</MantineProvider>
    </I18nextProvider>,
  )
}

const refusedByProxy: Failure = {
  ...localFailure('body-refused', 'upload-body', 'The body was refused.', {
    host: 'registry.example:30500',
    evidence: [
      { fact: 'status', value: '400' },
      { fact: 'api-version', value: 'absent' },
    ],
    next: ['use-buffered', 'ask-proxy-admin'],
    retryable: true,
  }),
  status: 400,
  answeredBy: 'proxy',
  ociErrors: [{ code: 'UNKNOWN', message: 'said the body' }],
}

test('a failure says what happened, who answered, by which evidence, and what to try', () => {
  const onRetry = vi.fn<() => void>()
  show(<FailurePanel failure={refusedByProxy} onRetry={onRetry} />)
  const panel = screen.getByRole('alert')
  expect(panel.querySelector('h2')?.textContent).toBe('Something on the way refused the body')
  expect(panel.textContent).toContain('a proxy or middlebox in front 400')
  expect(panel.textContent).toContain('registry.example:30500')
  expect(panel.textContent).toContain('Registry API headerabsent')
  expect(panel.textContent).toContain('UNKNOWN: said the body')
  expect(screen.getAllByRole('listitem').map((item) => item.textContent)).toEqual([
    'Publish in buffered mode.',
    'Show this report to whoever runs the proxy or network.',
  ])
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(onRetry).toHaveBeenCalledOnce()
})

test('a failure without a way to try again offers none', () => {
  show(<FailurePanel failure={refusedByProxy} />)
  expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull()
})

test('what is normal does not raise an alarm', () => {
  show(<FailurePanel failure={localFailure('not-here', 'pull', 'No peer has it.')} />)
  expect(screen.queryByRole('alert')).toBeNull()
  expect(screen.getByRole('status').textContent).toContain('normal')
})

test.each(failureKindSchema.options)('%s is drawn in Chinese without a key showing through', (kind) => {
  const { container } = show(<FailurePanel failure={localFailure(kind, 'ping', 'x')} />, 'zh-CN')
  expect(container.querySelector('h2')?.textContent).toMatch(/\p{Script=Han}/u)
  expect(container.textContent).not.toContain(`kinds.${kind}`)
})

test('of ten thousand rows only a screenful exists, and one of them takes the focus', () => {
  // happy-dom lays nothing out, so the list is told its size
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600)
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(400)
  show(
    <VirtualRows
      role="list"
      aria-label="numbers"
      count={10_000}
      rowHeight={30}
      keyOf={String}
      start={-1}
      renderRow={(index, tabIndex) => (
        <div role="listitem">
          <button type="button" tabIndex={tabIndex} data-row-focus>
            row {index}
          </button>
        </div>
      )}
    />,
  )
  const rows = screen.getAllByRole('button')
  expect(rows.length).toBeGreaterThan(0)
  expect(rows.length).toBeLessThan(100)
  expect(rows.filter((row) => row.tabIndex === 0).map((row) => row.textContent)).toEqual(['row 0'])
  fireEvent.keyDown(screen.getByRole('list'), { key: 'ArrowDown' })
  expect(document.activeElement?.textContent).toBe('row 1')
  fireEvent.keyDown(screen.getByRole('list'), { key: 'ArrowUp' })
  fireEvent.keyDown(screen.getByRole('list'), { key: 'ArrowUp' })
  expect(document.activeElement?.textContent).toBe('row 0')
})
