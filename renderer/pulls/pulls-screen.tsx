import { IconRoute } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { registryHost } from '../../shared/model/reference.ts'
import { EmptyState } from '../parts/empty-state.tsx'
import { FailurePanel } from '../parts/failure-panel.tsx'
import { Panel } from '../parts/panel.tsx'
import { Screen } from '../parts/screen.tsx'
import { useWire } from '../state/wire.tsx'
import { tellingAttempt } from './attempts.ts'
import { AttemptsTable } from './attempts-table.tsx'
import { ContainerdPanel } from './containerd-panel.tsx'
import { EvidencePanel } from './evidence-panel.tsx'
import { isFieldFailure, PullForm } from './pull-form.tsx'
import { type PullDraft, pullInputOf } from './pull-draft.ts'
import { PullSummary } from './pull-summary.tsx'
import styles from './pulls-screen.module.css'
import { useWalk, type Walk } from './use-walk.ts'
import { VerdictPanel } from './verdict-panel.tsx'
import { WalkPicture } from './walk-picture.tsx'

/** This pull fails: which hop failed, who answered, what to change. */
export function PullsScreen() {
  const { t } = useTranslation('pulls')
  const { query } = useWire()
  const registries = useQuery(query.registries.list.queryOptions())
  const [draft, setDraft] = useState<PullDraft>({
    reference: '',
    hostsToml: '',
    platform: 'linux/amd64',
    containerd: '2.1',
    registryId: undefined,
  })
  const [editing, setEditing] = useState(true)
  const { walk, start, cancel } = useWalk()

  const walkNow = async () => {
    // the form stays until the input is known to be good: its failure belongs to a field of it
    const ended = await start(pullInputOf(draft))
    setEditing(ended === 'failed')
  }
  const walking = walk?.status === 'walking'
  const fieldFailure = walk?.failure !== undefined && isFieldFailure(walk.failure) ? walk.failure : undefined
  const demoHosts = new Set(
    (registries.data ?? []).filter((entry) => entry.demo).map((entry) => registryHost(entry.url)),
  )
  return (
    <Screen
      title={t('title')}
      detail={walking ? t('walking') : undefined}
      foot={t('foot')}
      footEnd={t('footEnd')}
    >
      <div className={styles.screen}>
        {editing || walk === undefined ? (
          <PullForm
            draft={draft}
            onChange={setDraft}
            registries={registries.data ?? []}
            failure={fieldFailure}
            walking={walking}
            onWalk={() => void walkNow()}
            onCancel={cancel}
          />
        ) : (
          <PullSummary
            input={walk.input}
            registries={registries.data ?? []}
            walking={walking}
            onEdit={() => setEditing(true)}
            onWalk={() => void walkNow()}
            onCancel={cancel}
          />
        )}
        {walk === undefined ? (
          <Panel className={styles.fill} aria-label={t('empty.title')}>
            <EmptyState
              icon={<IconRoute size={22} />}
              title={t('empty.title')}
              meaning={t('empty.meaning')}
            />
          </Panel>
        ) : (
          fieldFailure === undefined && (
            <WalkResult walk={walk} demoHosts={demoHosts} onRetry={() => void walkNow()} />
          )
        )}
      </div>
    </Screen>
  )
}

function WalkResult({
  walk,
  demoHosts,
  onRetry,
}: {
  walk: Walk
  demoHosts: ReadonlySet<string>
  onRetry: () => void
}) {
  const { t } = useTranslation('pulls')
  const [chosen, setChosen] = useState<{ walk: Walk['input']; index: number }>()
  const { attempts, report } = walk
  // what was chosen in an earlier walk says nothing about this one
  const index =
    chosen !== undefined && chosen.walk === walk.input
      ? chosen.index
      : tellingAttempt(attempts, report?.verdict)
  return (
    <>
      {walk.failure !== undefined && <FailurePanel failure={walk.failure} onRetry={onRetry} />}
      {walk.status === 'cancelled' && (
        <Panel aria-label={t('verdict.label')}>
          <p role="status" className={styles.line}>
            {t('cancelled', { count: attempts.length })}
          </p>
        </Panel>
      )}
      {report !== undefined && <VerdictPanel report={report} platform={walk.input.platform} />}
      {(attempts.length > 0 || walk.status === 'walking') && (
        <WalkPicture attempts={attempts} demoHosts={demoHosts} />
      )}
      {attempts.length > 0 && (
        <div className={styles.pair}>
          <EvidencePanel attempt={attempts[index]} number={index + 1} />
          {report !== undefined && (
            <ContainerdPanel verdict={report.verdict} version={walk.input.containerd} />
          )}
        </div>
      )}
      {attempts.length > 0 && (
        <AttemptsTable
          attempts={attempts}
          current={index}
          onChoose={(next) => setChosen({ walk: walk.input, index: next })}
        />
      )}
    </>
  )
}
