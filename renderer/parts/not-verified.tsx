import { IconShieldOff } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { StatusBadge } from './status-badge.tsx'

/** Stays beside a registry's name as long as its certificate is not checked. */
export function NotVerified() {
  const { t } = useTranslation('tls')
  return (
    <span title={t('notVerifiedMeaning')}>
      <StatusBadge tone="warn">
        <IconShieldOff size={13} stroke={2} aria-hidden />
        {t('notVerified')}
      </StatusBadge>
    </span>
  )
}
