import { ActionIcon, Button, Menu } from '@mantine/core'
import {
  IconDatabase,
  IconDots,
  IconFlask,
  IconPencil,
  IconPlus,
  IconRefresh,
  IconTrash,
} from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { localFailure } from '../../shared/model/local-failure.ts'
import { registryHost } from '../../shared/model/reference.ts'
import type { RegistryEntry } from '../../shared/model/registry.ts'
import { EmptyState } from '../parts/empty-state.tsx'
import { FailurePanel } from '../parts/failure-panel.tsx'
import { formatDuration } from '../parts/format.ts'
import { NotVerified } from '../parts/not-verified.tsx'
import { Panel } from '../parts/panel.tsx'
import { Screen } from '../parts/screen.tsx'
import { StatusBadge } from '../parts/status-badge.tsx'
import { useStartDemo } from '../state/demo.ts'
import { failureOf } from '../state/failure-of.ts'
import { repositoriesOptions } from '../state/names.ts'
import { useRegistryDialog } from '../state/registry-dialog.tsx'
import { useRoute } from '../state/route.ts'
import { useWire } from '../state/wire.tsx'
import { ArtifactPanel } from './artifact-panel.tsx'
import { CertificateButton } from './certificate-button.tsx'
import { draftOfEntry } from './entry-draft.ts'
import { RepositoryTree } from './repository-tree.tsx'
import styles from './registries-screen.module.css'
import { TagTable } from './tag-table.tsx'
import { Warnings } from './warnings.tsx'

/** What is in a registry, and what exactly an artifact is: repositories, tags, one artifact. */
export function RegistriesScreen() {
  const { t } = useTranslation(['shell', 'registries'])
  const { query } = useWire()
  const [id, repository, reference] = useRoute().parts
  const { data: capabilities } = useQuery(query.host.capabilities.queryOptions())
  const list = useQuery(query.registries.list.queryOptions())
  const entry = id === undefined ? list.data?.[0] : list.data?.find((one) => one.id === id)
  const foot = capabilities?.demo === true ? t('foot.demo') : t('foot.local')

  if (list.isError) {
    return (
      <Screen title={t('screens.registries')} foot={foot}>
        <FailurePanel failure={failureOf(list.error)} onRetry={() => void list.refetch()} />
      </Screen>
    )
  }
  if (entry === undefined) {
    return (
      <Screen title={t('screens.registries')} foot={foot}>
        {list.isSuccess &&
          (list.data.length === 0 ? (
            <FirstRun />
          ) : (
            <FailurePanel
              failure={localFailure('no-such-item', 'input', 'There is no registry with this id.')}
            />
          ))}
      </Screen>
    )
  }
  return (
    <Screen
      title={entry.name}
      detail={repository?.replaceAll('/', ' / ')}
      badge={<EntryBadges entry={entry} />}
      foot={foot}
      footEnd={<span className="mono">{entry.url}</span>}
    >
      <div className={styles.stack}>
        <Warnings host={registryHost(entry.url)} />
        <Browser key={entry.id} entry={entry} repository={repository} reference={reference} />
      </div>
    </Screen>
  )
}

interface BrowserProps {
  entry: RegistryEntry
  repository: string | undefined
  reference: string | undefined
}

function Browser({ entry, repository, reference }: BrowserProps) {
  const { t } = useTranslation('registries')
  const wire = useWire()
  const repositories = useQuery(repositoriesOptions(wire, entry.id))
  const failure = repositories.isError ? failureOf(repositories.error) : undefined
  return (
    <div className={styles.browser}>
      <Panel flush className={styles.panel ?? ''} aria-label={t('repositories.label')}>
        <RepositoryTree
          entry={entry}
          repositories={repositories.data}
          loading={repositories.isFetching}
          failed={repositories.isError}
          selected={repository}
          menu={<EntryMenu entry={entry} />}
        />
      </Panel>
      {repository === undefined ? (
        failure === undefined ? (
          <Panel className={styles.wide ?? ''} aria-label={t('repositories.choose')}>
            <NoRepository empty={repositories.isSuccess && repositories.data.total?.count === 0} />
          </Panel>
        ) : (
          <div className={styles.wide}>
            <FailurePanel failure={failure} onRetry={() => void repositories.refetch()} />
            {failure.kind === 'tls-untrusted' && (
              <CertificateButton draft={draftOfEntry(entry)} id={entry.id} />
            )}
            <p className="note">{t('repositories.byName')}</p>
          </div>
        )
      ) : (
        <>
          <Panel flush className={styles.panel ?? ''} aria-label={t('tags.label', { repository })}>
            <TagTable key={repository} entry={entry} repository={repository} selected={reference} />
          </Panel>
          <ArtifactPanel entry={entry} repository={repository} reference={reference} />
        </>
      )}
    </div>
  )
}

function NoRepository({ empty }: { empty: boolean }) {
  const { t } = useTranslation('registries')
  if (empty) return <EmptyState title={t('repositories.none')} meaning={t('repositories.noneMeaning')} />
  return <EmptyState title={t('repositories.choose')} meaning={t('repositories.chooseMeaning')} />
}

function FirstRun() {
  const { t } = useTranslation('registries')
  const dialog = useRegistryDialog()
  const startDemo = useStartDemo()
  return (
    <Panel className={styles.first ?? ''} aria-label={t('first.title')}>
      <EmptyState
        icon={<IconDatabase size={22} stroke={1.7} />}
        title={t('first.title')}
        meaning={t('first.meaning')}
      >
        <Button leftSection={<IconPlus size={15} />} onClick={() => dialog.open({ job: 'add' })}>
          {t('first.add')}
        </Button>
        <Button
          variant="default"
          leftSection={<IconFlask size={15} />}
          loading={startDemo.isPending}
          onClick={() => startDemo.mutate(undefined)}
        >
          {t('first.demo')}
        </Button>
      </EmptyState>
      {startDemo.error !== null && <FailurePanel failure={failureOf(startDemo.error)} />}
    </Panel>
  )
}

function EntryBadges({ entry }: { entry: RegistryEntry }) {
  const { t, i18n } = useTranslation(['registries', 'common'])
  const { query } = useWire()
  const ping = useQuery(query.registries.ping.queryOptions({ input: { id: entry.id } }))
  return (
    <>
      {ping.isError ? (
        <StatusBadge tone="bad">{t('badge.fails')}</StatusBadge>
      ) : ping.isSuccess ? (
        <StatusBadge tone="ok">
          {t('badge.answers', { time: formatDuration(ping.data.milliseconds, i18n.language) })}
        </StatusBadge>
      ) : (
        <StatusBadge>{t('badge.checking')}</StatusBadge>
      )}
      {!entry.tls.verify && <NotVerified />}
      {entry.demo && <StatusBadge>{t('common:demo')}</StatusBadge>}
    </>
  )
}

function EntryMenu({ entry }: { entry: RegistryEntry }) {
  const { t } = useTranslation('registries')
  const { query } = useWire()
  const queries = useQueryClient()
  const dialog = useRegistryDialog()
  const reload = () => {
    const { ping, repositories, tags, artifact, referrers } = query.registries
    for (const one of [ping, repositories, tags, artifact, referrers]) {
      void queries.invalidateQueries({ queryKey: one.key({ input: { id: entry.id } }) })
    }
  }
  return (
    <Menu
      position="bottom-start"
      width={160}
      withinPortal={false}
      floatingStrategy="fixed"
      withInitialFocusPlaceholder={false}
    >
      <Menu.Target>
        <ActionIcon variant="subtle" size={30} aria-label={t('menu.label')}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconRefresh size={15} />} onClick={reload}>
          {t('menu.reload')}
        </Menu.Item>
        {!entry.demo && (
          <>
            <Menu.Item
              leftSection={<IconPencil size={15} />}
              onClick={() => dialog.open({ job: 'edit', entry })}
            >
              {t('menu.edit')}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconTrash size={15} />}
              onClick={() => dialog.open({ job: 'remove', entry })}
            >
              {t('menu.remove')}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
