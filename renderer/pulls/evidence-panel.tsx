import { useTranslation } from 'react-i18next'
import type { PullAttempt } from '../../shared/model/pull.ts'
import { Fact, Facts } from '../parts/facts.tsx'
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
  const { failure } = attempt
  const caption = t('caption', { method: attempt.method, step: t(`step.${attempt.step}`) })
  const evidence = (failure?.evidence ?? []).filter(({ fact }) => fact !== 'status')
  const next = (failure?.next ?? []).filter((step) => step !== 'none-needed')
  return (
    <Panel title={t('evidence.title')} note={t('evidence.of', { number, caption, host: attempt.host })}>
      <Facts>
        <Fact name={t('failure:answeredBy.label')}>{t(`failure:answeredBy.${attempt.answeredBy}`)}</Fact>
        <Fact name={t('evidence.outcome')}>
          {failure === undefined ? t(`outcome.${attempt.outcome}`) : t(`failure:kinds.${failure.kind}.title`)}
        </Fact>
        <Fact name={t('evidence.status')} mono>
          {attempt.status ?? t('attempts.noStatus')}
        </Fact>
        {evidence.map(({ fact, value }) => (
          <Fact key={`${fact} ${value}`} name={t(`failure:facts.${fact}`)} mono>
            {value}
          </Fact>
        ))}
        {next.length > 0 && (
          <Fact name={t('evidence.next')}>{next.map((step) => t(`failure:next.${step}`)).join(' ')}</Fact>
        )}
        <Fact name={t('evidence.url')} mono>
          {attempt.method} {attempt.url}
        </Fact>
      </Facts>
    </Panel>
  )
}
