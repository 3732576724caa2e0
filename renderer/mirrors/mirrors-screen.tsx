import { ActionIcon, Button, Modal, SegmentedControl, Skeleton, Text, Tooltip } from '@mantine/core'
import { IconPlayerPause, IconPlayerPlay, IconTopologyStar3 } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { MirrorRound } from '../../shared/model/mirror.ts'
import { EmptyState } from '../parts/empty-state.tsx'
import { FailurePanel } from '../parts/failure-panel.tsx'
import { formatCount } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import { Screen } from '../parts/screen.tsx'
import { StatusBadge } from '../parts/status-badge.tsx'
import { useStartDemoHere } from '../state/demo-here.ts'
import { failureOf } from '../state/failure-of.ts'
import { useConnection, useWire } from '../state/wire.tsx'
import { AgentsForm } from './agents-form.tsx'
import { CountsTable } from './counts-table.tsx'
import { FindingsPanel } from './findings-panel.tsx'
import type { HitWindow } from './hit-map.ts'
import { HitMapPanel } from './hit-map-panel.tsx'
import styles from './mirrors-screen.module.css'
import { useRounds } from './use-rounds.ts'

/** Which nodes get their images from peers: hits and misses by node and registry, live. */
export function MirrorsScreen() {
  const { t, i18n } = useTranslation('mirrors')
  const { t: common } = useTranslation()
  const { query } = useWire()
  const agents = useQuery(query.mirrors.agents.queryOptions())
  const settings = useQuery(query.settings.get.queryOptions())
  const [window, setWindow] = useState<HitWindow>('start')
  const [view, setView] = useState<'map' | 'table'>('map')
  const [paused, setPaused] = useState(false)
  const [editing, setEditing] = useState(false)
  const [attempt, setAttempt] = useState(0)
  const { generation } = useConnection()
  // another list of agents (edited here, or the demo's) is asked at once, not a round later
  const names = agents.data?.map(({ agent }) => agent).join(' ') ?? ''
  const { round, failure } = useRounds(
    paused || names === '' ? undefined : `${generation} ${attempt} ${names}`,
  )

  const demo = round?.agents.some((reading) => reading.demo) ?? false
  const answering = round?.agents.filter((reading) => reading.ok).length ?? 0
  const empty = agents.data?.length === 0
  return (
    <Screen
      title={t('title')}
      badge={
        round === undefined || empty ? undefined : (
          <>
            <StatusBadge>
              {t('badge', {
                count: round.agents.length,
                answering: formatCount(answering, i18n.language),
              })}
            </StatusBadge>
            {demo && <StatusBadge tone="accent">{common('demo')}</StatusBadge>}
          </>
        )
      }
      foot={t('foot')}
      footEnd={t('footEnd')}
    >
      {agents.isError ? (
        <FailurePanel failure={failureOf(agents.error)} onRetry={() => void agents.refetch()} />
      ) : empty ? (
        <NoAgents onEnter={() => setEditing(true)} />
      ) : (
        <div className={styles.screen}>
          <div className={styles.bar}>
            <SegmentedControl
              size="sm"
              aria-label={t('window.label')}
              value={window}
              onChange={(chosen) => setWindow(chosen === 'interval' ? 'interval' : 'start')}
              data={[
                { value: 'start', label: t('window.start') },
                { value: 'interval', label: intervalLabel(round, t) },
              ]}
            />
            <SegmentedControl
              size="sm"
              aria-label={t('view.label')}
              value={view}
              onChange={(chosen) => setView(chosen === 'table' ? 'table' : 'map')}
              data={[
                { value: 'map', label: t('view.map') },
                { value: 'table', label: t('view.table') },
              ]}
            />
            <span className={styles.live}>
              {paused
                ? t('paused', { time: timeOf(round, i18n.language) })
                : settings.data !== undefined && t('live', { seconds: settings.data.scrapeSeconds })}
            </span>
            <Tooltip label={t(paused ? 'resume' : 'pause')}>
              <ActionIcon
                size={31}
                aria-label={t(paused ? 'resume' : 'pause')}
                onClick={() => setPaused(!paused)}
              >
                {paused ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />}
              </ActionIcon>
            </Tooltip>
            <Button variant="default" onClick={() => setEditing(true)}>
              {t('edit')}
            </Button>
          </div>
          {failure !== undefined && (
            <FailurePanel failure={failure} onRetry={() => setAttempt(attempt + 1)} />
          )}
          {round === undefined || round.agents.length === 0 ? (
            failure === undefined && <Waiting />
          ) : (
            <div className={styles.columns}>
              {view === 'map' ? (
                <HitMapPanel readings={round.agents} window={window} />
              ) : (
                <CountsTable readings={round.agents} window={window} />
              )}
              <FindingsPanel readings={round.agents} />
            </div>
          )}
        </div>
      )}
      <Modal
        opened={editing}
        onClose={() => setEditing(false)}
        title={<Text fw={650}>{t('agents.title')}</Text>}
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        <AgentsForm agents={agents.data ?? []} onSaved={() => setEditing(false)} />
      </Modal>
    </Screen>
  )
}

function NoAgents({ onEnter }: { onEnter: () => void }) {
  const { t } = useTranslation('mirrors')
  const demo = useStartDemoHere()
  return (
    <Panel className={styles.empty} aria-label={t('empty.title')}>
      <EmptyState
        icon={<IconTopologyStar3 size={22} />}
        title={t('empty.title')}
        meaning={t('empty.meaning')}
      >
        <Button onClick={onEnter}>{t('empty.enter')}</Button>
        <Button variant="default" loading={demo.isPending} onClick={() => demo.mutate(undefined)}>
          {t('empty.demo')}
        </Button>
      </EmptyState>
      {demo.isError && (
        <FailurePanel failure={failureOf(demo.error)} onRetry={() => demo.mutate(undefined)} />
      )}
    </Panel>
  )
}

function Waiting() {
  const { t } = useTranslation('mirrors')
  return (
    <div className={styles.columns}>
      <Panel aria-label={t('map.label')} aria-busy>
        <p className={styles.waiting} role="status">
          {t('map.waiting')}
        </p>
        {Array.from({ length: 12 }, (_, row) => (
          <Skeleton key={row} height={17} mt={3} radius={3} />
        ))}
      </Panel>
    </div>
  )
}

/** "Last interval (15 s)": the seconds are the longest any agent was measured over in this round. */
function intervalLabel(
  round: MirrorRound | undefined,
  t: ReturnType<typeof useTranslation<'mirrors'>>['t'],
): string {
  const seconds = Math.max(0, ...(round?.agents.map((reading) => reading.interval?.seconds ?? 0) ?? []))
  return seconds === 0 ? t('window.interval') : t('window.intervalOf', { seconds: Math.round(seconds) })
}

function timeOf(round: MirrorRound | undefined, language: string): string {
  return new Intl.DateTimeFormat(language, { timeStyle: 'medium' }).format(round?.at)
}
