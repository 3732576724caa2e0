import { CloseButton } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { FailurePanel } from '../parts/failure-panel.tsx'
import { Panel } from '../parts/panel.tsx'
import type { NodeRow } from './node-rows.ts'
import styles from './selected-agent.module.css'

/** The chosen node: where its numbers come from, and why there are none. */
export function SelectedAgent({ row, onClose }: { row: NodeRow; onClose: () => void }) {
  const { t } = useTranslation(['mirrors', 'common'])
  const { reading, finding } = row
  return (
    <Panel
      className={styles.panel}
      // it scrolls where the Failure is long, so the keyboard has to reach it
      tabIndex={0}
      aria-label={reading.name}
      title={<span className={styles.name}>{reading.name}</span>}
      actions={<CloseButton size="sm" aria-label={t('common:close')} onClick={onClose} />}
    >
      <p className={styles.facts}>
        {[row.sourceName, reading.zone, reading.pool, reading.address]
          .filter((fact) => fact !== undefined)
          .join(' · ')}
      </p>
      {finding !== undefined && <p className={styles.finding}>{t(`mark.${finding.rule}`)}</p>}
      {reading.failure !== undefined && <FailurePanel failure={reading.failure} />}
    </Panel>
  )
}
