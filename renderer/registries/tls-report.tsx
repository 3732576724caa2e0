import { useTranslation } from 'react-i18next'
import type { TlsReport } from '../../shared/model/registry.ts'
import { Fact, Facts } from '../parts/facts.tsx'
import { StatusMark } from '../parts/status-mark.tsx'
import styles from './tls-report.module.css'

/** What a handshake showed: whether it verifies, what is wrong, and the chain as it was sent. */
export function TlsReportView({ report }: { report: TlsReport }) {
  const { t } = useTranslation('tls')
  const { host, trusted, trustedBy, problems, protocol, cipher, code, chain, unread } = report
  const tone = trusted ? (problems.length === 0 ? 'ok' : 'warn') : 'bad'
  const place = (from: string) => (from === 'system' || from === 'entry' ? t(`report.${from}`) : from)
  return (
    <section className={styles.report} aria-label={t('report.label', { host })}>
      <p className={styles.verdict} role="status">
        <StatusMark tone={tone} />
        <strong>{t(trusted ? 'report.trusted' : 'report.untrusted')}</strong>
      </p>
      {problems.length > 0 && (
        <ul className={styles.problems}>
          {problems.map((problem) => (
            <li key={problem}>{t(`problems.${problem}`)}</li>
          ))}
        </ul>
      )}
      <Facts>
        {trustedBy.length > 0 && <Fact name={t('report.trustedBy')}>{trustedBy.map(place).join(', ')}</Fact>}
        <Fact name={t('report.spoken')} mono>
          {[protocol, cipher].filter((part) => part !== '').join(' · ')}
        </Fact>
        {code !== undefined && (
          <Fact name={t('report.code')} mono>
            {code}
          </Fact>
        )}
        {unread.length > 0 && (
          <Fact name={t('report.unread')} mono>
            {unread.join(', ')}
          </Fact>
        )}
      </Facts>
      <h3 className={styles.subtitle}>{t('report.chain')}</h3>
      <ol className={styles.chain}>
        {chain.map((certificate) => (
          <Certificate key={certificate.sha256} certificate={certificate} />
        ))}
      </ol>
    </section>
  )
}

function Certificate({ certificate }: { certificate: TlsReport['chain'][number] }) {
  const { t, i18n } = useTranslation('tls')
  const day = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeZone: 'UTC' })
  const { subject, issuer, selfSigned, names, validFrom, validTo, sha256 } = certificate
  return (
    <li>
      <details>
        <summary>{subject}</summary>
        <Facts>
          <Fact name={t('report.issuer')}>{selfSigned ? t('report.itself') : issuer}</Fact>
          {names.length > 0 && (
            <Fact name={t('report.names')} mono>
              {names.join(', ')}
            </Fact>
          )}
          <Fact name={t('report.dates')}>{day.formatRange(validFrom, validTo)}</Fact>
          <Fact name={t('report.fingerprint')} mono>
            {sha256}
          </Fact>
        </Facts>
      </details>
    </li>
  )
}
