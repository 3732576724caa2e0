import { Button, Modal, Select } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type PathCheckReport, pathCheckBytes, printBytes } from '../../shared/model/path-check.ts'
import { registryHost } from '../../shared/model/reference.ts'
import type { RegistryEntry } from '../../shared/model/registry.ts'
import type { Route, Strategy } from '../../shared/model/upload.ts'
import { download } from '../parts/download.ts'
import { FailurePanel } from '../parts/failure-panel.tsx'
import { usePathCheck } from '../state/path-check.ts'
import styles from './path-check-dialog.module.css'
import { PathCheckPicture } from './path-check-picture.tsx'
import { PathCheckVerdict } from './path-check-verdict.tsx'
import { cellsOf } from './path-grid.ts'

interface PathCheckDialogProps {
  registry: RegistryEntry
  /** Where the chart is to go: a right or a rule of the registry may hold for this repository alone. */
  repository: string | undefined
  onClose: () => void
  /** Keeps what was advised; `any` shape is good where no strategy is named. */
  onKeep: (advised: { strategy: Strategy | undefined; route: Route }) => void
}

/** Sends random blobs in every shape over every route and shows which arrive; closing it ends the check. */
export function PathCheckDialog({ registry, repository, onClose, onKeep }: PathCheckDialogProps) {
  const { t } = useTranslation('path')
  const { t: common } = useTranslation()
  const check = usePathCheck()
  const [largest, setLargest] = useState<number>(pathCheckBytes[pathCheckBytes.length - 1] ?? 0)
  const bytes = pathCheckBytes.filter((each) => each <= largest)
  const running = check.status === 'running'
  const host = registryHost(registry.url)
  const failed = check.results.filter(({ ok }) => !ok).length
  const all = cellsOf(bytes)
  const begin = () =>
    void check.start({
      registryId: registry.id,
      bytes,
      ...(repository !== undefined ? { repository } : {}),
    })
  return (
    <Modal
      opened
      onClose={onClose}
      size={1020}
      title={
        <span className={styles.title}>
          {t('title')} <span className={styles.host}>{host}</span>
        </span>
      }
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      <div className={styles.head}>
        <p className={styles.words} role="status">
          {check.status === 'idle'
            ? t('meaning', { most: printBytes(all.reduce((sum, cell) => sum + cell.bytes, 0)) })
            : t(`status.${check.status}`, {
                tried: check.results.length,
                all: all.length,
                passed: check.results.length - failed,
                failed,
              })}
        </p>
        <Select
          className={styles.largest}
          aria-label={t('largest')}
          disabled={running}
          allowDeselect={false}
          value={String(largest)}
          onChange={(value) => value !== null && setLargest(Number(value))}
          data={pathCheckBytes.map((each) => ({
            value: String(each),
            label: t('upTo', { bytes: printBytes(each) }),
          }))}
        />
        {running ? (
          <Button variant="default" onClick={check.cancel}>
            {common('cancel')}
          </Button>
        ) : (
          <Button data-autofocus variant={check.status === 'idle' ? 'filled' : 'default'} onClick={begin}>
            {t(check.status === 'idle' ? 'start' : 'again')}
          </Button>
        )}
      </div>
      {check.failure !== undefined && <FailurePanel failure={check.failure} onRetry={begin} />}
      {check.report !== undefined && <PathCheckVerdict report={check.report} onKeep={onKeep} />}
      <PathCheckPicture
        bytes={bytes}
        results={check.results}
        running={running}
        idle={check.status === 'idle'}
      />
      {check.report !== undefined && <Exports report={check.report} host={host} />}
    </Modal>
  )
}

function Exports({ report, host }: { report: PathCheckReport; host: string }) {
  const { t } = useTranslation('path')
  const { markdown, ...data } = report
  const name = `path-check-${host.replace(/[^a-zA-Z0-9.-]+/g, '-')}`
  const left = report.results.filter(({ leftBehind }) => leftBehind)
  return (
    <div className={styles.exports}>
      <p className={styles.words}>
        {left.length === 0
          ? t('tidy')
          : t('leftBehind', {
              count: left.length,
              bytes: printBytes(left.reduce((sum, cell) => sum + cell.bytes, 0)),
            })}
      </p>
      <Button
        variant="default"
        leftSection={<IconDownload size={15} />}
        onClick={() =>
          download(`${name}.json`, `${JSON.stringify(data, undefined, 2)}\n`, 'application/json')
        }
      >
        {t('json')}
      </Button>
      <Button
        variant="default"
        leftSection={<IconDownload size={15} />}
        onClick={() => download(`${name}.md`, markdown, 'text/markdown')}
      >
        {t('markdown')}
      </Button>
    </div>
  )
}
