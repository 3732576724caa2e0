import { useTranslation } from 'react-i18next'
import type { Exchange } from '../../shared/model/exchange.ts'
import { formatDuration } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import { Timeline } from '../parts/timeline.tsx'
import type { Upload } from '../state/uploads.ts'
import { exchangeEntries, extentOf } from './exchange-entries.ts'
import styles from './upload-timeline.module.css'

/** The real requests of an upload as they end, and what auto changed on the way. */
export function UploadTimeline({ upload }: { upload: Upload }) {
  const { t, i18n } = useTranslation('publish')
  const time = (milliseconds: number) => formatDuration(milliseconds, i18n.language)
  const entries = exchangeEntries(upload.exchanges)
  const { fallback } = upload
  return (
    <Panel
      title={t('timeline.title')}
      note={
        entries.length === 0
          ? undefined
          : t('timeline.note', { count: entries.length, time: time(extentOf(entries)) })
      }
    >
      {entries.length === 0 ? (
        <p className={styles.empty}>{t('timeline.empty')}</p>
      ) : (
        <Timeline
          label={t('timeline.label')}
          entries={entries.map(({ exchange, start, duration, tone }) => ({
            id: exchange.id,
            title: t(`timeline.phase.${phaseKey(exchange)}`, { method: exchange.method }),
            start,
            duration,
            tone,
            text:
              exchange.status === undefined
                ? t('timeline.noAnswer', { time: time(duration) })
                : t('timeline.answered', { status: exchange.status, time: time(duration) }),
          }))}
        />
      )}
      {fallback !== undefined && (
        <p className={styles.fallback} role="status">
          {t('fallback', {
            from: t(`mode.${fallback.from}`),
            to: t(`mode.${fallback.to}`),
            because: fallback.because,
          })}
        </p>
      )}
    </Panel>
  )
}

const namedPhases = [
  'ping',
  'token',
  'blob',
  'upload-session',
  'upload-body',
  'upload-commit',
  'manifest-put',
  'manifest',
  'verify',
] as const

function phaseKey(exchange: Exchange): (typeof namedPhases)[number] | 'other' {
  return namedPhases.find((phase) => phase === exchange.phase) ?? 'other'
}
