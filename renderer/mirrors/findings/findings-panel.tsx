import { UnstyledButton } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Finding, findingRuleSchema } from '../../../shared/model/mirror-finding.ts'
import type { MirrorView } from '../../../shared/model/mirror.ts'
import { formatCount } from '../../parts/format.ts'
import { Panel } from '../../parts/panel.tsx'
import { keyOf } from '../node-rows.ts'
import { windowWords } from '../window-words.ts'
import { FindingItem } from './finding-item.tsx'
import styles from './findings-panel.module.css'

/** Findings in the document at once; a fleet where everything is wrong has more rules than rows to read. */
const shownFindings = 200

/** What stands out in a view, the most serious first; folded up where the window is small. */
export function FindingsPanel({
  view,
  current,
  onOpen,
  onSelect,
}: {
  view: MirrorView
  /** Id of the finding whose nodes alone the map shows. */
  current: string | undefined
  onOpen: (finding: Finding) => void
  onSelect: (agent: { source: string; id: string }) => void
}) {
  const { t, i18n } = useTranslation('findings')
  const { t: mirrors } = useTranslation('mirrors')
  const small = useMediaQuery('(max-width: 1100px)') ?? false
  const [chosen, setChosen] = useState<boolean>()
  const open = chosen ?? !small
  const agentNames = useMemo(() => new Map(view.agents.map((agent) => [keyOf(agent), agent.name])), [view])
  const sourceNames = new Map(view.sources.map(({ id, name }) => [id, name]))
  const { findings } = view
  const count = (value: number) => formatCount(value, i18n.language)
  return (
    <Panel flush className={styles.panel} data-open={open} aria-label={t('panel.title')}>
      <h2 className={styles.heading}>
        <UnstyledButton className={styles.head} aria-expanded={open} onClick={() => setChosen(!open)}>
          {t('panel.title')}
          <span className={styles.count}>{count(findings.length)}</span>
          {open ? <IconChevronUp size={15} aria-hidden /> : <IconChevronDown size={15} aria-hidden />}
        </UnstyledButton>
      </h2>
      {open &&
        (findings.length === 0 ? (
          <div className={styles.nothing}>
            <p>{t('panel.nothing')}</p>
            <p className="note">
              {t('panel.looked', {
                count: view.agents.length,
                agents: count(view.agents.length),
                rules: findingRuleSchema.options.length,
                window: windowWords(mirrors, view.window, i18n.language),
              })}
            </p>
          </div>
        ) : (
          // a region that scrolls must be reachable by keyboard
          <div className={styles.scroll} tabIndex={0} role="region" aria-label={t('panel.list')}>
            <ul className={styles.list}>
              {findings.slice(0, shownFindings).map((finding) => (
                <FindingItem
                  key={finding.id}
                  finding={finding}
                  sourceName={sourceNames.get(finding.source) ?? finding.source}
                  nodes={finding.agents.map((id) => ({
                    id,
                    name: agentNames.get(keyOf({ source: finding.source, id })) ?? id,
                  }))}
                  current={finding.id === current}
                  onOpen={() => onOpen(finding)}
                  onSelect={(id) => onSelect({ source: finding.source, id })}
                />
              ))}
            </ul>
            {findings.length > shownFindings && (
              <p className={styles.rest}>{t('panel.rest', { count: findings.length - shownFindings })}</p>
            )}
          </div>
        ))}
    </Panel>
  )
}
