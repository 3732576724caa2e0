import { useTranslation } from 'react-i18next'
import { Screen } from '../parts/screen.tsx'

export function ActivityScreen() {
  const { t } = useTranslation('shell')
  return <Screen title={t('screens.activity')}>{null}</Screen>
}
