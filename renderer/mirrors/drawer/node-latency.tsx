import { useTranslation } from 'react-i18next'
import type { AgentDetail, Percentiles } from '../../../shared/model/mirror-detail.ts'
import { formatCount } from '../../parts/format.ts'
import styles from './node-latency.module.css'

/** A lookup that takes this part of its time limit is said to be at it. */
const nearLimit = 0.9

/** How long answers took, with content and 404s apart, and lookups that found a peer. */
export function NodeLatency({ detail }: { detail: AgentDetail }) {
  const { t, i18n } = useTranslation('drawer')
  const { latency, resolve, reading } = detail
  const limit = reading.resolveTimeout
  const atLimit = resolve !== undefined && limit !== undefined && resolve.p95 * 1000 >= limit * nearLimit
  return (
    <table className={styles.table}>
      <caption>{t('latency.title')}</caption>
      <thead>
        <tr>
          <td />
          <th scope="col">p50</th>
          <th scope="col">p95</th>
          <th scope="col">p99</th>
        </tr>
      </thead>
      <tbody>
        <Row name={t('latency.served')} of={latency.served} />
        <Row name={t('latency.notFound')} of={latency.notFound} />
        <Row name={t('latency.resolve')} of={resolve} />
      </tbody>
      <tfoot>
        <tr>
          <td colSpan={4}>
            {limit !== undefined && (
              <strong data-at-limit={atLimit || undefined}>
                {t(atLimit ? 'latency.atTimeout' : 'latency.timeout', {
                  limit: formatCount(limit, i18n.language),
                })}{' '}
              </strong>
            )}
            {t('latency.found')}
          </td>
        </tr>
      </tfoot>
    </table>
  )
}

function Row({ name, of }: { name: string; of: Percentiles | undefined }) {
  const { t, i18n } = useTranslation('drawer')
  return (
    <tr>
      <th scope="row">
        {name}
        {of !== undefined && (
          <span>
            {t(of.atLimit ? 'latency.ofAtLimit' : 'latency.of', {
              count: of.count,
              formatted: formatCount(Math.round(of.count), i18n.language),
            })}
          </span>
        )}
      </th>
      {of === undefined ? (
        <td colSpan={3}>{t('latency.none')}</td>
      ) : (
        [of.p50, of.p95, of.p99].map((seconds, index) => (
          <td key={index}>{shortTime(seconds, i18n.language)}</td>
        ))
      )}
    </tr>
  )
}

/** Seconds with three digits at most: `0.4 ms`, `20 ms`, `1.2 sec`. */
function shortTime(seconds: number, language: string): string {
  const inSeconds = seconds >= 0.9995
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: inSeconds ? 'second' : 'millisecond',
    unitDisplay: 'short',
    maximumSignificantDigits: 3,
  }).format(inSeconds ? seconds : seconds * 1000)
}
