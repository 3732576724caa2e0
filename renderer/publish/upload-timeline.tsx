import { useTranslation } from 'react-i18next'
import type { Exchange } from '../../shared/model/exchange.ts'
import { type Strategy, strategyOf } from '../../shared/model/upload.ts'
import { formatDuration } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import { StatusBadge } from '../parts/status-badge.tsx'
import { Timeline } from '../parts/timeline.tsx'
import type { Upload } from '../state/uploads.ts'
import { blobOf, type ExchangeEntry, exchangeEntries, extentOf, shapeOf } from './exchange-entries.ts'
import styles from './upload-timeline.module.css'

/** The real requests of an upload as they end; what was refused, what was tried again, and what auto changed. */
export function UploadTimeline({ upload }: { upload: Upload }) {
  const { t, i18n } = useTranslation(['publish', 'path'])
  const time = (milliseconds: number) => formatDuration(milliseconds, i18n.language)
  const entries = exchangeEntries(upload.exchanges, upload.fallbacks)
  const tried = triedIn(upload)
  const digest = upload.chart?.digest ?? ''
  const recovered = upload.status === 'done' && entries.some(({ tone }) => tone === 'bad')

  const titleOf = ({ exchange, again, readsBack }: ExchangeEntry) => {
    const title = t(`timeline.phase.${readsBack ? 'verify' : phaseKey(exchange)}`, {
      method: exchange.method,
      what: t(`timeline.what.${blobOf(exchange, digest) ?? 'blob'}`),
      shape: t(`timeline.shape.${shapeOf(exchange, tried)}`),
    })
    return again ? t('timeline.again', { title }) : title
  }
  const textOf = ({ exchange: { status, answeredBy }, duration, tone }: ExchangeEntry) => {
    if (status === undefined) return t('timeline.noAnswer', { time: time(duration) })
    return tone === 'bad'
      ? t('timeline.refusedBy', { status, who: t(`path:by.${answeredBy}`), time: time(duration) })
      : t('timeline.answered', { status, time: time(duration) })
  }
  return (
    <Panel
      title={t('timeline.title')}
      note={
        entries.length === 0 ? undefined : (
          <>
            {t('timeline.note', { count: entries.length, time: time(extentOf(entries)) })}{' '}
            {recovered && <StatusBadge tone="ok">{t('timeline.recovered')}</StatusBadge>}
          </>
        )
      }
    >
      {entries.length === 0 ? (
        <p className={styles.empty}>{t('timeline.empty')}</p>
      ) : (
        <Timeline
          label={t('timeline.label')}
          entries={entries.map((entry) => ({
            id: entry.exchange.id,
            title: titleOf(entry),
            start: entry.start,
            duration: entry.duration,
            tone: entry.tone,
            text: textOf(entry),
            note:
              entry.fallback &&
              t('timeline.changed', {
                from: t(`mode.${entry.fallback.from}`),
                to: t(`mode.${entry.fallback.to}`),
              }),
          }))}
        />
      )}
    </Panel>
  )
}

/** The shapes an upload is known to have used. */
function triedIn({ target, step, fallbacks = [], result }: Upload): ReadonlySet<Strategy> {
  const mode = target?.mode ?? 'auto'
  const known = [
    mode === 'auto' ? undefined : strategyOf(mode),
    step?.strategy,
    ...fallbacks.flatMap(({ from, to }) => [from, to]),
    result?.strategy,
  ]
  return new Set(known.filter((strategy) => strategy !== undefined))
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
