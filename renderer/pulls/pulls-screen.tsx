import { useTranslation } from 'react-i18next'
import { Screen } from '../parts/screen.tsx'

export function PullsScreen() {
  const { t } = useTranslation('shell')
  return <Screen title={t('screens.pulls')}>{null}</Screen>
}
