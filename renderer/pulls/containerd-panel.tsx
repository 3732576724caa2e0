import { useTranslation } from 'react-i18next'
import type { ContainerdVersion, PullVerdict } from '../../shared/model/pull.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { Panel } from '../parts/panel.tsx'
import styles from './containerd-panel.module.css'

/** The message containerd would print, as a prediction with the rule it follows. */
export function ContainerdPanel({ verdict, version }: { verdict: PullVerdict; version: ContainerdVersion }) {
  const { t } = useTranslation('pulls')
  const { containerd } = verdict
  const works = verdict.kind === 'pull-works' || verdict.kind === 'pull-works-with-faults'
  return (
    <Panel
      title={t('containerd.title', { version })}
      actions={
        containerd !== undefined && <CopyButton value={containerd.message} what={t('containerd.copy')} />
      }
    >
      {containerd === undefined ? (
        <p className={styles.rule}>{t(works ? 'containerd.works' : 'containerd.unknown')}</p>
      ) : (
        <>
          <pre className={styles.message}>{containerd.message}</pre>
          <p className={styles.rule}>
            {t('containerd.rule', { rule: t(`containerd.rules.${containerd.rule}`) })}{' '}
            {containerd.host !== '' && t('containerd.from', { host: containerd.host })}
          </p>
        </>
      )}
    </Panel>
  )
}
