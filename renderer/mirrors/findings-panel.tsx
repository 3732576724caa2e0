import { useTranslation } from 'react-i18next'
import type { AgentReading } from '../../shared/model/mirror.ts'
import { formatCount } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import { shortAddress } from './addresses.ts'
import { findingsOf } from './findings.ts'
import styles from './findings-panel.module.css'

/** What stands out over all agents, the serious first, with what it means. */
export function FindingsPanel({ readings }: { readings: readonly AgentReading[] }) {
  const { t, i18n } = useTranslation('mirrors')
  const findings = readings
    .flatMap(findingsOf)
    .sort((a, b) => Number(a.severity === 'warn') - Number(b.severity === 'warn'))
  return (
    <Panel
      className={styles.panel}
      // it scrolls where there are many findings, so the keyboard has to reach it
      tabIndex={0}
      aria-label={t('finding.title')}
      title={t('finding.title')}
      note={findings.length === 0 ? undefined : findings.length}
    >
      {findings.length === 0 ? (
        <p className={styles.none}>{t('finding.none')}</p>
      ) : (
        <ul className={styles.list}>
          {findings.map((finding) => (
            <li
              key={`${finding.agent} ${finding.kind}`}
              data-severity={finding.severity}
              className={styles.finding}
            >
              <p className={styles.title}>
                <span className={styles.agent}>{shortAddress(finding.agent)}</span>{' '}
                {t(`finding.long.${finding.kind}`)}
              </p>
              <p className={styles.meaning}>
                {t(`finding.meaning.${finding.kind}`, { count: formatCount(finding.count, i18n.language) })}
              </p>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
