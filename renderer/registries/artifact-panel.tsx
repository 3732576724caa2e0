import { Button, Skeleton, Tabs } from '@mantine/core'
import { IconArrowLeft, IconZoomQuestion } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { versionOfTag } from '../../shared/model/chart.ts'
import type { ArtifactDetail } from '../../shared/model/manifest.ts'
import { printReference, type Reference, registryHost } from '../../shared/model/reference.ts'
import type { RegistryEntry } from '../../shared/model/registry.ts'
import { EmptyState } from '../parts/empty-state.tsx'
import { FailurePanel } from '../parts/failure-panel.tsx'
import { shortDigest } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import { StatusBadge } from '../parts/status-badge.tsx'
import { failureOf } from '../state/failure-of.ts'
import { useMirrorOptions } from '../state/mirrors-provider.tsx'
import { goTo, hrefOf } from '../state/route.ts'
import { useWire } from '../state/wire.tsx'
import { ArtifactLayers } from './artifact-layers.tsx'
import { ArtifactManifest } from './artifact-manifest.tsx'
import { ArtifactOverview } from './artifact-overview.tsx'
import styles from './artifact-panel.module.css'

interface ArtifactPanelProps {
  entry: RegistryEntry
  repository: string
  /** A tag or a digest; nothing is chosen yet without one. */
  reference: string | undefined
}

/** What exactly stands behind a tag or digest. */
export function ArtifactPanel({ entry, repository, reference }: ArtifactPanelProps) {
  const { t } = useTranslation('registries')
  const { query } = useWire()
  const artifact = useQuery(
    query.registries.artifact.queryOptions({
      input: { id: entry.id, repository, reference: reference ?? '' },
      enabled: reference !== undefined,
    }),
  )
  if (reference === undefined) {
    return (
      <Panel aria-label={t('detail.choose')}>
        <EmptyState title={t('detail.choose')} meaning={t('detail.chooseMeaning')} />
      </Panel>
    )
  }
  return (
    <Panel flush className={styles.panel ?? ''} aria-label={t('detail.label', { reference })}>
      {artifact.isError ? (
        <div className={styles.body}>
          <FailurePanel failure={failureOf(artifact.error)} onRetry={() => void artifact.refetch()} />
        </div>
      ) : artifact.isSuccess ? (
        <Artifact entry={entry} detail={artifact.data} />
      ) : (
        <div className={styles.head} aria-busy="true">
          <Skeleton height={16} width={160} mb={8} />
          <Skeleton height={12} width={220} mb={28} />
          <Skeleton height={76} mb={16} />
          <Skeleton height={12} mb={14} />
          <Skeleton height={12} mb={14} />
          <Skeleton height={12} width={200} />
        </div>
      )}
    </Panel>
  )
}

function Artifact({ entry, detail }: { entry: RegistryEntry; detail: ArtifactDetail }) {
  const { t } = useTranslation('registries')
  const byDigest = detail.asked.startsWith('sha')
  const asked = byDigest ? { digest: detail.asked } : { tag: detail.asked }
  const reference: Reference = { registry: registryHost(entry.url), repository: detail.repository, ...asked }
  const name = detail.chart?.name ?? detail.repository.slice(detail.repository.lastIndexOf('/') + 1)
  const version = byDigest
    ? shortDigest(detail.asked)
    : detail.kind === 'chart'
      ? (detail.chart?.version ?? versionOfTag(detail.asked))
      : detail.asked
  return (
    <>
      <div className={styles.head}>
        <div className={styles.line}>
          <h2 className={styles.title}>
            {name} <span className={styles.version}>{version}</span>
          </h2>
          <StatusBadge>{t(`kinds.${detail.kind}`)}</StatusBadge>
        </div>
        {(detail.kind === 'image' || detail.kind === 'index') && (
          <AskNodes image={printReference(reference)} registryId={entry.id} />
        )}
        {detail.chart?.description !== undefined && (
          <p className={styles.description}>{detail.chart.description}</p>
        )}
        {byDigest && (
          <a className={styles.back} href={hrefOf('registries', entry.id, detail.repository)}>
            <IconArrowLeft size={14} aria-hidden /> {detail.repository}
          </a>
        )}
      </div>
      <Tabs defaultValue="overview" className={styles.tabs ?? ''} keepMounted={false}>
        <Tabs.List className={styles.tabList ?? ''}>
          <Tabs.Tab value="overview">{t('detail.overview')}</Tabs.Tab>
          {detail.kind !== 'index' && <Tabs.Tab value="layers">{t('detail.layers')}</Tabs.Tab>}
          <Tabs.Tab value="manifest">{t('detail.manifest')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="overview" className={styles.body ?? ''}>
          <ArtifactOverview entry={entry} reference={reference} detail={detail} />
        </Tabs.Panel>
        <Tabs.Panel value="layers" className={styles.body ?? ''}>
          <ArtifactLayers detail={detail} />
        </Tabs.Panel>
        <Tabs.Panel value="manifest" className={styles.body ?? ''}>
          <ArtifactManifest detail={detail} />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}

/** Leads to Mirrors with the question which nodes have this image, where there is anybody to ask. */
function AskNodes({ image, registryId }: { image: string; registryId: string }) {
  const { t } = useTranslation('registries')
  const { query } = useWire()
  const sources = useQuery(query.mirrors.sources.queryOptions())
  const set = useMirrorOptions((options) => options.set)
  if (sources.data === undefined || sources.data.length === 0) return null
  return (
    <Button
      variant="default"
      mt={8}
      leftSection={<IconZoomQuestion size={15} />}
      onClick={() => {
        set({ view: 'content', image, registryId })
        goTo('mirrors')
      }}
    >
      {t('detail.whoHasIt')}
    </Button>
  )
}
