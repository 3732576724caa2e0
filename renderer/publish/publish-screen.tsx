import { Button, Skeleton } from '@mantine/core'
import { IconPackage, IconPlugConnected } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { registryHost } from '../../shared/model/reference.ts'
import { EmptyState } from '../parts/empty-state.tsx'
import { FailurePanel } from '../parts/failure-panel.tsx'
import { formatCount } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import { Screen } from '../parts/screen.tsx'
import { useStartDemoHere } from '../state/demo-here.ts'
import { failureOf } from '../state/failure-of.ts'
import { useRegistryDialog } from '../state/registry-dialog.tsx'
import { useUploads } from '../state/uploads-provider.tsx'
import { useWire } from '../state/wire.tsx'
import { DropZone } from './drop-zone.tsx'
import { History } from './history.tsx'
import styles from './publish-screen.module.css'
import { UploadDetail } from './upload-detail.tsx'
import { UploadList } from './upload-list.tsx'

/** Charts on their way into a registry: the queue at the left, the selected chart at the right. */
export function PublishScreen() {
  const { t, i18n } = useTranslation('publish')
  const { query } = useWire()
  const registries = useQuery(query.registries.list.queryOptions())
  // the form begins with the mode they say, so it waits for them; without them it is auto
  const settings = useQuery(query.settings.get.queryOptions())
  const uploads = useUploads((state) => state.uploads)
  const selected = useUploads((state) => state.uploads.find((upload) => upload.id === state.selected))
  const draftRegistry = useUploads((state) => state.draft.registryId)
  const running = uploads.filter((upload) => upload.status === 'uploading').length
  const registry =
    registries.data?.find((entry) => entry.id === (selected?.target?.registryId ?? draftRegistry)) ??
    registries.data?.[0]
  return (
    <Screen
      title={t('title')}
      detail={registry === undefined ? undefined : t('to', { host: registryHost(registry.url) })}
      foot={
        running === 0
          ? t('foot.idle')
          : t('foot.running', { count: running, shown: formatCount(running, i18n.language) })
      }
      footEnd={
        <>
          <History /> {t('foot.bytes')}
        </>
      }
    >
      <div className={styles.columns}>
        <div className={styles.queue}>
          <DropZone />
          <Panel
            className={styles.list}
            title={t('list.title')}
            note={uploads.length > 0 ? uploads.length : undefined}
          >
            {uploads.length === 0 ? <p className={styles.hint}>{t('list.empty')}</p> : <UploadList />}
          </Panel>
        </div>
        <div className={styles.detail}>
          {registries.isPending || settings.isPending ? (
            <Panel aria-label={t('target.form')}>
              <Skeleton height={22} width="40%" mb={12} />
              <Skeleton height={31} mb={8} />
              <Skeleton height={16} width="70%" />
            </Panel>
          ) : registries.isError ? (
            <FailurePanel failure={failureOf(registries.error)} onRetry={() => void registries.refetch()} />
          ) : registries.data.length === 0 && selected?.failure === undefined ? (
            <NoRegistry />
          ) : selected === undefined ? (
            <Panel className={styles.fill} aria-label={t('empty.title')}>
              <EmptyState
                icon={<IconPackage size={22} />}
                title={t('empty.title')}
                meaning={t('empty.meaning')}
              />
            </Panel>
          ) : (
            <UploadDetail
              key={selected.id}
              upload={selected}
              registries={registries.data}
              usualMode={settings.data?.uploadMode ?? 'auto'}
            />
          )}
        </div>
      </div>
    </Screen>
  )
}

function NoRegistry() {
  const { t } = useTranslation('publish')
  const dialog = useRegistryDialog()
  const demo = useStartDemoHere()
  return (
    <Panel className={styles.fill} aria-label={t('empty.noRegistryTitle')}>
      <EmptyState
        icon={<IconPlugConnected size={22} />}
        title={t('empty.noRegistryTitle')}
        meaning={t('empty.noRegistryMeaning')}
      >
        <Button onClick={() => dialog.open({ job: 'add' })}>{t('empty.addRegistry')}</Button>
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
