import { ActionIcon } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { StatusMark } from '../parts/status-mark.tsx'
import { useWarnings } from '../state/warnings.ts'
import styles from './warnings.module.css'

/** What a registry warns of, in its own words (distribution-spec, "Warnings"): quiet, and gone once it is dismissed. */
export function Warnings({ host }: { host: string }) {
  const { t } = useTranslation('registries')
  const { warnings, dismiss } = useWarnings()
  const here = warnings.filter((one) => one.host === host)
  if (here.length === 0) return null
  return (
    <ul className={styles.warnings} aria-label={t('warnings.label')}>
      {here.map((warning) => (
        <li key={warning.text} className={styles.warning}>
          <StatusMark tone="warn" />
          <span className={styles.text}>
            {t('warnings.says', { host })} {warning.text}
          </span>
          <ActionIcon
            variant="subtle"
            size={22}
            aria-label={t('warnings.dismiss')}
            onClick={() => dismiss(warning)}
          >
            <IconX size={14} aria-hidden />
          </ActionIcon>
        </li>
      ))}
    </ul>
  )
}
