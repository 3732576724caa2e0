import { Textarea } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { formatCount } from '../../parts/format.ts'
import { parseAddresses } from './addresses.ts'
import styles from './agents-fields.module.css'
import type { FormPart } from './form-part.ts'

/** Problems named one by one; more than that is told by their number. */
const namedProblems = 3

/** Agents' metrics addresses, one a line. */
export function AgentsFields({ fields, shown, set, onLeave }: FormPart) {
  const { t, i18n } = useTranslation('sources')
  const { agents } = parseAddresses(fields.addresses)
  const { lines = [] } = shown
  return (
    <Textarea
      label={t('agents.label')}
      description={
        <>
          {t('agents.description')}{' '}
          {agents.length > 0 &&
            t('agents.count', { count: agents.length, formatted: formatCount(agents.length, i18n.language) })}
        </>
      }
      placeholder={t('agents.placeholder')}
      rows={8}
      data-autofocus
      spellCheck={false}
      classNames={{ input: styles.input ?? '' }}
      value={fields.addresses}
      onChange={(event) => set({ addresses: event.currentTarget.value })}
      onBlur={() => fields.addresses.trim() !== '' && onLeave()}
      error={
        lines.length > 0 ? (
          <>
            {lines.slice(0, namedProblems).map((problem) => (
              <span key={problem.line} className={styles.problem}>
                {t('agents.bad', { line: problem.line, text: problem.text })}
              </span>
            ))}
            {lines.length > namedProblems && t('agents.more', { count: lines.length - namedProblems })}
          </>
        ) : (
          shown.addresses && t('problem.addresses')
        )
      }
    />
  )
}
