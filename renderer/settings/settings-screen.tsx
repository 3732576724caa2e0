import { useTranslation } from 'react-i18next'
import { Screen } from '../parts/screen.tsx'

export function SettingsScreen() {
  const { t } = useTranslation('shell')
  return <Screen title={t('screens.settings')}>{null}</Screen>
}
