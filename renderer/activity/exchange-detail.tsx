import { CloseButton } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Exchange } from '../../shared/model/exchange.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { Fact, Facts } from '../parts/facts.tsx'
import { formatBytes, formatDuration } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import { StatusBadge } from '../parts/status-badge.tsx'
import { goTo } from '../state/route.ts'
import styles from './exchange-detail.module.css'
import { toneOf } from './exchange-table.tsx'

/** One exchange in full, as it was kept: redacted. */
export function ExchangeDetail({ exchange }: { exchange: Exchange | undefined }) {
  const { t } = useTranslation(['activity', 'common'])
  const close = () => goTo('activity')
  return (
    <Panel
      className={styles.detail ?? ''}
      title={t('detail')}
      aria-label={t('detail')}
      actions={<CloseButton size="sm" aria-label={t('common:close')} onClick={close} />}
      onKeyDown={(event) => {
        if (event.key === 'Escape') close()
      }}
    >
      {exchange === undefined ? <p className="note">{t('gone')}</p> : <Known exchange={exchange} />}
    </Panel>
  )
}

function Known({ exchange }: { exchange: Exchange }) {
  const { t, i18n } = useTranslation(['activity', 'failure', 'common'])
  const time = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'short', timeStyle: 'medium' })
  return (
    <>
      <div className={styles.request}>
        <code className="mono">
          <strong>{exchange.method}</strong> {exchange.url}
        </code>
        <CopyButton value={exchange.url} what={t('address')} />
      </div>
      <Facts>
        <Fact name={t('status')}>
          <StatusBadge tone={toneOf(exchange)}>{exchange.status ?? t('noAnswer')}</StatusBadge>
        </Fact>
        <Fact name={t('answeredBy')}>
          {t(`failure:answeredBy.${exchange.answeredBy}`)}{' '}
          {exchange.demo && <StatusBadge>{t('common:demo')}</StatusBadge>}
        </Fact>
        {exchange.failure !== undefined && (
          <Fact name={t('failure')}>
            {t(`failure:kinds.${exchange.failure}.title`)}
            <span className="note"> {t(`failure:kinds.${exchange.failure}.meaning`)}</span>
          </Fact>
        )}
        <Fact name={t('step')} mono>
          {exchange.phase}
        </Fact>
        <Fact name={t('started')}>{time.format(exchange.startedAt)}</Fact>
        {exchange.duration !== undefined && (
          <Fact name={t('duration')}>{formatDuration(exchange.duration, i18n.language)}</Fact>
        )}
        <Fact name={t('sent')}>{formatBytes(exchange.bytesSent, i18n.language)}</Fact>
        <Fact name={t('received')}>{formatBytes(exchange.bytesReceived, i18n.language)}</Fact>
      </Facts>
      <Headers title={t('requestHeaders')} headers={exchange.requestHeaders} />
      <Headers title={t('responseHeaders')} headers={exchange.responseHeaders} />
    </>
  )
}

function Headers({ title, headers }: { title: string; headers: Exchange['requestHeaders'] }) {
  const { t } = useTranslation('activity')
  const entries = Object.entries(headers)
  return (
    <>
      <h3 className={styles.subtitle}>{title}</h3>
      {entries.length === 0 && <p className="note">{t('noHeaders')}</p>}
      <dl className={`mono ${styles.headers}`}>
        {entries.map(([name, value]) => (
          <div key={name}>
            <dt>{name}:</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  )
}
