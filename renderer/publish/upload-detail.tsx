import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ChartFile } from '../../shared/model/chart.ts'
import type { RegistryEntry } from '../../shared/model/registry.ts'
import { modeOfStrategy, type UploadMode } from '../../shared/model/upload.ts'
import { FailurePanel } from '../parts/failure-panel.tsx'
import { Panel } from '../parts/panel.tsx'
import { useRelay } from '../state/relays.ts'
import { hrefOf } from '../state/route.ts'
import type { Upload } from '../state/uploads.ts'
import { useUploads } from '../state/uploads-provider.tsx'
import { ChartFacts } from './chart-facts.tsx'
import { FailureActions, stepsTaken } from './failure-actions.tsx'
import { PathCheckDialog } from './path-check-dialog.tsx'
import { PathTools } from './path-tools.tsx'
import { PreflightPanel } from './preflight-panel.tsx'
import { PublishedPanel } from './published-panel.tsx'
import { QueueNotice } from './queue-notice.tsx'
import { RelayPanel } from './relay-panel.tsx'
import { cleanPath, pathProblem, targetReference } from './target.ts'
import { TargetForm } from './target-form.tsx'
import styles from './upload-detail.module.css'
import { UploadProgress } from './upload-progress.tsx'
import { UploadTimeline } from './upload-timeline.tsx'
import { useGuardedStart } from './use-guarded-start.ts'
import { usePreflight } from './use-preflight.ts'
import { usePreflightSummary } from './use-preflight-summary.ts'

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
    const chartFile = upload.waitsFor
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

function ReadChart(props: UploadDetailProps & { chart: ChartFile }) {
  const draftRegistry = useUploads((state) => state.draft.registryId)
  const registry = props.registries.find((entry) => entry.id === draftRegistry) ?? props.registries[0]
  return registry === undefined ? undefined : <ChartTo key={registry.id} {...props} registry={registry} />
}

/** The chart on its way to one registry. */
function ChartTo({
  upload,
  chart,
  registry,
  registries,
  usualMode,
}: UploadDetailProps & { chart: ChartFile; registry: RegistryEntry }) {
  const { t } = useTranslation(['publish', 'path', 'preflight'])
  const draft = useUploads((state) => state.draft)
  const setDraft = useUploads((state) => state.setDraft)
  const publish = useUploads((state) => state.publish)
  const { relay, ...relaying } = useRelay(registry.id)
  const [checking, setChecking] = useState(false)
  const [overwrite, setOverwrite] = useState<string>()
  const pathField = useRef<HTMLInputElement>(null)

  const path = cleanPath(draft.path ?? '')
  const problem = pathProblem(path, chart.metadata)
  const target = targetReference(registry.url, path, chart.metadata)
  const mode = draft.mode ?? usualMode
  const start = (wanted: UploadMode) => {
    setDraft({ mode: wanted })
    void publish(upload.id, {
      registryId: registry.id,
      path,
      mode: wanted,
      ...(draft.chunkBytes === undefined ? {} : { chunkBytes: draft.chunkBytes }),
      ...(overwrite === undefined ? {} : { overwrite }),
    })
  }
  const uploading = upload.status === 'uploading' || upload.status === 'queued'
  const preflight = usePreflight(
    problem === 'path' ? undefined : { ticket: chart.ticket, registryId: registry.id, path },
    // what was published, learned or given up, and the way to the registry, may change what there is to say
    { occasion: `${upload.status} ${relay?.address ?? 'direct'}`, paused: uploading },
  )
  const guarded = useGuardedStart(preflight, overwrite, () => start(mode))
  const summary = usePreflightSummary(preflight, overwrite)
  return (
    <>
      <TargetForm
        upload={upload}
        chart={chart}
        registry={registry}
        registries={registries}
        mode={mode}
        pathField={pathField}
        tools={
          <PathTools
            relayed={relay !== undefined}
            busy={relaying.busy}
            onCheck={() => setChecking(true)}
            onRelay={() => void relaying.start()}
          />
        }
        held={guarded.allowed ? undefined : t('preflight:held', { why: summary })}
        waiting={guarded.waiting}
        onPublish={guarded.press}
      />
      {relaying.failure !== undefined && (
        <FailurePanel failure={relaying.failure} onRetry={() => void relaying.start()} />
      )}
      {relay !== undefined && (
        <RelayPanel
          relay={relay}
          registryUrl={registry.url}
          fileName={chart.fileName}
          path={problem === undefined ? path : ''}
          busy={relaying.busy}
          onStop={() => void relaying.stop()}
        />
      )}
      {upload.status === 'uploading' && <UploadProgress upload={upload} />}
      <QueueNotice upload={upload} />
      {upload.status === 'cancelled' && (
        <Panel aria-label={t('list.status.cancelled')}>
          <p className={styles.line} role="status">
            {t('progress.cancelled')}
          </p>
        </Panel>
      )}
      {upload.failure !== undefined && (
        <FailurePanel failure={upload.failure} taken={stepsTaken} onRetry={() => start(mode)}>
          <FailureActions
            upload={upload}
            registry={registry}
            relayed={relay !== undefined}
            onMode={start}
            onRelay={() => void relaying.start().then((runs) => runs && start(mode))}
            onCheckPath={() => setChecking(true)}
            onOtherPath={() => pathField.current?.select()}
          />
        </FailurePanel>
      )}
      {upload.result !== undefined && <PublishedPanel upload={upload} result={upload.result} />}
      <div className={styles.pair}>
        <PreflightPanel
          preflight={preflight}
          overwrite={overwrite}
          onOverwrite={setOverwrite}
          tagHref={hrefOf('registries', registry.id, target.repository, target.tag)}
          busy={uploading}
        />
        <div className={styles.stack}>
          <UploadTimeline upload={upload} />
          <ChartFacts chart={chart} />
        </div>
      </div>
      {checking && (
        <PathCheckDialog
          registry={registry}
          repository={problem === undefined ? target.repository : undefined}
          onClose={() => setChecking(false)}
          onKeep={({ strategy, route }) => {
            setDraft({ mode: strategy === undefined ? 'auto' : modeOfStrategy(strategy) })
            setChecking(false)
            if (route === 'relay') void relaying.start()
          }}
        />
      )}
    </>
  )
}
