import { Button, Textarea } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailurePanel } from '../parts/failure-panel.tsx'
import { failureOf } from '../state/failure-of.ts'
import { useWire } from '../state/wire.tsx'
import { parseAddresses } from './addresses.ts'
import styles from './agents-form.module.css'

/** Problems named one by one; more than that is told by their number. */
const namedProblems = 3

/** The saved agents' addresses, one a line. The demo's are not among them: they come and go with the demo. */
export function AgentsForm({
  agents,
  onSaved,
}: {
  agents: readonly { agent: string; demo: boolean }[]
  onSaved: () => void
}) {
  const { t } = useTranslation('mirrors')
  const { query } = useWire()
  const queries = useQueryClient()
  const [text, setText] = useState(() =>
    agents
      .filter(({ demo }) => !demo)
      .map(({ agent }) => agent)
      .join('\n'),
  )
  // nobody is corrected while still typing a first address
  const [left, setLeft] = useState(false)
  const save = useMutation(
    query.mirrors.setAgents.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries({ queryKey: query.mirrors.key() })
        onSaved()
      },
    }),
  )
  const { agents: entered, problems } = parseAddresses(text)
  const simulated = agents.filter(({ demo }) => demo).length
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        setLeft(true)
        if (problems.length === 0) save.mutate({ agents: entered })
      }}
    >
      <Textarea
        size="sm"
        label={t('agents.label')}
        description={t('agents.description')}
        placeholder={t('agents.placeholder')}
        rows={10}
        data-autofocus
        spellCheck={false}
        classNames={{ input: styles.input ?? '' }}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={() => setLeft(true)}
        error={
          left && problems.length > 0 ? (
            <>
              {problems.slice(0, namedProblems).map((problem) => (
                <span key={problem.line} className={styles.problem}>
                  {t('agents.bad', { line: problem.line, text: problem.text })}
                </span>
              ))}
              {problems.length > namedProblems &&
                t('agents.more', { count: problems.length - namedProblems })}
            </>
          ) : undefined
        }
      />
      {simulated > 0 && <p className={styles.note}>{t('agents.demoNote', { count: simulated })}</p>}
      {save.isError && <FailurePanel failure={failureOf(save.error)} />}
      <div className={styles.actions}>
        <span className={styles.note}>{t('agents.count', { count: entered.length })}</span>
        <Button type="submit" loading={save.isPending} disabled={left && problems.length > 0}>
          {t('agents.save')}
        </Button>
      </div>
    </form>
  )
}
