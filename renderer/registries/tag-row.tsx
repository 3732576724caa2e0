import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { RegistryEntry } from '../../shared/model/registry.ts'
import { formatBytes, shortDigest } from '../parts/format.ts'
import { StatusBadge } from '../parts/status-badge.tsx'
import { hrefOf } from '../state/route.ts'
import type { Slots } from '../state/slots.ts'
import { useWire } from '../state/wire.tsx'
import styles from './tag-table.module.css'

interface TagRowProps {
  entry: RegistryEntry
  repository: string
  tag: string
  index: number
  tabIndex: 0 | -1
  selected: boolean
  /** Whether the row may ask for what the tag is; what is known already is shown in any case. */
  peek: boolean
  slots: Slots
}

/** One tag with what is known of it. */
export function TagRow({ entry, repository, tag, index, tabIndex, selected, peek, slots }: TagRowProps) {
  const { t, i18n } = useTranslation('registries')
  const { client, query } = useWire()
  const input = { id: entry.id, repository, reference: tag }
  const { data, isLoading } = useQuery(
    query.registries.artifact.queryOptions({
      input,
      queryFn: ({ signal }) => slots.run(signal, () => client.registries.artifact(input, { signal })),
      enabled: peek,
      retry: false,
    }),
  )
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      data-selected={selected}
      className={`${styles.columns} ${styles.row}`}
    >
      <span role="cell" className={styles.tag}>
        <a
          className="mono"
          href={hrefOf('registries', entry.id, repository, tag)}
          tabIndex={tabIndex}
          data-row-focus
          aria-current={selected ? 'true' : undefined}
          title={tag}
        >
          {tag}
        </a>
      </span>
      <span role="cell">
        {data !== undefined ? (
          <StatusBadge>{t(`kinds.${data.kind}`)}</StatusBadge>
        ) : (
          isLoading && <span className={styles.skeleton} />
        )}
      </span>
      <span role="cell" className={`${styles.number} mono`}>
        {data !== undefined && formatBytes(data.totalSize, i18n.language)}
      </span>
      <span role="cell" className={`${styles.digest} mono`} title={data?.digest}>
        {data !== undefined && shortDigest(data.digest).slice(0, 8)}
      </span>
    </div>
  )
}

/** Docker Hub counts each manifest that is read against the user's pull limit, so nothing is read there unasked. */
export function mayPeek(url: string): boolean {
  return !/(?:^|\.)docker\.(?:io|com)$/.test(new URL(url).hostname)
}
