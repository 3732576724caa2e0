import { ActionIcon, Button, Group, Skeleton, Stack } from '@mantine/core'
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { SourceEntry, SourceState } from '../../../shared/model/mirror-source.ts'
import { FailurePanel } from '../../parts/failure-panel.tsx'
import { NotVerified } from '../../parts/not-verified.tsx'
import { StatusBadge } from '../../parts/status-badge.tsx'
import { StatusMark } from '../../parts/status-mark.tsx'
import { clusterHealth, clusterTones } from '../../state/clusters.ts'
import { failureOf } from '../../state/failure-of.ts'
import { useClusters, useSourceDialog } from '../../state/mirrors-provider.tsx'
import { useWire } from '../../state/wire.tsx'
import { Asked } from './asked.tsx'
import styles from './source-list.module.css'

/** All sources, how each was doing when it was last looked at, and what can be done with it. */
export function SourceList() {
  const { t } = useTranslation('sources')
  const { query } = useWire()
  const { open } = useSourceDialog()
  const sources = useQuery(query.mirrors.sources.queryOptions())
  const states = useClusters((clusters) => clusters.states)
  return (
    <Stack gap={12}>
      {sources.isError ? (
        <FailurePanel failure={failureOf(sources.error)} onRetry={() => void sources.refetch()} />
      ) : sources.data === undefined ? (
        <Skeleton height={52} />
      ) : sources.data.length === 0 ? (
        <p className={styles.none}>{t('list.none')}</p>
      ) : (
        <ul className={styles.list}>
          {sources.data.map((entry) => (
            <SourceItem key={entry.id} entry={entry} state={states.get(entry.id)} />
          ))}
        </ul>
      )}
      <Group justify="flex-end">
        <Button leftSection={<IconPlus size={15} />} onClick={() => open({ job: 'add', kind: 'kubernetes' })}>
          {t('list.add')}
        </Button>
      </Group>
    </Stack>
  )
}

function SourceItem({ entry, state }: { entry: SourceEntry; state: SourceState | undefined }) {
  const { t } = useTranslation(['sources', 'common', 'failure'])
  const { open } = useSourceDialog()
  const { name, settings, demo, tls } = entry
  const health = clusterHealth(state)
  return (
    <li className={styles.item}>
      <StatusMark tone={clusterTones[health]} />
      <div className={styles.words}>
        <p className={styles.name}>
          <span>{name}</span>
          {demo && <StatusBadge tone="accent">{t('common:demo')}</StatusBadge>}
          {!tls.verify && <NotVerified />}
        </p>
        <p className={styles.asked}>
          {t(`kind.${settings.kind}`)} ·{' '}
          <span className="mono">
            <Asked settings={settings} />
          </span>
        </p>
        <p className={styles.state}>
          {health === 'unknown'
            ? t('health.unknown')
            : t(`health.${health}`, { count: state?.agents ?? 0, answering: state?.answering ?? 0 })}
          {state?.failure !== undefined && `: ${t(`failure:kinds.${state.failure.kind}.title`)}`}
        </p>
      </div>
      {demo ? (
        <span className={styles.fixed}>{t('list.fixed')}</span>
      ) : (
        <>
          <ActionIcon aria-label={t('list.edit', { name })} onClick={() => open({ job: 'edit', entry })}>
            <IconPencil size={15} />
          </ActionIcon>
          <ActionIcon aria-label={t('list.remove', { name })} onClick={() => open({ job: 'remove', entry })}>
            <IconTrash size={15} />
          </ActionIcon>
        </>
      )}
    </li>
  )
}
