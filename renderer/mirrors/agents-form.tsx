import { Button, Textarea } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SourceDraft, SourceEntry } from '../../shared/model/mirror-source.ts'
import { FailurePanel } from '../parts/failure-panel.tsx'
import { failureOf } from '../state/failure-of.ts'
import { useWire } from '../state/wire.tsx'
import { parseAddresses } from './addresses.ts'
import styles from './agents-form.module.css'

/** Problems named one by one; more than that is told by their number. */
const namedProblems = 3

/** Writes and saves a list of agents' metrics addresses, one a line, as a source of its own. */
export function AgentsForm({
  source,
  onSaved,
}: {
  /** To edit; left out for a new one. */
  source?: SourceEntry
  onSaved: (source: SourceEntry) => void
}) {
  const { t } = useTranslation('mirrors')
  const { client, query } = useWire()
  const queries = useQueryClient()
  const [text, setText] = useState(() => addressesOf(source).join('\n'))
  // nobody is corrected while still typing a first address
  const [left, setLeft] = useState(false)
  const save = useMutation({
    mutationFn: (addresses: string[]) => {
      const draft = draftOf(source, addresses, t('agents.name'))
      return source === undefined
        ? client.mirrors.addSource(draft)
        : client.mirrors.updateSource({ id: source.id, draft })
    },
    onSuccess: async (saved) => {
      await queries.invalidateQueries({ queryKey: query.mirrors.key() })
      onSaved(saved)
    },
  })
  const { agents: entered, problems } = parseAddresses(text)
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        setLeft(true)
        if (problems.length === 0 && entered.length > 0) save.mutate(entered)
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
      {save.isError && <FailurePanel failure={failureOf(save.error)} />}
      <div className={styles.actions}>
        <span className={styles.note}>{t('agents.count', { count: entered.length })}</span>
        <Button
          type="submit"
          loading={save.isPending}
          disabled={entered.length === 0 || (left && problems.length > 0)}
        >
          {t('agents.save')}
        </Button>
      </div>
    </form>
  )
}

function addressesOf(source: SourceEntry | undefined): readonly string[] {
  return source?.settings.kind === 'agents' ? source.settings.addresses : []
}

/** A draft that changes nothing but the addresses; secrets that are left out stay as they are. */
function draftOf(source: SourceEntry | undefined, addresses: string[], name: string): SourceDraft {
  const settings = { kind: 'agents' as const, addresses, mirrorPort: source?.settings.mirrorPort ?? 30_020 }
  if (source === undefined) return { name, settings, credential: { kind: 'none' } }
  const { kind, username = '' } = source.credential
  return {
    name: source.name,
    settings,
    credential: kind === 'basic' ? { kind, username } : { kind },
  }
}
