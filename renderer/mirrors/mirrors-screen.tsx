import { ActionIcon, Skeleton, Tooltip } from '@mantine/core'
import { IconServerCog } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { MirrorView } from '../../shared/model/mirror.ts'
import { FailurePanel } from '../parts/failure-panel.tsx'
import { formatCount } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import { Screen } from '../parts/screen.tsx'
import { StatusBadge } from '../parts/status-badge.tsx'
import { failureOf } from '../state/failure-of.ts'
import { useClusters, useMirrorOptions, useSourceDialog } from '../state/mirrors-provider.tsx'
import { useWire } from '../state/wire.tsx'
import { LiveMirrors } from './live-mirrors.tsx'
import styles from './mirrors-screen.module.css'
import { NoSources } from './no-sources.tsx'
import toolbar from './toolbar.module.css'
import { ViewSwitch } from './view-switch.tsx'
import { WhoHasIt } from './who-has-it/who-has-it.tsx'

/** Which nodes get their images from peers: hits and misses by node and registry, live. */
export function MirrorsScreen() {
  const { t } = useTranslation(['mirrors', 'common'])
  const { query } = useWire()
  const sources = useQuery(query.mirrors.sources.queryOptions())
  const chosenId = useClusters(({ chosen }) => chosen)
  const [view, setView] = useState<MirrorView>()
  const note = useClusters((clusters) => clusters.note)
  const asWhat = useMirrorOptions((options) => options.view)
  const onView = useCallback(
    (next: MirrorView | undefined) => {
      setView(next)
      if (next !== undefined) note(next.sources)
    },
    [note],
  )

  const all = sources.data
  const chosen = all?.find(({ id }) => id === chosenId)
  const empty = all !== undefined && all.length === 0
  return (
    <Screen
      title={t('title')}
      detail={chosen?.name ?? (all !== undefined && all.length > 1 ? t('allClusters') : all?.[0]?.name)}
      badge={
        <>
          {view !== undefined && !empty && <AgentCount view={view} />}
          {(chosen === undefined ? all : [chosen])?.some(({ demo }) => demo) === true && (
            <StatusBadge tone="accent">{t('common:demo')}</StatusBadge>
          )}
        </>
      }
      {...(asWhat !== 'content' && { foot: t('foot'), footEnd: t('footEnd') })}
    >
      {sources.isError ? (
        <FailurePanel failure={failureOf(sources.error)} onRetry={() => void sources.refetch()} />
      ) : all === undefined ? (
        <Waiting />
      ) : empty ? (
        <NoSources />
      ) : asWhat === 'content' ? (
        <div className={styles.screen}>
          <div className={toolbar.bar}>
            <ViewSwitch />
            <div className={toolbar.end}>
              <SourcesButton />
            </div>
          </div>
          <WhoHasIt key={chosen?.id} sources={chosen && [chosen.id]} />
        </div>
      ) : (
        // the numbers of one cluster never stand under the name of another
        <LiveMirrors key={chosen?.id} sources={all} chosen={chosen} waiting={<Waiting />} onView={onView}>
          <SourcesButton />
        </LiveMirrors>
      )}
    </Screen>
  )
}

/** Opens the list of sources. */
function SourcesButton() {
  const { t } = useTranslation('sources')
  const { open } = useSourceDialog()
  return (
    <Tooltip label={t('manage')}>
      <ActionIcon size={31} aria-label={t('manage')} onClick={() => open({ job: 'list' })}>
        <IconServerCog size={16} />
      </ActionIcon>
    </Tooltip>
  )
}

/** How many agents there are and answer. */
function AgentCount({ view }: { view: MirrorView }) {
  const { t, i18n } = useTranslation('mirrors')
  const count = (of: 'agents' | 'answering') => view.sources.reduce((sum, source) => sum + source[of], 0)
  return (
    <StatusBadge>
      {t('badge', {
        count: count('agents'),
        formatted: formatCount(count('agents'), i18n.language),
        answering: formatCount(count('answering'), i18n.language),
      })}
    </StatusBadge>
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
