import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { ChartFile } from '../../shared/model/chart.ts'
import type { RegistryEntry } from '../../shared/model/registry.ts'
import type { UploadMode } from '../../shared/model/upload.ts'
import { FailurePanel } from '../parts/failure-panel.tsx'
import { Panel } from '../parts/panel.tsx'
import type { Upload } from '../state/uploads.ts'
import { useUploads } from '../state/uploads-provider.tsx'
import { ChartFacts } from './chart-facts.tsx'
import { PublishedPanel } from './published-panel.tsx'
import { cleanPath } from './target.ts'
import { TargetForm } from './target-form.tsx'
import styles from './upload-detail.module.css'
import { UploadProgress } from './upload-progress.tsx'
import { UploadTimeline } from './upload-timeline.tsx'

interface UploadDetailProps {
  upload: Upload
  registries: readonly RegistryEntry[]
  /** The settings' mode, until another is chosen here. */
  usualMode: UploadMode
}

/** One chart: what it is, where it goes, and what happens on the way. */
export function UploadDetail({ upload, registries, usualMode }: UploadDetailProps) {
  const { t } = useTranslation('publish')
  const { chart } = upload
  if (chart !== undefined)
    return <ReadChart upload={upload} chart={chart} registries={registries} usualMode={usualMode} />
  if (upload.failure === undefined) {
    const chartFile = upload.waiting?.chartFileName
    const said = chartFile === undefined ? t('reading') : t('waiting', { chart: chartFile })
    return (
      <Panel aria-label={said}>
        <p className={styles.line} role="status">
          {said}
        </p>
      </Panel>
    )
  }
  return (
    <section className={styles.failure}>
      <h2 className={styles.unreadable}>{t('unreadable', { name: upload.fileName })}</h2>
      <FailurePanel failure={upload.failure} />
    </section>
  )
}

function ReadChart({ upload, chart, registries, usualMode }: UploadDetailProps & { chart: ChartFile }) {
  const { t } = useTranslation('publish')
  const draft = useUploads((state) => state.draft)
  const setDraft = useUploads((state) => state.setDraft)
  const publish = useUploads((state) => state.publish)

  const registry = registries.find((entry) => entry.id === draft.registryId) ?? registries[0]
  const mode = draft.mode ?? usualMode
  const start = (wanted: UploadMode) => {
    if (registry === undefined) return
    setDraft({ mode: wanted })
    void publish(upload.id, { registryId: registry.id, path: cleanPath(draft.path ?? ''), mode: wanted })
  }
  if (registry === undefined) return undefined
  return (
    <>
      <TargetForm
        upload={upload}
        chart={chart}
        registry={registry}
        registries={registries}
        mode={mode}
        onPublish={() => start(mode)}
      />
      {upload.status === 'uploading' && <UploadProgress upload={upload} />}
      {upload.status === 'cancelled' && (
        <Panel aria-label={t('list.status.cancelled')}>
          <p className={styles.line} role="status">
            {t('progress.cancelled')}
          </p>
        </Panel>
      )}
      {upload.failure !== undefined && (
        <FailurePanel failure={upload.failure} onRetry={() => start(mode)}>
          <OtherModes upload={upload} mode={mode} onChoose={start} />
        </FailurePanel>
      )}
      {upload.result !== undefined && <PublishedPanel upload={upload} result={upload.result} />}
      <div className={styles.pair}>
        <ChartFacts chart={chart} />
        <UploadTimeline upload={upload} />
      </div>
    </>
  )
}

/** The next steps of a failure that are a switch on this very screen. */
function OtherModes({
  upload,
  mode,
  onChoose,
}: {
  upload: Upload
  mode: UploadMode
  onChoose: (mode: UploadMode) => void
}) {
  const { t } = useTranslation('publish')
  const offered = (['buffered', 'streamed', 'chunked'] as const).filter(
    (other) => other !== mode && upload.failure?.next.includes(`use-${other}`),
  )
  return offered.map((other) => (
    <Button key={other} onClick={() => onChoose(other)}>
      {t(`failed.${other}`)}
    </Button>
  ))
}
