import { UnstyledButton } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { PullAttempt } from '../../shared/model/pull.ts'
import { formatDuration } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import styles from './attempts-table.module.css'

const columns = ['number', 'host', 'step', 'status', 'outcome', 'answeredBy', 'duration'] as const

/** The waterfall's requests as rows; choosing one shows its evidence. */
export function AttemptsTable({
  attempts,
  current,
  onChoose,
}: {
  attempts: readonly PullAttempt[]
  current: number
  onChoose: (index: number) => void
}) {
  const { t, i18n } = useTranslation(['pulls', 'failure'])
  return (
    <Panel flush title={t('attempts.title')}>
      <div className={styles.frame} tabIndex={0} role="region" aria-label={t('attempts.title')}>
        <table className={styles.table} aria-label={t('attempts.label')}>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col" data-column={column}>
                  {t(`attempts.${column}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {attempts.map((attempt, index) => (
              <tr
                key={`${attempt.start} ${attempt.host} ${attempt.step}`}
                aria-current={index === current}
                data-outcome={attempt.outcome}
              >
                <td data-column="number">
                  <UnstyledButton
                    className={styles.choose}
                    aria-label={t('attempts.evidence', { number: index + 1 })}
                    onClick={() => onChoose(index)}
                  >
                    {index + 1}
                  </UnstyledButton>
                </td>
                <th scope="row" className="mono" title={attempt.host}>
                  {attempt.host}
                </th>
                <td>{t('caption', { method: attempt.method, step: t(`step.${attempt.step}`) })}</td>
                <td data-column="status">{attempt.status ?? t('attempts.noStatus')}</td>
                <td className={styles.outcome}>{t(`outcome.${attempt.outcome}`)}</td>
                <td>{t(`failure:answeredBy.${attempt.answeredBy}`)}</td>
                <td data-column="duration">{formatDuration(attempt.duration, i18n.language)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  )
}
