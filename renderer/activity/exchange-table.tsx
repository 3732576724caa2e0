import { useTranslation } from 'react-i18next'
import type { Exchange } from '../../shared/model/exchange.ts'
import { formatBytes, formatDuration } from '../parts/format.ts'
import { StatusBadge, type Tone } from '../parts/status-badge.tsx'
import { VirtualRows } from '../parts/virtual-rows.tsx'
import { hrefOf } from '../state/route.ts'
import styles from './exchange-table.module.css'

interface ExchangeTableProps {
  exchanges: readonly Exchange[]
  selected: string | undefined
  /** Beside an open exchange there is room for what identifies a row, no more. */
  narrow: boolean
}

/** Exchanges as lines; only what is seen is drawn. */
export function ExchangeTable({ exchanges, selected, narrow }: ExchangeTableProps) {
  const { t } = useTranslation('activity')
  const columns = `${styles.columns} ${narrow ? styles.narrow : ''}`
  return (
    <div role="table" className={styles.table} aria-label={t('table')} aria-rowcount={exchanges.length + 1}>
      <div role="rowgroup">
        <div role="row" aria-rowindex={1} className={`${columns} ${styles.head}`}>
          <span role="columnheader">{t('time')}</span>
          <span role="columnheader">{t('method')}</span>
          <span role="columnheader">{t('status')}</span>
          <span role="columnheader">{t('address')}</span>
          {!narrow && (
            <>
              <span role="columnheader">{t('answeredBy')}</span>
              <span role="columnheader" className={styles.number}>
                {t('bytes')}
              </span>
              <span role="columnheader" className={styles.number}>
                {t('duration')}
              </span>
            </>
          )}
        </div>
      </div>
      <VirtualRows
        role="rowgroup"
        className={styles.rows ?? ''}
        count={exchanges.length}
        rowHeight={30}
        keyOf={(index) => exchanges[index]?.id ?? String(index)}
        start={-1}
        renderRow={(index, tabIndex) => {
          const exchange = exchanges[index]
          if (exchange === undefined) return null
          return (
            <div
              role="row"
              aria-rowindex={index + 2}
              data-selected={exchange.id === selected}
              className={`${columns} ${styles.row}`}
            >
              <ExchangeCells exchange={exchange} tabIndex={tabIndex} narrow={narrow} />
            </div>
          )
        }}
      />
    </div>
  )
}

function ExchangeCells(props: { exchange: Exchange; tabIndex: 0 | -1; narrow: boolean }) {
  const { exchange, tabIndex, narrow } = props
  const { t, i18n } = useTranslation(['activity', 'failure', 'common'])
  const time = new Intl.DateTimeFormat(i18n.language, { timeStyle: 'medium', hour12: false })
  return (
    <>
      <span role="cell">{time.format(exchange.startedAt)}</span>
      <span role="cell" className="mono">
        {exchange.method}
      </span>
      <span role="cell">
        <StatusBadge tone={toneOf(exchange)}>
          {exchange.status ?? t(exchange.duration === undefined ? 'running' : 'noAnswer')}
        </StatusBadge>
      </span>
      <span role="cell" className={styles.address}>
        <a
          className="mono"
          href={hrefOf('activity', exchange.id)}
          tabIndex={tabIndex}
          data-row-focus
          title={exchange.url}
        >
          {exchange.url.replace(/^https?:\/\//, '')}
        </a>
      </span>
      {!narrow && (
        <>
          <span role="cell" className={styles.answerer}>
            {exchange.demo && <StatusBadge>{t('common:demo')}</StatusBadge>}{' '}
            {t(`failure:answeredBy.${exchange.answeredBy}`)}
          </span>
          <span role="cell" className={styles.number}>
            {formatBytes(exchange.bytesSent, i18n.language)} /{' '}
            {formatBytes(exchange.bytesReceived, i18n.language)}
          </span>
          <span role="cell" className={styles.number}>
            {exchange.duration === undefined ? '' : formatDuration(exchange.duration, i18n.language)}
          </span>
        </>
      )}
    </>
  )
}

/** An ordinary 404 and a challenge are answers, not faults: only what was judged a failure is coloured. */
export function toneOf(exchange: Exchange): Tone {
  if (exchange.failure === 'not-here') return 'neutral'
  // "not here" and "I am broken" never look the same
  if (exchange.failure === 'not-found') return 'warn'
  if (exchange.failure !== undefined) return 'bad'
  if (exchange.status === undefined) return 'neutral'
  return exchange.status < 400 ? 'ok' : 'neutral'
}
