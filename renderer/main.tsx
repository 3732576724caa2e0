import '@fontsource-variable/inter'
import '@fontsource-variable/jetbrains-mono'
import '@mantine/core/styles.layer.css'
import '@mantine/spotlight/styles.layer.css'
import './theme/tokens.css'
import './theme/base.css'
import { MantineProvider } from '@mantine/core'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { I18nextProvider } from 'react-i18next'
import { App } from './app.tsx'
import { createI18n, languageOf } from './i18n/i18n.ts'
import { openCarrierOf } from './state/carrier.ts'
import { keepConnected } from './state/connection.ts'
import { MirrorsProvider } from './state/mirrors-provider.tsx'
import { RegistryDialogProvider } from './state/registry-dialog.tsx'
import { UploadsProvider } from './state/uploads-provider.tsx'
import { WireProvider } from './state/wire.tsx'
import { cssVariablesResolver, theme } from './theme/theme.ts'

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')

const nonce = document.querySelector('meta[name="chartroom-nonce"]')?.getAttribute('content') ?? ''
const connection = keepConnected(openCarrierOf(document))
const i18n = createI18n(languageOf('system', navigator.languages))

createRoot(root).render(
  <StrictMode>
    <I18nextProvider i18n={i18n}>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={cssVariablesResolver}
        defaultColorScheme="auto"
        getStyleNonce={() => nonce}
      >
        <WireProvider connection={connection}>
          <UploadsProvider>
            <RegistryDialogProvider>
              <MirrorsProvider>
                <App />
              </MirrorsProvider>
            </RegistryDialogProvider>
          </UploadsProvider>
        </WireProvider>
      </MantineProvider>
    </I18nextProvider>
  </StrictMode>,
)
