import { Button, CopyButton } from '@mantine/core'
import {
  IconAlertCircle,
  IconCheck,
  IconCircleOff,
  IconCopy,
  IconInfoCircle,
  IconRefresh,
} from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Failure, NextStep } from '../../shared/model/failure.ts'
import { failureReport } from './failure-report.ts'
import styles from './failure-panel.module.css'

interface FailurePanelProps {
  failure: Failure
  /** Shown as "Try again"; leave it out where trying again makes no sense. */
  onRetry?: () => void
  /** Next steps the screen can take by itself: buttons, before "Try again". */
  children?: ReactNode
  /** Those steps: they need no words beside their buttons. */
  taken?: ReadonlySet<NextStep>
}

/** A Failure where the user is: what happened, who answered, the evidence, what to try next. */
export function FailurePanel({ failure, onRetry, children, taken }: FailurePanelProps) {
  const { t } = useTranslation(['failure', 'common'])
  const normal = failure.kind === 'not-here' || failure.kind === 'cancelled'
  const Icon = failure.kind === 'cancelled' ? IconCircleOff : normal ? IconInfoCircle : IconAlertCircle
  const evidence = failure.evidence.filter((one) => one.fact !== 'status' || failure.status === undefined)
  const next = failure.next.filter((step) => taken?.has(step) !== true)
  return (
    <div className={`${styles.failure} ${normal ? styles.normal : ''}`} role={normal ? 'status' : 'alert'}>
      <Icon className={styles.icon} size={18} stroke={1.8} aria-hidden />
      <div className={styles.words}>
        <h2 className={styles.title}>{t(`kinds.${failure.kind}.title`)}</h2>
        <p className={styles.meaning}>{t(`kinds.${failure.kind}.meaning`)}</p>
        <dl className={styles.facts}>
          <dt>{t('answeredBy.label')}</dt>
          <dd>
            {t(`answeredBy.${failure.answeredBy}`)}
            {failure.status !== undefined && <span className="mono"> {failure.status}</span>}
          </dd>
          {failure.host !== undefined && (
            <>
              <dt>{t('host')}</dt>
              <dd className="mono">{failure.host}</dd>
            </>
          )}
          {evidence.map((one) => (
            <div className={styles.pair} key={`${one.fact} ${one.value}`}>
              <dt>{t(`facts.${one.fact}`)}</dt>
              <dd className="mono">{one.value}</dd>
            </div>
          ))}
        </dl>
        {next.length > 0 && (
          <>
            <h3 className={styles.subtitle}>{t('nextTitle')}</h3>
            <ul className={styles.next}>
              {next.map((step) => (
                <li key={step}>{t(`next.${step}`)}</li>
              ))}
            </ul>
          </>
        )}
        <details className={styles.details}>
          <summary>{t('details')}</summary>
          <dl className={styles.facts}>
            <dt>{t('summary')}</dt>
            <dd>{failure.message}</dd>
            <dt>{t('phase')}</dt>
            <dd className="mono">
              {failure.phase} / {failure.kind}
            </dd>
            {failure.ociErrors.length > 0 && (
              <>
                <dt>{t('errorCodes')}</dt>
                <dd className="mono">
                  {failure.ociErrors
                    .map((one) => (one.message === undefined ? one.code : `${one.code}: ${one.message}`))
                    .join('\n')}
                </dd>
              </>
            )}
          </dl>
        </details>
        <div className={styles.actions}>
          {children}
          {onRetry !== undefined && (
            <Button variant="default" leftSection={<IconRefresh size={15} />} onClick={onRetry}>
              {t('common:retry')}
            </Button>
          )}
          <CopyButton value={failureReport(failure)}>
            {({ copied, copy }) => (
              <Button
                variant="default"
                leftSection={copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
                onClick={copy}
              >
                {copied ? t('reportCopied') : t('copyReport')}
              </Button>
            )}
          </CopyButton>
        </div>
      </div>
    </div>
  )
}
