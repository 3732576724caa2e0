import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { formatBytes } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import type { Upload } from '../state/uploads.ts'
import { useUploads } from '../state/uploads-provider.tsx'
import styles from './queue-notice.module.css'

/** Where a chart stands in the queue, and the way on where an attempt broke off. */
export function QueueNotice({ upload }: { upload: Upload }) {
  const { t, i18n } = useTranslation('queue')
  const { t: common } = useTranslation()
  const cancel = useUploads((state) => state.cancel)
  if (upload.status === 'queued') {
    return (
      <Panel aria-label={t('queued.label')}>
        <div className={styles.row}>
          <p className={styles.words} role="status">
            {t('queued.meaning')}
          </p>
          <Button variant="default" onClick={() => cancel(upload.id)}>
            {common('cancel')}
          </Button>
        </div>
      </Panel>
    )
  }
  const { resumable, target } = upload
  if (
    target !== undefined &&
    (upload.status === 'interrupted' || (upload.status === 'failed' && resumable))
  ) {
    return <BrokenOff upload={upload} target={target} />
  }
  const said = [
    upload.resumedAt === undefined
      ? undefined
      : t('resumed', { bytes: formatBytes(upload.resumedAt, i18n.language) }),
    upload.anew === undefined ? undefined : t('anew', { because: upload.anew }),
  ].filter((line) => line !== undefined)
  if (said.length === 0) return undefined
  return (
    <Panel aria-label={said[0]}>
      <p className={styles.words} role="status">
        {said.join(' ')}
      </p>
    </Panel>
  )
}

function BrokenOff({ upload, target }: { upload: Upload; target: NonNullable<Upload['target']> }) {
  const { t } = useTranslation('queue')
  const publish = useUploads((state) => state.publish)
  const interrupted = upload.status === 'interrupted'
  const repository = [target.path, upload.chart?.metadata.name].filter(Boolean).join('/')
  const said = [
    ...(interrupted ? [t('interrupted.meaning', { repository })] : []),
    ...(upload.resumable === true ? [t('interrupted.part')] : []),
  ]
  return (
    <Panel aria-label={t('interrupted.label')}>
      <div className={styles.row}>
        <p className={styles.words} role="status">
          {said.join(' ')}
        </p>
        {upload.resumable === true && (
          <Button onClick={() => void publish(upload.id, target, true)}>{t('interrupted.resume')}</Button>
        )}
        {interrupted && (
          <Button
            variant={upload.resumable === true ? 'default' : 'filled'}
            onClick={() => void publish(upload.id, target)}
          >
            {t('interrupted.again')}
          </Button>
        )}
      </div>
    </Panel>
  )
}
