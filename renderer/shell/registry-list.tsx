import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { RegistryEntry } from '../../shared/model/registry.ts'
import { NotVerified } from '../parts/not-verified.tsx'
import { StatusBadge } from '../parts/status-badge.tsx'
import { StatusMark } from '../parts/status-mark.tsx'
import { useRegistryDialog } from '../state/registry-dialog.tsx'
import { hrefOf, useRoute } from '../state/route.ts'
import { useWire } from '../state/wire.tsx'
import { SideList } from './side-list.tsx'
import styles from './side-list.module.css'

const minute = 60_000

/** The saved registries, each with whether it answers; asked when the window opens and once a minute. */
export function RegistryList() {
  const { t } = useTranslation('shell')
  const { query } = useWire()
  const { data: entries = [] } = useQuery(query.registries.list.queryOptions())
  const dialog = useRegistryDialog()
  return (
    <SideList name={t('registries')} add={t('addRegistry')} onAdd={() => dialog.open({ job: 'add' })}>
      {entries.map((entry) => (
        <RegistryItem key={entry.id} entry={entry} />
      ))}
    </SideList>
  )
}

function RegistryItem({ entry }: { entry: RegistryEntry }) {
  const { t } = useTranslation(['shell', 'common'])
  const { query } = useWire()
  const route = useRoute()
  const ping = useQuery(
    query.registries.ping.queryOptions({
      input: { id: entry.id },
      staleTime: minute,
      refetchInterval: minute,
    }),
  )
  const status = ping.isError ? 'fails' : ping.isSuccess ? 'answers' : 'checking'
  const current = route.screen === 'registries' && route.parts[0] === entry.id
  return (
    <li>
      <a
        title={`${entry.name}: ${t(`status.${status}`)}`}
        className={styles.item}
        href={hrefOf('registries', entry.id)}
        aria-current={current ? 'true' : undefined}
      >
        <StatusMark
          tone={status === 'answers' ? 'ok' : status === 'fails' ? 'bad' : 'neutral'}
          word={t(`status.${status}`)}
        />
        <span className={styles.name}>{entry.name}</span>
        {!entry.tls.verify && <NotVerified compact />}
        {entry.demo && (
          <span className={styles.demo}>
            <StatusBadge>{t('common:demo')}</StatusBadge>
          </span>
        )}
      </a>
    </li>
  )
}
