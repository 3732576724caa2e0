// @vitest-environment happy-dom
import { MantineProvider } from '@mantine/core'
import { cleanup, render, screen } from '@testing-library/react'
import { I18nextProvider } from 'react-i18next'
import { afterEach, expect, test } from 'vitest'
import { createI18n, type Language } from '../../renderer/i18n/i18n.ts'
import { TestResult } from '../../renderer/registries/test-result.tsx'
import { consideredSchema, type RegistryTest } from '../../shared/model/registry.ts'

afterEach(cleanup)

const result: RegistryTest = {
  milliseconds: 12,
  authentication: 'basic',
  credential: 'podman',
  considered: [
    { source: 'docker', place: '~/.docker/config.json', outcome: 'broken', detail: 'It is no JSON.' },
    { source: 'podman', place: '~/.config/containers/auth.json', outcome: 'used' },
    { source: 'helm', place: 'docker-credential-pass', outcome: 'not-asked' },
  ],
}

function show(shown: RegistryTest, language: Language = 'en') {
  render(
    <I18nextProvider i18n={createI18n(language)}>
      <MantineProvider>
        <TestResult result={shown} />
      </MantineProvider>
    </I18nextProvider>,
  )
}

test('a test says which credential won and, behind a fold, where it was looked for in order', () => {
  show(result)
  expect(screen.getByText('Authentication: Basic. Credential used: podman.')).toBeDefined()
  expect(screen.getByText('Where a credential was looked for').closest('details')?.open).toBe(false)
  expect(screen.getAllByRole('listitem', { hidden: true }).map((row) => row.textContent)).toEqual([
    'docker~/.docker/config.json brokenIt is no JSON.',
    'podman~/.config/containers/auth.json used',
    'helmdocker-credential-pass comes later, not asked',
  ])
})

test.each<Language>(['en', 'zh-CN'])('every outcome and every source has its words in %s', (language) => {
  const considered = consideredSchema.shape.outcome.options.flatMap((outcome) =>
    consideredSchema.shape.source.options.map((source) => ({
      source,
      place: `${source} ${outcome}`,
      outcome,
    })),
  )
  show({ ...result, considered }, language)
  const text = screen.getByRole('status').textContent
  expect(text).not.toContain('dialog.')
  expect(screen.getAllByRole('listitem', { hidden: true })).toHaveLength(considered.length)
})
