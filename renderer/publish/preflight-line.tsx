import { VisuallyHidden } from '@mantine/core'
import {
  IconAlertTriangle,
  IconCheck,
  IconCircleDashed,
  IconCircleX,
  IconHelpTriangle,
  IconInfoCircle,
  IconMinus,
} from '@tabler/icons-react'
import type { TOptions } from 'i18next'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import {
  type PreflightCheck,
  type PreflightCheckName,
  preflightCheckNameSchema,
  type PreflightOutcome,
} from '../../shared/model/preflight.ts'
import { credentialSourceSchema } from '../../shared/model/registry.ts'
import { strategySchema } from '../../shared/model/upload.ts'
import { words } from '../i18n/i18n.ts'
import { formatBytes, formatCount, formatDuration, shortDigest } from '../parts/format.ts'
import styles from './preflight-panel.module.css'

const icons: Readonly<Record<PreflightOutcome | 'pending', typeof IconCheck>> = {
  ok: IconCheck,
  note: IconInfoCircle,
  warn: IconAlertTriangle,
  decide: IconHelpTriangle,
  blocked: IconCircleX,
  skipped: IconMinus,
  pending: IconCircleDashed,
}

/** One check: how it ended as an icon and a word, what was found, and what to try where it is in the way. */
export function PreflightLine({
  name,
  check,
  children,
}: {
  name: PreflightCheckName
  /** Undefined until it has ended. */
  check: PreflightCheck | undefined
  children?: ReactNode
}) {
  const { t } = useTranslation(['preflight', 'failure'])
  const outcome = check?.outcome ?? 'pending'
  const Icon = icons[outcome]
  const { failure } = check ?? {}
  const [step] = failure?.next ?? []
  return (
    <li className={styles.line} data-outcome={outcome}>
      <Icon size={16} className={styles.icon} aria-hidden />
      <span className={styles.name}>
        {t(`check.${name}`)}
        <VisuallyHidden>: {t(`outcome.${outcome}`)}</VisuallyHidden>
      </span>
      <div className={styles.words}>
        <p className={styles.finding}>{useFinding(check)}</p>
        {step !== undefined && <p className={styles.fix}>{t('fix', { step: t(`failure:next.${step}`) })}</p>}
        {failure !== undefined && (
          <details className={styles.details}>
            <summary>{t('details')}</summary>
            <p>{failure.message}</p>
            <ul className="mono">
              {failure.evidence.map(({ fact, value }) => (
                <li key={`${fact} ${value}`}>
                  {t(`failure:facts.${fact}`)}: {value}
                </li>
              ))}
            </ul>
          </details>
        )}
        {children}
      </div>
    </li>
  )
}

type Finding = keyof typeof words.en.preflight.finding

function isFinding(text: string): text is Finding {
  return Object.hasOwn(words.en.preflight.finding, text)
}

/** The finding in the window's language; one without words is said by its failure, or as the command line says it. */
function useFinding(check: PreflightCheck | undefined): string {
  const { t } = useTranslation(['preflight', 'failure'])
  const values = useValues(check?.values ?? {})
  if (check === undefined) return t('pending')
  const { finding, failure, message } = check
  if (isFinding(finding)) return t(`finding.${finding}`, values)
  return failure === undefined ? message : t(`failure:kinds.${failure.kind}.title`)
}

/** Values as they are shown: sizes, times, and what has a name on this screen. */
function useValues(values: Readonly<Record<string, string>>): TOptions {
  const { t, i18n } = useTranslation(['preflight', 'publish'])
  const { language } = i18n
  // a count is what i18next chooses a plural by
  const { count: _, ...others } = values
  const shown: Record<string, string> = others
  const show = (name: string, how: (value: string) => string, as = name) => {
    const value = values[name]
    if (value !== undefined) shown[as] = how(value)
  }
  const strategy = (value: string) => {
    const known = strategySchema.safeParse(value)
    return known.success ? t(`publish:mode.${known.data}`) : value
  }
  show('size', (value) => formatBytes(Number(value), language))
  show('count', (value) => formatCount(Number(value), language), 'number')
  show('milliseconds', (value) => formatDuration(Number(value), language))
  show(
    'at',
    (value) => new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(Number(value)),
    'date',
  )
  show('digest', shortDigest, 'short')
  show('strategy', strategy)
  show('refused', strategy)
  show('because', (value) => {
    const known = preflightCheckNameSchema.safeParse(value)
    return known.success ? t(`check.${known.data}`) : value
  })
  show('source', (value) => {
    const known = credentialSourceSchema.safeParse(value)
    return known.success ? t(`source.${known.data}`) : value
  })
  return shown
}
