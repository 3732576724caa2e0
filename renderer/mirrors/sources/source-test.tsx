import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { SourceState } from '../../../shared/model/mirror-source.ts'
import { FailurePanel } from '../../parts/failure-panel.tsx'
import { formatCount, formatDuration } from '../../parts/format.ts'
import { clusterHealth } from '../../state/clusters.ts'
import styles from './source-test.module.css'

/** What one round over a source gave, in place. */
export function SourceTest({ state }: { state: SourceState }) {
  const { t, i18n } = useTranslation('sources')
  const { failure, agents, answering, took = 0, warnings = [], way } = state
  if (state.state === 'failing' && failure !== undefined) return <FailurePanel failure={failure} />
  const good = clusterHealth(state) === 'ok'
  const count = (value: number) => formatCount(value, i18n.language)
  return (
    <div className={styles.result} role="status" data-good={good || undefined}>
      {good ? (
        <IconCircleCheck size={18} stroke={1.8} aria-hidden />
      ) : (
        <IconAlertTriangle size={18} stroke={1.8} aria-hidden />
      )}
      <div>
        <strong>
          {t('test.found', {
            count: agents,
            formatted: count(agents),
            answering: count(answering),
            time: formatDuration(took, i18n.language),
          })}
        </strong>
        <div className={styles.way}>{t(`way.${way}`)}</div>
        {warnings.map((warning) => (
          <p key={warning} className={styles.warning}>
            {warning}
          </p>
        ))}
      </div>
    </div>
  )
}
