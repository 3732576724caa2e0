import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { ContentMap } from '../../../shared/model/content-map.ts'
import { formatBytes, formatCount, shortDigest } from '../../parts/format.ts'
import { countNodes } from './content-order.ts'
import styles from './content-summary.module.css'

/** The matrix in a few sentences: what it is about, who has it, what only upstream has, who disagrees. */
export function ContentSummary({ map }: { map: ContentMap }) {
  const { t, i18n } = useTranslation('content')
  const count = (value: number) => formatCount(value, i18n.language)
  const nodes = countNodes(map)
  const total = map.items.reduce((sum, { bytes = 0 }) => sum + bytes, 0)
  const time = new Intl.DateTimeFormat(i18n.language, { timeStyle: 'medium', hourCycle: 'h23' }).format(
    map.at,
  )
  return (
    <div className={styles.summary}>
      <p className={styles.about}>
        <span className={styles.mono}>{map.reference}</span>
        <span className={styles.second}>
          {t('summary.about', {
            digest: shortDigest(map.digest),
            parts: count(map.items.length),
            bytes: formatBytes(total, i18n.language),
            from: map.manifestFrom,
            time,
          })}
        </span>
      </p>
      <p className={styles.counts}>
        {(['all', 'some', 'none', 'silent'] as const).map(
          (kind) =>
            nodes[kind] > 0 && (
              <span key={kind} data-kind={kind}>
                {t(`summary.${kind}`, { count: nodes[kind], formatted: count(nodes[kind]) })}
              </span>
            ),
        )}
        {map.upstreamOnly.length > 0 && (
          <span data-kind="upstream">
            {t('summary.upstreamOnly', {
              count: map.upstreamOnly.length,
              formatted: count(map.upstreamOnly.length),
            })}
          </span>
        )}
      </p>
      {map.tagsDiffer && (
        <p className={styles.hint} data-severity="warn">
          <IconAlertTriangle size={14} aria-hidden />
          {t('summary.tagsDiffer')}
        </p>
      )}
      {map.upstream.failure !== undefined && (
        <p className={styles.hint}>
          <IconInfoCircle size={14} aria-hidden />
          {t('summary.upstreamSilent', { host: map.upstream.host, why: map.upstream.failure.message })}
        </p>
      )}
    </div>
  )
}
