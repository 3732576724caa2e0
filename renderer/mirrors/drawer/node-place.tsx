import { useTranslation } from 'react-i18next'
import type { AgentDetail } from '../../../shared/model/mirror-detail.ts'
import type { AgentReading } from '../../../shared/model/mirror.ts'
import { formatSpan } from '../../parts/format.ts'
import styles from './node-place.module.css'

/** Where a node is, which Spegel it runs and how that is known, and since when. */
export function NodePlace({
  reading,
  sourceName,
  detail,
  at,
}: {
  reading: AgentReading
  sourceName: string
  detail: AgentDetail | undefined
  /** Of the view, ms since 1970. */
  at: number
}) {
  const { t, i18n } = useTranslation('drawer')
  const { zone, pool, pod, runtime, startedAt, restarts } = reading
  const facts = [
    sourceName,
    ...(zone === undefined ? [] : [t('place.zone', { zone })]),
    ...(pool === undefined ? [] : [t('place.pool', { pool })]),
    ...(startedAt === undefined ? [] : [t('place.up', { span: formatSpan(at - startedAt, i18n.language) })]),
    ...(restarts === 0 ? [] : [t('place.restarts', { count: restarts })]),
  ]
  return (
    <div className={styles.place}>
      <p>{facts.join(' · ')}</p>
      <Version version={detail?.version} />
      {[runtime, pod, reading.address].map(
        (fact, index) =>
          fact !== undefined && (
            <p key={index} className="mono">
              {fact}
            </p>
          ),
      )}
    </div>
  )
}

/** The version with what tells it: evidence, opened on request. */
function Version({ version }: { version: AgentDetail['version'] | undefined }) {
  const { t } = useTranslation('drawer')
  if (version === undefined) return <p aria-busy>{t('version.waiting')}</p>
  const { range, from, evidence } = version
  const words =
    range === undefined
      ? t('version.unknown')
      : t(from === 'image' ? 'version.image' : 'version.families', { range: range.replace(' to ', '–') })
  if (evidence.length === 0) return <p>{words}</p>
  return (
    <details className={styles.version}>
      <summary>{words}</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('version.seen')}</th>
            <th scope="col">{t('version.means')}</th>
          </tr>
        </thead>
        <tbody>
          {evidence.map(({ seen, means }) => (
            <tr key={seen}>
              <td className="mono">{seen}</td>
              <td>{means}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}
