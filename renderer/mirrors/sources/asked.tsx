import { useTranslation } from 'react-i18next'
import type { SourceSettings } from '../../../shared/model/mirror-source.ts'

/** Who a source asks, on one line. */
export function Asked({ settings }: { settings: SourceSettings }) {
  const { t } = useTranslation('sources')
  switch (settings.kind) {
    case 'agents':
      return settings.addresses.length === 1
        ? settings.addresses[0]
        : t('asked.addresses', { count: settings.addresses.length })
    case 'kubernetes':
      return settings.kubeconfig === undefined
        ? settings.context
        : `${settings.context} · ${settings.kubeconfig}`
    case 'prometheus':
      return settings.matchers === '' ? settings.url : `${settings.url} {${settings.matchers}}`
  }
}
