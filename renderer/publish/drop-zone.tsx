import { FileButton, UnstyledButton } from '@mantine/core'
import { IconFileUpload } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { chosenFolders } from '../state/chosen.ts'
import { useUploads } from '../state/uploads-provider.tsx'
import styles from './drop-zone.module.css'

/** Makes an input choose a folder in place of files; React's types do not know it. */
const folderInput = { webkitdirectory: '' }

/** Shows where charts may be dropped (the whole window takes them, see the shell), and chooses files or a folder by hand. */
export function DropZone() {
  const { t } = useTranslation('publish')
  const takeFiles = useUploads((state) => state.takeFiles)
  return (
    <div className={styles.zone}>
      <FileButton
        multiple
        onChange={(files) => void takeFiles(files)}
        inputProps={{ 'aria-label': t('drop.input') }}
      >
        {(button) => (
          <UnstyledButton {...button} className={styles.files}>
            <IconFileUpload size={18} aria-hidden />
            <span className={styles.title}>{t('drop.title')}</span>
            <span className={styles.meaning}>{t('drop.meaning')}</span>
            <span className={styles.choose}>{t('drop.choose')}</span>
          </UnstyledButton>
        )}
      </FileButton>
      <FileButton
        multiple
        onChange={(files) => void takeFiles(chosenFolders(files))}
        inputProps={{ 'aria-label': t('drop.folderInput'), ...folderInput }}
      >
        {(button) => (
          <UnstyledButton {...button} className={styles.folder}>
            {t('drop.folder')}
          </UnstyledButton>
        )}
      </FileButton>
    </div>
  )
}
