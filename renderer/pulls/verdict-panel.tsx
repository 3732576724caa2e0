import { Button, CopyButton } from '@mantine/core'
import { IconAlertCircle, IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { PullReport, PullVerdict } from '../../shared/model/pull.ts'
import { Panel } from '../parts/panel.tsx'
import { tellingAttempt, wordsOf } from './attempts.ts'
import styles from './verdict-panel.module.css'

type Tone = 'ok' | 'warn' | 'bad'

/** One sentence, its reason, and what to try: above the picture, because it is what was asked. */
export function VerdictPanel({ report, platform }: { report: PullReport; platform: string }) {
  const { t } = useTranslation(['pulls', 'failure'])
  const { verdict, attempts } = report
  const attempt = attempts[tellingAttempt(attempts, verdict)]
  const tone = toneOf(verdict)
  const Icon = { ok: IconCircleCheck, warn: IconAlertTriangle, bad: IconAlertCircle }[tone]
  const said = tone === 'bad' ? wordsOf(attempt) : undefined
  const masked =
    verdict.containerd !== undefined &&
    verdict.containerd.host !== '' &&
    verdict.containerd.host !== verdict.host
      ? verdict.containerd
      : undefined
  const next = verdict.next.filter((step) => step !== 'none-needed')
  return (
    <Panel className={styles.panel} data-tone={tone} aria-label={t('verdict.label')}>
      <Icon size={20} className={styles.icon} aria-hidden />
      <div className={styles.words} role="status">
        <h2 className={styles.title}>
          {t(`verdict.title.${verdict.kind}`, {
            host: verdict.host ?? '',
            step: t(`step.${verdict.step ?? 'resolve'}`),
            status: attempt?.status ?? t('verdict.noStatus'),
            platform,
          })}
        </h2>
        <p className={styles.reason}>
          {attempts.length === 0 ? t('verdict.nobody') : t(`verdict.reason.${verdict.kind}`)}{' '}
          {said !== undefined && <strong>{t('verdict.said', { words: said })}</strong>}{' '}
          {masked !== undefined && t('verdict.masked', { version: masked.version, host: masked.host })}
        </p>
        {next.length > 0 && (
          <>
            <h3 className={styles.subtitle}>{t('verdict.next')}</h3>
            <ul className={styles.next}>
              {next.map((step) => (
                <li key={step}>{t(`failure:next.${step}`)}</li>
              ))}
            </ul>
          </>
        )}
      </div>
      <CopyButton value={JSON.stringify(report, undefined, 2)}>
        {({ copied, copy }) => (
          <Button variant="default" className={styles.copy} onClick={copy}>
            {t(copied ? 'verdict.copied' : 'verdict.copy')}
          </Button>
        )}
      </CopyButton>
    </Panel>
  )
}

function toneOf({ kind }: PullVerdict): Tone {
  if (kind === 'pull-works') return 'ok'
  return kind === 'pull-works-with-faults' ? 'warn' : 'bad'
}
