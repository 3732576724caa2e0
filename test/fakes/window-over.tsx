import { MantineProvider } from '@mantine/core'
import { configure, render, type RenderResult } from '@testing-library/react'
import type { ReactElement } from 'react'
import { I18nextProvider } from 'react-i18next'
import { createI18n, type Language } from '../../renderer/i18n/i18n.ts'
import { MirrorsProvider } from '../../renderer/state/mirrors-provider.tsx'
import { RegistryDialogProvider } from '../../renderer/state/registry-dialog.tsx'
import { UploadsProvider } from '../../renderer/state/uploads-provider.tsx'
import type { UploadsStore } from '../../renderer/state/uploads.ts'
import { queueOver } from './queue-over.ts'
import { WireProvider } from '../../renderer/state/wire.tsx'

/** Operations of the contract by their path (`mirrors.watch`), as the main process would answer them. */
export type Operations = Record<string, (input: unknown, signal: AbortSignal | undefined) => unknown>

/**
 * Shows a screen in a window whose main process does what `operations` say; any other call fails by name. The
 * real one stands behind the screens in test/e2e: this is for faults and moments that it does not have on demand. What
 * `publish.inspect` and `publish.start` say stands behind the real queue.
 */
export function windowOver(
  operations: Operations,
  screen: ReactElement,
  { language = 'en', uploads }: { language?: Language; uploads?: UploadsStore } = {},
): RenderResult {
  // a busy machine takes its time; nothing here is asserted by the clock
  configure({ asyncUtilTimeout: 15_000 })
  const all = 'publish.inspect' in operations ? queueOver(operations) : operations
  const snapshot = { state: 'open' as const, generation: 1 }
  const connection = {
    link: {
      call: async (
        path: readonly string[],
        input: unknown,
        options: { signal?: AbortSignal | undefined },
      ) => {
        const operation = all[path.join('.')]
        if (operation === undefined) throw new Error(`no ${path.join('.')} in this test`)
        return operation(input, options.signal)
      },
    },
    snapshot: () => snapshot,
    subscribe: () => () => {},
  }
  return render(
    <I18nextProvider i18n={createI18n(language)}>
      <MantineProvider env="test">
        <WireProvider connection={connection}>
          <UploadsProvider {...(uploads === undefined ? {} : { store: uploads })}>
            <RegistryDialogProvider>
              <MirrorsProvider>{screen}</MirrorsProvider>
            </RegistryDialogProvider>
          </UploadsProvider>
        </WireProvider>
      </MantineProvider>
    </I18nextProvider>,
  )
}
