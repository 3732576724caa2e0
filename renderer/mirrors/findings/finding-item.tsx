import { CopyButton, UnstyledButton } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Finding } from '../../../shared/model/mirror-finding.ts'
import { formatCount } from '../../parts/format.ts'
import { StatusMark } from '../../parts/status-mark.tsx'
import { findingWords } from '../finding-words.ts'
import styles from './finding-item.module.css'
import { findingReport } from './finding-report.ts'

/** Nodes listed by name at a time. */
const namedNodes = 100

/** An agent a finding is about, as its row is called. */
export interface FoundNode {
  readonly id: string
  readonly name: string
}

/** One finding: what stands out, the numbers it rests on, what to do, and its nodes. */
export function FindingItem({
  finding,
  sourceName,
  nodes,
  current,
  onOpen,
  onSelect,
  whole = false,
}: {
  finding: Finding
  sourceName: string
  /** Named where it is about more than one. */
  nodes: readonly FoundNode[]
  /** Whether the map shows its nodes alone. */
  current: boolean
  /** Leads to its nodes; left out where the node is open already. */
  onOpen?: () => void
  onSelect: (id: string) => void
  /** All steps at once, as beside the one node it is about. */
  whole?: boolean
}) {
  const { t, i18n } = useTranslation('findings')
  const { title, meaning, steps } = findingWords(t, finding, i18n.language)
  const first = whole ? steps : steps.slice(0, 1)
  const later = whole ? [] : steps.slice(1)
  const mark = <StatusMark tone={finding.severity === 'info' ? 'neutral' : finding.severity} />
  return (
    <li className={styles.item} data-current={current || undefined}>
      {onOpen === undefined ? (
        <h3 className={styles.title}>
          {mark}
          <span>{title}</span>
        </h3>
      ) : (
        <h3 className={styles.heading}>
          <UnstyledButton
            className={styles.title}
            aria-pressed={nodes.length === 1 ? undefined : current}
            title={t(nodes.length === 1 ? 'panel.open' : 'panel.narrow')}
            onClick={onOpen}
          >
            {mark}
            <span>{title}</span>
          </UnstyledButton>
        </h3>
      )}
      <div className={styles.body}>
        <p className={styles.meaning}>{meaning}</p>
        {first.length > 0 && <Steps steps={first} />}
        <div className={styles.foot}>
          {later.length > 0 && (
            <details>
              <summary>{t('panel.more', { count: later.length })}</summary>
              <Steps steps={later} />
            </details>
          )}
          {nodes.length > 1 && <Nodes nodes={nodes} onSelect={onSelect} />}
          <CopyButton value={findingReport(finding, sourceName)}>
            {({ copied, copy }) => (
              <UnstyledButton className={styles.copy} onClick={copy}>
                {copied ? <IconCheck size={12} aria-hidden /> : <IconCopy size={12} aria-hidden />}
                {t(copied ? 'panel.copied' : 'panel.copy')}
              </UnstyledButton>
            )}
          </CopyButton>
        </div>
      </div>
    </li>
  )
}

function Steps({ steps }: { steps: readonly string[] }) {
  return (
    <ul className={styles.steps}>
      {steps.map((step) => (
        <li key={step}>{step}</li>
      ))}
    </ul>
  )
}

function Nodes({ nodes, onSelect }: { nodes: readonly FoundNode[]; onSelect: (id: string) => void }) {
  const { t, i18n } = useTranslation('findings')
  const [shown, setShown] = useState(namedNodes)
  // hundreds of names are not worth their time while nobody looks
  const [open, setOpen] = useState(false)
  const rest = nodes.length - shown
  const count = (value: number) => formatCount(value, i18n.language)
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('panel.nodes', { count: nodes.length, formatted: count(nodes.length) })}</summary>
      <ul className={styles.nodes}>
        {nodes.slice(0, open ? shown : 0).map(({ id, name }) => (
          <li key={id}>
            <UnstyledButton className={styles.node} onClick={() => onSelect(id)}>
              {name}
            </UnstyledButton>
          </li>
        ))}
        {open && rest > 0 && (
          <li>
            <UnstyledButton className={styles.node} onClick={() => setShown(shown + namedNodes)}>
              {t('panel.moreNodes', { count: rest, formatted: count(rest) })}
            </UnstyledButton>
          </li>
        )}
      </ul>
    </details>
  )
}
