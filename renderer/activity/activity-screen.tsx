import { Button, CloseButton, SegmentedControl, Skeleton, TextInput } from '@mantine/core'
import { IconDownload, IconPlayerPause, IconPlayerPlay, IconTrash } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useDeferredValue, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Exchange } from '../../shared/model/exchange.ts'
import { download } from '../parts/download.ts'
import { EmptyState } from '../parts/empty-state.tsx'
import { FailurePanel } from '../parts/failure-panel.tsx'
import { formatCount } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import { Screen } from '../parts/screen.tsx'
import { useActivity } from '../state/activity.ts'
import { failureOf } from '../state/failure-of.ts'
import { goTo, useRoute } from '../state/route.ts'
import { useWire } from '../state/wire.tsx'
import styles from './activity-screen.module.css'
import { ExchangeDetail } from './exchange-detail.tsx'
import { ExchangeTable } from './exchange-table.tsx'
import { filterExchanges } from './filter-exchanges.ts'

const none: readonly Exchange[] = []

/** Every HTTP exchange the app made, newest first. */
export function ActivityScreen() {
  const { t, i18n } = useTranslation(['activity', 'shell', 'failure', 'common'])
  const { client } = useWire()
  const { exchanges, failure, clear } = useActivity()
  const [selectedId] = useRoute().parts
  const [filter, setFilter] = useState('')
  const [which, setWhich] = useState<'all' | 'failures'>('all')
  const [paused, setPaused] = useState<readonly Exchange[]>()
  const wanted = useDeferredValue(filter)

  const all = paused ?? exchanges ?? none
  const shown = useMemo(
    () => filterExchanges(all, wanted, which === 'failures', (one) => t(`failure:answeredBy.${one}`)),
    [all, wanted, which, t],
  )
  const selected = selectedId === undefined ? undefined : all.find((one) => one.id === selectedId)
  const counted = t('count', { count: all.length, formatted: formatCount(all.length, i18n.language) })
  const since = paused === undefined ? 0 : newSince(exchanges ?? none, paused)

  const exportHar = useMutation({
    mutationFn: () => client.activity.har(),
    onSuccess: ({ fileName, text }) => download(fileName, text, 'application/json'),
  })
  const clearing = useMutation({
    mutationFn: clear,
    onSuccess: () => {
      setPaused(undefined)
      goTo('activity')
    },
  })
  const error = exportHar.error ?? clearing.error
  const problem = error === null ? failure : failureOf(error)

  return (
    <Screen
      title={t('shell:screens.activity')}
      detail={
        exchanges !== undefined && (
          <span role="status">
            {shown.length === all.length
              ? counted
              : t('of', { shown: formatCount(shown.length, i18n.language), all: counted })}
            {since > 0 && `, ${t('waiting', { count: since, formatted: formatCount(since, i18n.language) })}`}
          </span>
        )
      }
      foot={t('foot')}
    >
      <div className={styles.screen}>
        <div className={styles.tools}>
          <TextInput
            className={styles.filter ?? ''}
            aria-label={t('filter')}
            placeholder={t('filter')}
            value={filter}
            spellCheck={false}
            onChange={(event) => setFilter(event.currentTarget.value)}
            rightSection={
              filter === '' ? undefined : (
                <CloseButton size="xs" aria-label={t('common:remove')} onClick={() => setFilter('')} />
              )
            }
          />
          <SegmentedControl
            aria-label={t('which')}
            value={which}
            onChange={setWhich}
            data={(['all', 'failures'] as const).map((value) => ({ value, label: t(value) }))}
          />
          <Button
            variant="default"
            leftSection={paused === undefined ? <IconPlayerPause size={15} /> : <IconPlayerPlay size={15} />}
            onClick={() => setPaused(paused === undefined ? (exchanges ?? none) : undefined)}
          >
            {t(paused === undefined ? 'pause' : 'resume')}
          </Button>
          <Button
            variant="default"
            leftSection={<IconDownload size={15} />}
            loading={exportHar.isPending}
            onClick={() => exportHar.mutate()}
          >
            {t('export')}
          </Button>
          <Button
            variant="default"
            leftSection={<IconTrash size={15} />}
            loading={clearing.isPending}
            disabled={all.length === 0}
            onClick={() => clearing.mutate()}
          >
            {t('clear')}
          </Button>
        </div>
        {problem !== undefined && <FailurePanel failure={problem} />}
        <div className={selectedId === undefined ? styles.list : styles.split}>
          <Panel flush className={styles.panel ?? ''} aria-label={t('table')}>
            {exchanges === undefined ? (
              failure === undefined && <Waiting />
            ) : shown.length > 0 ? (
              <ExchangeTable exchanges={shown} selected={selectedId} narrow={selectedId !== undefined} />
            ) : all.length > 0 ? (
              <EmptyState title={t('noMatch')} />
            ) : (
              <EmptyState title={t('empty')} meaning={t('emptyMeaning')} />
            )}
          </Panel>
          {selectedId !== undefined && <ExchangeDetail exchange={selected} />}
        </div>
      </div>
    </Screen>
  )
}

function Waiting() {
  return (
    <div className={styles.waiting} aria-busy="true">
      {[88, 64, 76, 58, 82].map((width) => (
        <Skeleton key={width} height={10} width={`${width}%`} />
      ))}
    </div>
  )
}

function newSince(now: readonly Exchange[], then: readonly Exchange[]): number {
  const newestThen = then[0]?.id
  const at = now.findIndex((one) => one.id === newestThen)
  return at === -1 ? now.length : at
}
