import { useTranslation } from 'react-i18next'
import type { PullAttempt } from '../../shared/model/pull.ts'
import { FailurePanel } from '../parts/failure-panel.tsx'
import { Panel } from '../parts/panel.tsx'
import styles from './evidence-panel.module.css'

/** What was observed at one hop, and who it shows to have answered. */
export function EvidencePanel({ attempt, number }: { attempt: PullAttempt | undefined; number: number }) {
  const { t } = useTranslation(['pulls', 'failure'])
  if (attempt === undefined) {
    return (
      <Panel title={t('evidence.title')}>
        <p className={styles.none}>{t('evidence.none')}</p>
      </Panel>
    )
  }
  const caption = t('caption', { method: attempt.method, step: t(`step.${attempt.step}`) })
  return (
    <Panel title={t('evidence.title')} note={t('evidence.of', { number, caption, host: attempt.host })}>
      {attempt.failure === undefined ? (
        <dl className={styles.facts}>
          <dt>{t('evidence.outcome')}</dt>
          <dd>{t(`outcome.${attempt.outcome}`)}</dd>
          <dt>{t('evidence.status')}</dt>
          <dd className="mono">{attempt.status ?? t('attempts.noStatus')}</dd>
          <dt>{t('evidence.answeredBy')}</dt>
          <dd>{t(`failure:answeredBy.${attempt.answeredBy}`)}</dd>
        </dl>
      ) : (
        <FailurePanel failure={attempt.failure} />
      )}
      <p className={styles.url}>
        {attempt.method} {attempt.url}
      </p>
    </Panel>
  )
}
