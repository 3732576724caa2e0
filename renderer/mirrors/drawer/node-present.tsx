import { useTranslation } from 'react-i18next'
import type { AgentDetail } from '../../../shared/model/mirror-detail.ts'
import { CopyButton } from '../../parts/copy-button.tsx'
import { formatAgo, formatCount } from '../../parts/format.ts'
import { NumberRow, NumberRows } from './number-rows.tsx'
import styles from './node-present.module.css'

/** Registries listed of one gauge at most. */
const shownRegistries = 100

/** How a node stands, as it was read last: gauges, not counts of the window. */
export function NodePresent({
  detail,
  at,
  others,
}: {
  detail: AgentDetail
  /** Of the view, ms since 1970. */
  at: number
  /** Other agents of its source. */
  others: number
}) {
  const { t, i18n } = useTranslation('drawer')
  const { peers, peerId, advertised, reading } = detail
  const { lastSuccessAt, startedAt, images } = reading
  const count = (value: number) => formatCount(value, i18n.language)
  const date = new Intl.DateTimeFormat(i18n.language, {
    dateStyle: 'medium',
    timeStyle: 'medium',
    hourCycle: 'h23',
  })
  return (
    <NumberRows>
      <NumberRow
        name={t('present.peers')}
        note={t('present.others', { count: others, formatted: count(others) })}
        tone={peers === 0 && others > 0 ? 'warn' : undefined}
      >
        {peers === undefined ? t('notTold') : count(peers)}
      </NumberRow>
      <NumberRow name={t('present.lastSuccess')}>
        {lastSuccessAt === undefined ? (
          t('present.notBefore04')
        ) : lastSuccessAt === 0 ? (
          t('present.never')
        ) : (
          <time dateTime={new Date(lastSuccessAt).toISOString()} title={date.format(lastSuccessAt)}>
            {formatAgo(at - lastSuccessAt, i18n.language)}
          </time>
        )}
      </NumberRow>
      <NumberRow name={t('present.started')}>
        {startedAt === undefined ? t('notTold') : date.format(startedAt)}
      </NumberRow>
      {images !== undefined && <NumberRow name={t('present.images')}>{count(images)}</NumberRow>}
      <Advertised advertised={advertised} />
      {peerId !== undefined && (
        <NumberRow name={t('present.peerId')} note={<CopyButton value={peerId} what={t('present.peerId')} />}>
          <span className={`mono ${styles.id}`}>{peerId}</span>
        </NumberRow>
      )}
    </NumberRows>
  )
}

/** Every gauge summed over registries, and by registry on request. */
function Advertised({ advertised }: { advertised: AgentDetail['advertised'] }) {
  const { t, i18n } = useTranslation('drawer')
  if (advertised.length === 0) {
    return <NumberRow name={t('present.advertised')}>{t('present.noneAdvertised')}</NumberRow>
  }
  return [...Map.groupBy(advertised, ({ what }) => what)].map(([what, gauges]) => (
    <NumberRow
      key={what}
      name={t('present.advertisedOf', { what: what.replaceAll('_', ' ') })}
      more={{
        summary: t('present.byRegistry'),
        content: (
          <ul>
            {gauges
              .toSorted((a, b) => b.count - a.count)
              .slice(0, shownRegistries)
              .map(({ registry, count }) => (
                <li key={registry}>
                  <span className="mono">{registry === '' ? t('present.noName') : registry}</span>
                  <span>{formatCount(count, i18n.language)}</span>
                </li>
              ))}
          </ul>
        ),
      }}
    >
      {formatCount(
        gauges.reduce((sum, { count }) => sum + count, 0),
        i18n.language,
      )}
    </NumberRow>
  ))
}
