// @vitest-environment happy-dom
import { MantineProvider } from '@mantine/core'
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { I18nextProvider } from 'react-i18next'
import { afterEach, expect, test, vi } from 'vitest'
import { createI18n } from '../../renderer/i18n/i18n.ts'
import { ScreenBoundary } from '../../renderer/shell/screen-boundary.tsx'

afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

test('a screen that cannot be drawn says so in its place and can be tried again', () => {
  // React prints what a boundary catches
  const printed = vi.spyOn(console, 'error').mockReturnValue()
  let broken = true
  const Fragile = () => {
    if (broken) throw new Error('no such column')
    return <p>all of it</p>
  }
  render(
    <I18nextProvider i18n={createI18n('en')}>
      <MantineProvider>
        <ScreenBoundary title="Mirrors">
          <Fragile />
        </ScreenBoundary>
      </MantineProvider>
    </I18nextProvider>,
  )
  expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('Mirrors')
  expect(screen.getByRole('alert').textContent).toContain('no such column')
  broken = false
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(screen.getByText('all of it')).toBeDefined()
  expect(printed).toHaveBeenCalled()
})
