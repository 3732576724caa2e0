import { CloseButton } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Finding } from '../../../shared/model/mirror-finding.ts'
import { findingWords } from '../finding-words.ts'
import styles from './finding-chip.module.css'

/** Says that only the nodes of a finding are shown, and takes that back. */
export function FindingChip({ finding, onClose }: { finding: Finding; onClose: () => void }) {
  const { t, i18n } = useTranslation('findings')
  const { title } = findingWords(t, finding, i18n.language)
  return (
    <span className={styles.chip}>
      <span className={styles.words} title={title}>
        {title}
      </span>
      <CloseButton size="xs" aria-label={t('panel.onlyEnd')} onClick={onClose} />
    </span>
  )
}
