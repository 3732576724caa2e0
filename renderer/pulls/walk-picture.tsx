import { useTranslation } from 'react-i18next'
import type { PullAttempt } from '../../shared/model/pull.ts'
import { formatDuration } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import { Waterfall } from '../parts/waterfall.tsx'
import { type AttemptWords, barsOf, lanesOf } from './attempts.ts'
import styles from './walk-picture.module.css'

/** The walk as a waterfall: a lane per host, time to the right. */
export function WalkPicture({
  attempts,
  demoHosts,
}: {
  attempts: readonly PullAttempt[]
  demoHosts: ReadonlySet<string>
}) {
  const { t, i18n } = useTranslation('pulls')
  const time = (milliseconds: number) => formatDuration(milliseconds, i18n.language)
  const words: AttemptWords = {
    role: ({ role, host }) =>
      demoHosts.has(host) ? t('roleDemo', { role: t(`role.${role}`) }) : t(`role.${role}`),
    caption: ({ method, step }) => t('caption', { method, step: t(`step.${step}`) }),
    noStatus: '–',
  }
  const extent = Math.max(0, ...attempts.map(({ start, duration }) => start + duration))
  return (
    <Panel
      title={t('waterfall.title')}
      note={
        attempts.length === 0
          ? undefined
          : t('waterfall.note', { count: attempts.length, time: time(extent) })
      }
      actions={
        <span className={styles.legend}>
          {(['quiet', 'good', 'bad'] as const).map((tone) => (
            <span key={tone} data-tone={tone}>
              {t(`legend.${tone}`)}
            </span>
          ))}
        </span>
      }
    >
      {attempts.length === 0 ? (
        <p className={styles.waiting} role="status">
          {t('waterfall.waiting')}
        </p>
      ) : (
        <Waterfall
          label={t('waterfall.label')}
          lanes={lanesOf(attempts, words)}
          bars={barsOf(attempts, words)}
          formatTick={time}
        />
      )}
    </Panel>
  )
}
