import { useTranslation } from 'react-i18next'
import { Screen } from '../parts/screen.tsx'

export function MirrorsScreen() {
  const { t } = useTranslation('shell')
  return <Screen title={t('screens.mirrors')}>{null}</Screen>
}
