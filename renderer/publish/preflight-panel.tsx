import { Button, VisuallyHidden } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { preflightCheckNameSchema } from '../../shared/model/preflight.ts'
import { Panel } from '../parts/panel.tsx'
import { PreflightLine } from './preflight-line.tsx'
import styles from './preflight-panel.module.css'
import type { PreflightRun } from './use-preflight.ts'
import { usePreflightSummary } from './use-preflight-summary.ts'

interface PreflightPanelProps {
  preflight: PreflightRun & { again: () => void }
  /** The digest that may be replaced, once somebody said so. */
  overwrite: string | undefined
  onOverwrite: (digest: string | undefined) => void
  /** Where the tag's other content can be looked at. */
  tagHref: string
  /** While it is uploaded there is nothing to decide any more. */
  busy: boolean
}

/** Everything that was looked at before a byte is sent, one line a check, each filled in as soon as it is known. */
export function PreflightPanel({ preflight, overwrite, onOverwrite, tagHref, busy }: PreflightPanelProps) {
  const { t } = useTranslation(['preflight', 'failure'])
  const { failure, checks } = preflight
  return (
    <Panel
      className={styles.panel}
      title={t('title')}
      note={<span role="status">{usePreflightSummary(preflight, overwrite)}</span>}
      actions={
        <Button variant="default" size="compact-xs" disabled={busy} onClick={preflight.again}>
          {t('again')}
        </Button>
      }
    >
      {failure !== undefined && (
        <p className={styles.failed}>{t('failed', { why: t(`failure:kinds.${failure.kind}.title`) })}</p>
      )}
      <ul className={styles.list} aria-label={t('list')}>
        {preflightCheckNameSchema.options.map((name) => {
          const check = checks.find((each) => each.check === name)
          const digest = check?.outcome === 'decide' ? check.values['digest'] : undefined
          return (
            <PreflightLine key={name} name={name} check={check}>
              {digest !== undefined && (
                <div className={styles.actions}>
                  <Button variant="default" size="compact-sm" component="a" href={tagHref}>
                    {t('look')}
                    <VisuallyHidden>: {check?.values['tag']}</VisuallyHidden>
                  </Button>
                  <Button
                    variant="default"
                    size="compact-sm"
                    disabled={busy}
                    onClick={() => onOverwrite(overwrite === digest ? undefined : digest)}
                  >
                    {t(overwrite === digest ? 'keep' : 'overwrite')}
                  </Button>
                </div>
              )}
            </PreflightLine>
          )
        })}
      </ul>
    </Panel>
  )
}
