import { Button, Select, TextInput, VisuallyHidden } from '@mantine/core'
import { type ReactNode, type Ref, useId } from 'react'
import { useTranslation } from 'react-i18next'
import type { ChartFile } from '../../shared/model/chart.ts'
import { registryHost } from '../../shared/model/reference.ts'
import type { RegistryEntry } from '../../shared/model/registry.ts'
import type { UploadMode } from '../../shared/model/upload.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { Panel } from '../parts/panel.tsx'
import { StatusBadge } from '../parts/status-badge.tsx'
import type { Upload } from '../state/uploads.ts'
import { useUploads } from '../state/uploads-provider.tsx'
import { AutoLine } from './auto-line.tsx'
import { ModeSwitch } from './mode-switch.tsx'
import { cleanPath, pathProblem, targetReference } from './target.ts'
import styles from './target-form.module.css'

/** The chart's name, the reference it will have (registry and path are the user's, name and tag the chart's), the switch. */
export function TargetForm({
  upload,
  chart,
  registry,
  registries,
  mode,
  pathField,
  tools,
  held,
  waiting,
  onPublish,
}: {
  upload: Upload
  chart: ChartFile
  registry: RegistryEntry
  registries: readonly RegistryEntry[]
  mode: UploadMode
  pathField: Ref<HTMLInputElement>
  /** Quiet buttons under what the mode does. */
  tools: ReactNode
  /** Why Publish has to wait, where something that was looked at is in the way. */
  held: string | undefined
  /** Publish was pressed and waits for the rest of what is looked at. */
  waiting: boolean
  onPublish: () => void
}) {
  const { t } = useTranslation('publish')
  const typed = useUploads((state) => state.draft.path ?? '')
  const chunkBytes = useUploads((state) => state.draft.chunkBytes)
  const setDraft = useUploads((state) => state.setDraft)
  const meaningId = useId()
  const problemId = useId()
  const printedId = useId()

  const { metadata } = chart
  const path = cleanPath(typed)
  const problem = pathProblem(path, metadata)
  const reference = targetReference(registry.url, path, metadata)
  const printed = `oci://${reference.registry}/${reference.repository}:${reference.tag}`
  const busy = upload.status === 'uploading' || upload.status === 'queued'
  const said = [
    metadata.description ?? t('chart.noDescription'),
    metadata.type,
    metadata.appVersion === undefined ? undefined : t('chart.app', { version: metadata.appVersion }),
  ].filter((part) => part !== undefined && part !== '')

  return (
    <Panel aria-label={t('target.form')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (problem === undefined && !busy) onPublish()
        }}
      >
        <div className={styles.head}>
          <div className={styles.naming}>
            <h2 className={styles.title}>
              {metadata.name} <span className={styles.version}>{metadata.version}</span>{' '}
              {registry.demo && <DemoBadge />}
              {metadata.deprecated === true && <StatusBadge tone="warn">{t('chart.deprecated')}</StatusBadge>}
            </h2>
            <p className={styles.said}>{said.join(' · ')}</p>
          </div>
          <ModeSwitch
            mode={mode}
            chunkBytes={chunkBytes}
            disabled={busy}
            describedBy={meaningId}
            onMode={(chosen) => setDraft({ mode: chosen })}
            onChunkBytes={(bytes) => setDraft({ chunkBytes: bytes })}
          />
        </div>
        <div className={styles.line}>
          <div className={styles.reference}>
            <span aria-hidden>oci://</span>
            <Select
              aria-label={t('target.registry')}
              className={styles.registry}
              variant="unstyled"
              disabled={busy}
              allowDeselect={false}
              comboboxProps={{ width: 300, position: 'bottom-start' }}
              value={registry.id}
              onChange={(id) => id !== null && setDraft({ registryId: id })}
              data={registries.map((entry) => ({
                value: entry.id,
                label: registryHost(entry.url),
              }))}
              renderOption={({ option }) => <RegistryOption registries={registries} id={option.value} />}
            />
            <span aria-hidden>/</span>
            <TextInput
              ref={pathField}
              aria-label={t('target.path')}
              aria-describedby={problem === undefined ? undefined : problemId}
              aria-invalid={problem !== undefined}
              className={styles.path}
              variant="unstyled"
              disabled={busy}
              placeholder={t('target.pathPlaceholder')}
              spellCheck={false}
              autoComplete="off"
              value={typed}
              onChange={(event) => setDraft({ path: event.currentTarget.value })}
            />
            <span className={styles.rest}>
              {path === '' ? '' : '/'}
              {metadata.name}:{reference.tag}
            </span>
            <span className={styles.copy}>
              <CopyButton value={printed} what={t('done.reference')} />
            </span>
          </div>
          <VisuallyHidden id={printedId}>
            {t('target.reference')} {printed}
          </VisuallyHidden>
          <Button
            type="submit"
            aria-describedby={printedId}
            disabled={problem !== undefined || busy || held !== undefined}
            loading={waiting}
            className={styles.publish}
          >
            {upload.status === 'ready' || busy ? t('target.publish') : t('target.again')}
          </Button>
        </div>
        {problem !== undefined && (
          <p id={problemId} role="alert" className={styles.problem}>
            {t(problem === 'path' ? 'target.pathInvalid' : 'target.nameInvalid')}
          </p>
        )}
        {problem === undefined && held !== undefined && <p className={styles.held}>{held}</p>}
        <div className={styles.meaning}>
          {mode === 'auto' ? (
            <AutoLine key={upload.status} id={meaningId} registryId={registry.id} bytes={chart.size} />
          ) : (
            <p id={meaningId}>{t(`mode.${mode}Meaning`)}</p>
          )}
        </div>
        <div className={styles.tools}>{tools}</div>
      </form>
    </Panel>
  )
}

function RegistryOption({ registries, id }: { registries: readonly RegistryEntry[]; id: string }) {
  const entry = registries.find((registry) => registry.id === id)
  if (entry === undefined) return undefined
  return (
    <span className={styles.option}>
      <span>
        {entry.name} {entry.demo && <DemoBadge />}
      </span>
      <span className={styles.address}>{registryHost(entry.url)}</span>
    </span>
  )
}

function DemoBadge() {
  const { t } = useTranslation()
  return <StatusBadge tone="accent">{t('demo')}</StatusBadge>
}
