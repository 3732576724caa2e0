import { FileButton, UnstyledButton } from '@mantine/core'
import { IconFileUpload } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useUploads } from '../state/uploads-provider.tsx'
import styles from './drop-zone.module.css'

/** Shows where charts may be dropped (the whole window takes them, see the shell) and chooses files by hand. */
export function DropZone() {
  const { t } = useTranslation('publish')
  const takeFiles = useUploads((state) => state.takeFiles)
  return (
    <FileButton
      multiple
      onChange={(files) => void takeFiles(files)}
      inputProps={{ 'aria-label': t('drop.input') }}
    >
      {(button) => (
        <UnstyledButton {...button} className={styles.zone}>
          <IconFileUpload size={18} aria-hidden />
          <span className={styles.title}>{t('drop.title')}</span>
          <span className={styles.meaning}>{t('drop.meaning')}</span>
          <span className={styles.choose}>{t('drop.choose')}</span>
        </UnstyledButton>
      )}
    </FileButton>
  )
}
