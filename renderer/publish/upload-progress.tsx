import { Button, Progress } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { formatBytes, formatDuration } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import type { Upload } from '../state/uploads.ts'
import { useUploads } from '../state/uploads-provider.tsx'
import { sentShare } from './progress.ts'
import styles from './upload-progress.module.css'

/** Bytes, rate, time left, the step under way, and a Cancel that works at once. */
export function UploadProgress({ upload }: { upload: Upload }) {
  const { t, i18n } = useTranslation('publish')
  const { t: common } = useTranslation()
  const cancel = useUploads((state) => state.cancel)
  const { progress, step } = upload
  const bytes = (count: number) => formatBytes(count, i18n.language)
  const facts =
    progress === undefined
      ? [t('progress.starting')]
      : [
          t('progress.bytes', { sent: bytes(progress.sent), total: bytes(progress.total) }),
          progress.rate === undefined ? undefined : t('progress.rate', { rate: bytes(progress.rate) }),
          progress.secondsLeft === undefined
            ? undefined
            : t('progress.left', {
                time: formatDuration(Math.ceil(progress.secondsLeft) * 1000, i18n.language),
              }),
        ].filter((fact) => fact !== undefined)
  return (
    <Panel aria-label={t('progress.label', { name: upload.chart?.metadata.name ?? upload.fileName })}>
      <div className={styles.line}>
        <div className={styles.words}>
          <span className={styles.step} role="status">
            {step === undefined
              ? t('progress.starting')
              : t(`progress.step.${step.step}`, {
                  mode: t(`progress.modeName.${step.strategy ?? 'unknown'}`),
                })}
          </span>
          <span className={styles.facts}>{facts.join(' · ')}</span>
        </div>
        <Button variant="default" onClick={() => cancel(upload.id)}>
          {common('cancel')}
        </Button>
      </div>
      <Progress
        size={6}
        value={sentShare(progress) * 100}
        aria-label={t('progress.label', { name: upload.chart?.metadata.name ?? upload.fileName })}
      />
    </Panel>
  )
}
