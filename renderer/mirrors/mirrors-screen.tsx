import { ActionIcon, Modal, Skeleton, Text, Tooltip } from '@mantine/core'
import { IconPencil } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SourceEntry } from '../../shared/model/mirror-source.ts'
import type { MirrorView } from '../../shared/model/mirror.ts'
import { FailurePanel } from '../parts/failure-panel.tsx'
import { formatCount } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import { Screen } from '../parts/screen.tsx'
import { StatusBadge } from '../parts/status-badge.tsx'
import { failureOf } from '../state/failure-of.ts'
import { useClusters } from '../state/mirrors-provider.tsx'
import { useWire } from '../state/wire.tsx'
import { AgentsForm } from './agents-form.tsx'
import { LiveMirrors } from './live-mirrors.tsx'
import styles from './mirrors-screen.module.css'
import { NoSources } from './no-sources.tsx'

/** Which nodes get their images from peers: hits and misses by node and registry, live. */
export function MirrorsScreen() {
  const { t } = useTranslation('mirrors')
  const { t: common } = useTranslation()
  const { query } = useWire()
  const sources = useQuery(query.mirrors.sources.queryOptions())
  const chosenId = useClusters(({ chosen }) => chosen)
  const [view, setView] = useState<MirrorView>()
  const [editing, setEditing] = useState<SourceEntry | 'new'>()

  const all = sources.data
  const chosen = all?.find(({ id }) => id === chosenId)
  const empty = all !== undefined && all.length === 0
  const editable = (chosen === undefined ? all : [chosen])?.find(
    ({ demo, settings }) => !demo && settings.kind === 'agents',
  )
  return (
    <Screen
      title={t('title')}
      detail={chosen?.name ?? (all !== undefined && all.length > 1 ? t('allClusters') : all?.[0]?.name)}
      badge={view !== undefined && !empty && <Badges view={view} />}
      foot={t('foot')}
      footEnd={t('footEnd')}
    >
      {sources.isError ? (
        <FailurePanel failure={failureOf(sources.error)} onRetry={() => void sources.refetch()} />
      ) : all === undefined ? (
        <Waiting />
      ) : empty ? (
        <NoSources kinds={['agents']} onAddSource={() => setEditing('new')} />
      ) : (
        // the numbers of one cluster never stand under the name of another
        <LiveMirrors key={chosen?.id} sources={all} chosen={chosen} waiting={<Waiting />} onView={setView}>
          {editable !== undefined && (
            <Tooltip label={t('agents.title')}>
              <ActionIcon size={31} aria-label={t('agents.title')} onClick={() => setEditing(editable)}>
                <IconPencil size={16} />
              </ActionIcon>
            </Tooltip>
          )}
        </LiveMirrors>
      )}
      <Modal
        opened={editing !== undefined}
        onClose={() => setEditing(undefined)}
        title={<Text fw={650}>{t('agents.title')}</Text>}
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        <AgentsForm
          {...(editing === 'new' || editing === undefined ? {} : { source: editing })}
          onSaved={() => setEditing(undefined)}
        />
      </Modal>
    </Screen>
  )
}

/** How many agents there are and answer, and whether any of them is simulated. */
function Badges({ view }: { view: MirrorView }) {
  const { t, i18n } = useTranslation(['mirrors', 'common'])
  const count = (of: 'agents' | 'answering') => view.sources.reduce((sum, source) => sum + source[of], 0)
  return (
    <>
      <StatusBadge>
        {t('badge', {
          count: count('agents'),
          formatted: formatCount(count('agents'), i18n.language),
          answering: formatCount(count('answering'), i18n.language),
        })}
      </StatusBadge>
      {view.sources.some(({ demo }) => demo) && <StatusBadge tone="accent">{t('common:demo')}</StatusBadge>}
    </>
  )
}

/** Panels of the size that is to come. */
function Waiting() {
  const { t } = useTranslation('mirrors')
  return (
    <div className={styles.main} style={{ flex: 1 }}>
      <Panel className={styles.picture} aria-label={t('map.label')} aria-busy>
        <p className={styles.waiting} role="status">
          {t('map.waiting')}
        </p>
        {Array.from({ length: 12 }, (_, row) => (
          <Skeleton key={row} height={17} mt={3} radius={3} />
        ))}
      </Panel>
      <Panel className={styles.waitingTimeline} aria-label={t('timeline.label')} aria-busy>
        <Skeleton height={60} radius={3} />
      </Panel>
    </div>
  )
}
