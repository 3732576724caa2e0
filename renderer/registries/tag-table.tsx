import { useQuery } from '@tanstack/react-query'
import { useDeferredValue, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { RegistryEntry } from '../../shared/model/registry.ts'
import { EmptyState } from '../parts/empty-state.tsx'
import { FailurePanel } from '../parts/failure-panel.tsx'
import { VirtualRows } from '../parts/virtual-rows.tsx'
import { failureOf } from '../state/failure-of.ts'
import { tagsOptions } from '../state/names.ts'
import { createSlots } from '../state/slots.ts'
import { useWire } from '../state/wire.tsx'
import { filterNames } from './filter-names.ts'
import { ListHead } from './list-head.tsx'
import { useNameCount } from './name-count.ts'
import { mayPeek, TagRow } from './tag-row.tsx'
import styles from './tag-table.module.css'
import { newestFirst } from './versions.ts'

interface TagTableProps {
  entry: RegistryEntry
  repository: string
  selected: string | undefined
}

const none: readonly string[] = []

/** All tags of a repository, newest version first; only what is seen is drawn and asked about. */
export function TagTable({ entry, repository, selected }: TagTableProps) {
  const { t } = useTranslation('registries')
  const wire = useWire()
  const tags = useQuery(tagsOptions(wire, entry.id, repository))
  const [filter, setFilter] = useState('')
  // a registry is not to be flooded because somebody scrolls
  const [slots] = useState(() => createSlots(6))
  const [scrolling, setScrolling] = useState(false)
  const wanted = useDeferredValue(filter)
  const all = tags.data?.names ?? none
  const complete = tags.data?.total !== undefined
  // while pages come in their order stays, so that nothing jumps under the pointer
  const ordered = useMemo(() => (complete ? newestFirst(all) : all), [all, complete])
  const shown = useMemo(() => filterNames(ordered, wanted), [ordered, wanted])
  const count = useNameCount('tags', tags.data, shown.length, tags.isFetching, tags.isError)
  const failure = tags.isError ? failureOf(tags.error) : undefined
  const peek = !scrolling && mayPeek(entry.url)

  return (
    <>
      <ListHead label={t('tags.filter')} filter={filter} onFilter={setFilter} count={count} />
      {failure !== undefined && (
        <div className={styles.failure}>
          <FailurePanel failure={failure} onRetry={() => void tags.refetch()} />
        </div>
      )}
      {shown.length === 0 && failure === undefined && complete && (
        <EmptyState
          title={t(wanted === '' ? 'tags.none' : 'tags.noMatch')}
          meaning={wanted === '' ? t('tags.noneMeaning') : undefined}
        />
      )}
      {shown.length > 0 && (
        <div
          className={styles.table}
          role="table"
          aria-label={t('tags.label', { repository })}
          aria-rowcount={shown.length + 1}
          aria-busy={tags.isFetching}
        >
          <div role="rowgroup">
            <div role="row" className={`${styles.columns} ${styles.head}`} aria-rowindex={1}>
              <span role="columnheader">{t('tags.tag')}</span>
              <span role="columnheader">{t('tags.kind')}</span>
              <span role="columnheader" className={styles.number}>
                {t('tags.size')}
              </span>
              <span role="columnheader" className={styles.digest}>
                {t('tags.digest')}
              </span>
            </div>
          </div>
          <VirtualRows
            role="rowgroup"
            className={styles.rows ?? ''}
            count={shown.length}
            rowHeight={32}
            keyOf={(index) => shown[index] ?? String(index)}
            start={selected === undefined ? -1 : shown.indexOf(selected)}
            onScrolling={setScrolling}
            renderRow={(index, tabIndex) => {
              const tag = shown[index]
              if (tag === undefined) return null
              return (
                <TagRow
                  entry={entry}
                  repository={repository}
                  tag={tag}
                  index={index}
                  tabIndex={tabIndex}
                  selected={tag === selected}
                  peek={peek}
                  slots={slots}
                />
              )
            }}
          />
        </div>
      )}
    </>
  )
}
