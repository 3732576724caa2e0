import { IconShieldOff } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { StatusBadge } from './status-badge.tsx'

/** Stays beside the name of a registry or cluster as long as its certificate is not checked; `compact` says it by its mark alone. */
export function NotVerified({ compact = false }: { compact?: boolean }) {
  const { t } = useTranslation('tls')
  return (
    <span title={t('notVerifiedMeaning')}>
      <StatusBadge tone="warn">
        {compact ? (
          <IconShieldOff size={14} stroke={2} role="img" aria-label={t('notVerified')} />
        ) : (
          <>
            <IconShieldOff size={13} stroke={2} aria-hidden />
            {t('notVerified')}
          </>
        )}
      </StatusBadge>
    </span>
  )
}
