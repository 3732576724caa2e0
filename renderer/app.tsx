import { Loader } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import styles from './app.module.css'
import { ActivityScreen } from './activity/activity-screen.tsx'
import { MirrorsScreen } from './mirrors/mirrors-screen.tsx'
import { SourceDialog } from './mirrors/sources/source-dialog.tsx'
import { EmptyState } from './parts/empty-state.tsx'
import { PublishScreen } from './publish/publish-screen.tsx'
import { PullsScreen } from './pulls/pulls-screen.tsx'
import { RegistryDialog } from './registries/registry-dialog.tsx'
import { RegistriesScreen } from './registries/registries-screen.tsx'
import { SettingsScreen } from './settings/settings-screen.tsx'
import { CommandPalette } from './shell/command-palette.tsx'
import { FilesAnywhere } from './shell/files-anywhere.tsx'
import { ScreenBoundary } from './shell/screen-boundary.tsx'
import { SideBar } from './shell/side-bar.tsx'
import { useAppliedSettings } from './shell/use-applied-settings.ts'
import { type Route, useRoute } from './state/route.ts'
import { useConnection } from './state/wire.tsx'

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
        <ScreenBoundary key={route.screen} title={t(`screens.${route.screen}`)}>
          <CurrentScreen route={route} />
        </ScreenBoundary>
      </div>
      <CommandPalette />
      <FilesAnywhere />
      <RegistryDialog />
      <SourceDialog />
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
