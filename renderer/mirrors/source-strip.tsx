import { UnstyledButton } from '@mantine/core'
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Failure } from '../../shared/model/failure.ts'
import type { SourceState } from '../../shared/model/mirror-source.ts'
import { FailurePanel } from '../parts/failure-panel.tsx'
import { StatusMark } from '../parts/status-mark.tsx'
import styles from './source-strip.module.css'

/** Sources that give nothing, a line each that opens to the Failure; the rest of the map stays live below. */
export function SourceStrip({
  sources,
  opened,
  onRetry,
}: {
  sources: readonly SourceState[]
  /** Open from the beginning: where there is nothing else to see. */
  opened: boolean
  onRetry: () => void
}) {
  const failing = sources.flatMap(({ id, name, failure, state }) =>
    state === 'failing' && failure !== undefined ? [{ id, name, failure }] : [],
  )
  return failing.map(({ id, name, failure }) => (
    <FailingSource key={id} name={name} failure={failure} opened={opened} onRetry={onRetry} />
  ))
}

function FailingSource({
  name,
  failure,
  opened,
  onRetry,
}: {
  name: string
  failure: Failure
  opened: boolean
  onRetry: () => void
}) {
  const { t } = useTranslation(['mirrors', 'failure'])
  const [open, setOpen] = useState(opened)
  return (
    <div className={styles.strip}>
      <UnstyledButton className={styles.line} aria-expanded={open} onClick={() => setOpen(!open)}>
        <StatusMark tone="bad" />
        <span className={styles.name}>{name}</span>
        <span className={styles.why}>{t(`failure:kinds.${failure.kind}.title`)}</span>
        {open ? <IconChevronUp size={15} aria-hidden /> : <IconChevronDown size={15} aria-hidden />}
      </UnstyledButton>
      {open && <FailurePanel failure={failure} onRetry={onRetry} />}
    </div>
  )
}
