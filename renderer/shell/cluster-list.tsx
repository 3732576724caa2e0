import { UnstyledButton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { SourceEntry } from '../../shared/model/mirror-source.ts'
import { NotVerified } from '../parts/not-verified.tsx'
import { StatusBadge } from '../parts/status-badge.tsx'
import { StatusMark } from '../parts/status-mark.tsx'
import { clusterHealth, clusterTones } from '../state/clusters.ts'
import { useClusters, useSourceDialog } from '../state/mirrors-provider.tsx'
import { goTo, useRoute } from '../state/route.ts'
import { useWire } from '../state/wire.tsx'
import { SideList } from './side-list.tsx'
import styles from './side-list.module.css'

/**
 * The clusters whose mirrors are looked at, each with how it was doing in the newest view. Nothing is asked from here:
 * until Mirrors was open nobody knows.
 */
export function ClusterList() {
  const { t } = useTranslation('shell')
  const { query } = useWire()
  const { data: entries = [] } = useQuery(query.mirrors.sources.queryOptions())
  const { open } = useSourceDialog()
  const chosen = useClusters((clusters) => clusters.chosen)
  const choose = useClusters((clusters) => clusters.choose)
  const shown = useRoute().screen === 'mirrors'
  const several = entries.length > 1
  const known = entries.some(({ id }) => id === chosen)
  return (
    <SideList
      name={t('clusters')}
      add={t('addCluster')}
      onAdd={() => open({ job: 'add', kind: 'kubernetes' })}
    >
      {several && (
        <li>
          <UnstyledButton
            className={styles.item}
            title={t('allClusters')}
            aria-current={shown && !known ? 'true' : undefined}
            onClick={() => {
              choose(undefined)
              goTo('mirrors')
            }}
          >
            <span className={styles.all} aria-hidden>
              *
            </span>
            <span className={styles.name}>{t('allClusters')}</span>
          </UnstyledButton>
        </li>
      )}
      {entries.map((entry) => (
        <ClusterItem key={entry.id} entry={entry} current={shown && (!several || entry.id === chosen)} />
      ))}
    </SideList>
  )
}

function ClusterItem({ entry, current }: { entry: SourceEntry; current: boolean }) {
  const { t, i18n } = useTranslation(['shell', 'common'])
  const state = useClusters((clusters) => clusters.states.get(entry.id))
  const choose = useClusters((clusters) => clusters.choose)
  const health = clusterHealth(state)
  const word =
    health === 'unknown'
      ? t('cluster.unknown')
      : t(`cluster.${health}`, { count: state?.agents ?? 0, answering: state?.answering ?? 0 })
  const time =
    state?.at === undefined
      ? undefined
      : new Intl.DateTimeFormat(i18n.language, { timeStyle: 'short', hourCycle: 'h23' }).format(state.at)
  return (
    <li>
      <UnstyledButton
        className={styles.item}
        title={
          time === undefined
            ? `${entry.name}: ${word}`
            : t('cluster.asked', { name: entry.name, state: word, time })
        }
        aria-current={current ? 'true' : undefined}
        onClick={() => {
          choose(entry.id)
          goTo('mirrors')
        }}
      >
        <StatusMark tone={clusterTones[health]} word={word} />
        <span className={styles.name}>{entry.name}</span>
        {!entry.tls.verify && <NotVerified compact />}
        {entry.demo && (
          <span className={styles.demo}>
            <StatusBadge>{t('common:demo')}</StatusBadge>
          </span>
        )}
      </UnstyledButton>
    </li>
  )
}
