import { Loader } from '@mantine/core'
import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import styles from './app.module.css'
import { ActivityScreen } from './activity/activity-screen.tsx'
import { EmptyState } from './parts/empty-state.tsx'
import { RegistryDialog } from './registries/registry-dialog.tsx'
import { RegistriesScreen } from './registries/registries-screen.tsx'
import { SettingsScreen } from './settings/settings-screen.tsx'
import { CommandPalette } from './shell/command-palette.tsx'
import { FilesAnywhere } from './shell/files-anywhere.tsx'
import { SideBar } from './shell/side-bar.tsx'
import { useAppliedSettings } from './shell/use-applied-settings.ts'
import { type Route, useRoute } from './state/route.ts'
import { useConnection } from './state/wire.tsx'

// loaded with the screen: the charts they draw with are most of the bytes
const PublishScreen = lazy(async () => ({
  default: (await import('./publish/publish-screen.tsx')).PublishScreen,
}))
const MirrorsScreen = lazy(async () => ({
  default: (await import('./mirrors/mirrors-screen.tsx')).MirrorsScreen,
}))
const PullsScreen = lazy(async () => ({ default: (await import('./pulls/pulls-screen.tsx')).PullsScreen }))

/** The window: side bar, the screen the hash names, and what floats above every screen. */
export function App() {
  const { t } = useTranslation('shell')
  const route = useRoute()
  const { state, generation } = useConnection()
  useAppliedSettings()
  if (generation === 0) {
    return (
      <main className={styles.alone}>
        {state === 'refused' ? (
          <EmptyState title={t('connection.refusedTitle')} meaning={t('connection.refusedMeaning')} />
        ) : (
          <Loader size="sm" aria-label={t('connection.connecting')} />
        )}
      </main>
    )
  }
  return (
    <div className={styles.frame}>
      <SideBar screen={route.screen} />
      <div className={styles.place}>
        {state !== 'open' && (
          <div className={styles.lost} role="status">
            {t('connection.lost')}
          </div>
        )}
        <Suspense fallback={<div className={styles.loading} aria-busy="true" />}>
          <CurrentScreen route={route} />
        </Suspense>
      </div>
      <CommandPalette />
      <FilesAnywhere />
      <RegistryDialog />
    </div>
  )
}

function CurrentScreen({ route }: { route: Route }) {
  switch (route.screen) {
    case 'registries':
      return <RegistriesScreen />
    case 'publish':
      return <PublishScreen />
    case 'mirrors':
      return <MirrorsScreen />
    case 'pulls':
      return <PullsScreen />
    case 'activity':
      return <ActivityScreen />
    case 'settings':
      return <SettingsScreen />
  }
}
