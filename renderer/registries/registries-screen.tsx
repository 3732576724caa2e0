import { useTranslation } from 'react-i18next'
import { Screen } from '../parts/screen.tsx'

export function RegistriesScreen() {
  const { t } = useTranslation('shell')
  return <Screen title={t('screens.registries')}>{null}</Screen>
}
