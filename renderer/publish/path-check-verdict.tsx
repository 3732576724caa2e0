import { Button } from '@mantine/core'
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { type PathCheckReport, printBytes } from '../../shared/model/path-check.ts'
import type { Route, Strategy } from '../../shared/model/upload.ts'
import styles from './path-check-verdict.module.css'
import { adviceOf, refusalsOf } from './path-grid.ts'

/** What a check advises in one sentence, what failed and who answered, and the button that keeps it. */
export function PathCheckVerdict({
  report,
  onKeep,
}: {
  report: PathCheckReport
  onKeep: (advised: { strategy: Strategy | undefined; route: Route }) => void
}) {
  const { t, i18n } = useTranslation(['path', 'failure', 'publish'])
  const { recommended } = report
  const advice = adviceOf(report)
  const list = new Intl.ListFormat(i18n.language, { type: 'conjunction' })
  const Icon = advice === 'nothing' ? IconCircleX : IconCircleCheck
  const strategy = recommended === undefined ? '' : t(`publish:mode.${recommended.strategy}`)
  const said = {
    strategy,
    bytes: recommended === undefined ? '' : printBytes(recommended.bytes),
  }
  return (
    <section className={styles.verdict} data-advice={advice} aria-label={t('verdict.label')}>
      <Icon size={20} className={styles.icon} aria-hidden />
      <div className={styles.words}>
        <div role="status">
          <h3 className={styles.title}>
            {t(`verdict.${advice}`, said)}
            {recommended !== undefined && !report.complete && ` ${t('verdict.limited')}`}
          </h3>
        </div>
        <ul className={styles.reasons}>
          {refusalsOf(report.results).map(({ routes, strategies, bytes, failure }) => (
            <li key={`${failure.kind} ${strategies.join(' ')} ${bytes}`}>
              {t('verdict.refusal', {
                strategies: list.format(strategies.map((each) => t(`publish:mode.${each}`))),
                ways: list.format(routes.map((each) => t(`ways.${each}`))),
                bytes: printBytes(bytes),
                why: t(`failure:kinds.${failure.kind}.title`),
                who: t(`failure:answeredBy.${failure.answeredBy}`),
              })}
            </li>
          ))}
        </ul>
      </div>
      {recommended !== undefined && (
        <Button
          className={styles.keep}
          onClick={() =>
            onKeep({
              strategy: advice === 'any' ? undefined : recommended.strategy,
              route: recommended.route,
            })
          }
        >
          {t(`keep.${advice === 'nothing' ? 'use' : advice}`, said)}
        </Button>
      )}
    </section>
  )
}
