import { useTranslation } from 'react-i18next'
import type { AgentDetail } from '../../../shared/model/mirror-detail.ts'
import { formatBytes, formatCount } from '../../parts/format.ts'
import { totalsOf } from '../node-rows.ts'
import { NodeLatency } from './node-latency.tsx'
import { NumberRow, NumberRows } from './number-rows.tsx'

/** Codes and methods listed at most. */
const shownCodes = 60

/** What a node counted over the window of its detail. A 404 is normal and a 5xx is a fault: they are never added up. */
export function NodeCounts({ detail }: { detail: AgentDetail }) {
  const { t, i18n } = useTranslation('drawer')
  const { reading, answers, bytes, servedToOthers, readiness } = detail
  const totals = reading.counts && totalsOf(reading.counts)
  const classes = reading.answers
  const count = (value: number | undefined) =>
    value === undefined ? t('noData') : formatCount(Math.round(value), i18n.language)
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent', maximumFractionDigits: 1 })
  return (
    <>
      <NumberRows>
        <NumberRow
          name={t('counts.hits')}
          note={
            totals?.ratio === undefined
              ? undefined
              : t('counts.of', { requests: count(totals.requests), ratio: percent.format(totals.ratio) })
          }
        >
          {count(totals?.hits)}
        </NumberRow>
        <NumberRow name={t('counts.misses')} note={t('counts.upstream')}>
          {count(totals?.misses)}
        </NumberRow>
        <NumberRow
          name={t('counts.ok')}
          {...(answers.length > 0 && {
            more: { summary: t('counts.byCode'), content: <ByCode answers={answers} /> },
          })}
        >
          {count(classes?.ok)}
        </NumberRow>
        <NumberRow name={t('counts.notFound')} note={t('counts.normal')}>
          {count(classes?.notFound)}
        </NumberRow>
        <NumberRow
          name={t('counts.serverFaults')}
          {...((classes?.serverFaults ?? 0) > 0 && { note: t('counts.fault'), tone: 'bad' as const })}
        >
          {count(classes?.serverFaults)}
        </NumberRow>
        {classes !== undefined && classes.other > 0 && (
          <NumberRow name={t('counts.other')}>{count(classes.other)}</NumberRow>
        )}
        <NumberRow name={t('counts.bytes')} note={t('counts.bytesNote')}>
          {bytes === undefined ? t('noData') : formatBytes(bytes, i18n.language)}
        </NumberRow>
        <NumberRow
          name={t('counts.served')}
          more={{ summary: t('counts.servedHow'), content: <p>{t('counts.servedDerived')}</p> }}
        >
          {servedToOthers === undefined
            ? t('noData')
            : t('counts.about', { n: formatCount(Math.round(servedToOthers), i18n.language) })}
        </NumberRow>
        {readiness !== undefined && (
          <NumberRow
            name={t('counts.readiness')}
            note={t('counts.notReady', { n: count(readiness.notReady) })}
            tone={readiness.notReady > 0 ? 'warn' : undefined}
          >
            {count(readiness.ready)}
          </NumberRow>
        )}
      </NumberRows>
      <NodeLatency detail={detail} />
    </>
  )
}

/** Every code and method that was answered with. */
function ByCode({ answers }: { answers: AgentDetail['answers'] }) {
  const { i18n } = useTranslation('drawer')
  const sorted = answers.toSorted((a, b) => a.code.localeCompare(b.code) || a.method.localeCompare(b.method))
  return (
    <ul>
      {sorted.slice(0, shownCodes).map(({ code, method, count }) => (
        <li key={`${code} ${method}`}>
          <span className="mono">{`${code} ${method}`}</span>
          <span>{formatCount(Math.round(count), i18n.language)}</span>
        </li>
      ))}
    </ul>
  )
}
