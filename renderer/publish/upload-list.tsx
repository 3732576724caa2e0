import { CloseButton, Progress, UnstyledButton } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { formatBytes } from '../parts/format.ts'
import type { Upload } from '../state/uploads.ts'
import { useUploads } from '../state/uploads-provider.tsx'
import { sentShare } from './progress.ts'
import styles from './upload-list.module.css'

/** Every chart that was taken in, oldest first, with what is happening to it in words. */
export function UploadList() {
  const { t } = useTranslation('publish')
  const uploads = useUploads((state) => state.uploads)
  const selected = useUploads((state) => state.selected)
  const select = useUploads((state) => state.select)
  const remove = useUploads((state) => state.remove)
  return (
    <ul className={styles.list} aria-label={t('list.title')}>
      {uploads.map((upload) => {
        const name = nameOf(upload, t('list.unnamed'))
        return (
          <li key={upload.id} className={styles.item} data-current={upload.id === selected}>
            <UnstyledButton
              className={styles.choose}
              aria-current={upload.id === selected}
              onClick={() => select(upload.id)}
            >
              <span className={styles.name}>{name}</span>
              <UploadStatus upload={upload} />
            </UnstyledButton>
            <CloseButton
              size="sm"
              aria-label={t('list.remove', { name })}
              className={styles.remove}
              onClick={() => remove(upload.id)}
            />
            {upload.status === 'uploading' && (
              <Progress
                className={styles.progress}
                size={4}
                value={sentShare(upload.progress) * 100}
                aria-label={t('progress.label', { name })}
              />
            )}
          </li>
        )
      })}
    </ul>
  )
}

function UploadStatus({ upload }: { upload: Upload }) {
  const { t, i18n } = useTranslation('publish')
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent' }).format(
    sentShare(upload.progress),
  )
  const size = formatBytes(upload.chart?.size ?? 0, i18n.language)
  const chart = upload.waitsFor
  const unread = upload.status === 'failed' && upload.chart === undefined
  return (
    <span className={styles.status} data-status={upload.status}>
      {t(`list.status.${unread ? 'unread' : upload.status}`, { percent, size, chart })}
    </span>
  )
}

/** A chart's name and version, or the file's name until it was read. */
function nameOf(upload: Upload, unnamed: string): string {
  if (upload.chart === undefined) return upload.fileName === '' ? unnamed : upload.fileName
  return `${upload.chart.metadata.name} ${upload.chart.metadata.version}`
}
