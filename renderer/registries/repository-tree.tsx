import { IconChevronDown, IconChevronRight, IconFolderOpen } from '@tabler/icons-react'
import { type KeyboardEvent, type ReactNode, useDeferredValue, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { repositorySchema } from '../../shared/model/reference.ts'
import type { RegistryEntry } from '../../shared/model/registry.ts'
import { VirtualRows } from '../parts/virtual-rows.tsx'
import type { Names } from '../state/names.ts'
import { goTo, hrefOf } from '../state/route.ts'
import { filterNames } from './filter-names.ts'
import { ListHead } from './list-head.tsx'
import { useNameCount } from './name-count.ts'
import styles from './repository-tree.module.css'
import { type TreeRow, treeRows } from './tree.ts'

interface RepositoryTreeProps {
  entry: RegistryEntry
  repositories: Names | undefined
  loading: boolean
  failed: boolean
  selected: string | undefined
  menu: ReactNode
}

const none: readonly string[] = []

/** The repositories of a registry, grouped by path. A name the registry does not list opens from the filter. */
export function RepositoryTree({
  entry,
  repositories,
  loading,
  failed,
  selected,
  menu,
}: RepositoryTreeProps) {
  const { t } = useTranslation('registries')
  const [filter, setFilter] = useState('')
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const all = repositories?.names ?? none
  const wanted = useDeferredValue(filter.trim())
  const shown = useMemo(() => filterNames(all, wanted), [all, wanted])
  // what is searched for is not hidden in a closed folder
  const rows = useMemo(() => treeRows(shown, wanted === '' ? closed : new Set()), [shown, wanted, closed])
  const count = useNameCount('repositories', repositories, shown.length, loading, failed)
  const selectedAt = rows.findIndex((row) => row.path === selected)
  // a list that is whole and has matches needs no way around it
  const mayBeUnlisted = shown.length === 0 || repositories?.total?.complete !== true
  const unlisted =
    mayBeUnlisted && repositorySchema.safeParse(wanted).success && !all.includes(wanted) ? wanted : undefined

  const toggle = (path: string) =>
    setClosed((before) => {
      const after = new Set(before)
      if (!after.delete(path)) after.add(path)
      return after
    })
  const onKey = (row: TreeRow) => (event: KeyboardEvent) => {
    const opens = event.key === 'ArrowRight' && row.expanded === false
    const closes = event.key === 'ArrowLeft' && row.expanded === true
    if (opens || closes) toggle(row.path)
  }

  return (
    <>
      <ListHead label={t('repositories.filter')} filter={filter} onFilter={setFilter} count={count}>
        {menu}
      </ListHead>
      {unlisted !== undefined && (
        <a className={styles.open} href={hrefOf('registries', entry.id, unlisted)}>
          <IconFolderOpen size={15} aria-hidden />
          <span>{t('repositories.open', { name: unlisted })}</span>
        </a>
      )}
      {rows.length === 0 ? (
        <p className={styles.nothing}>
          {wanted !== '' ? t('repositories.noMatch') : loading || failed ? '' : t('repositories.none')}
        </p>
      ) : (
        <VirtualRows
          className={styles.tree ?? ''}
          role="tree"
          aria-label={t('repositories.label')}
          aria-busy={loading}
          count={rows.length}
          rowHeight={28}
          keyOf={(index) => rows[index]?.path ?? String(index)}
          start={selectedAt}
          renderRow={(index, tabIndex) => {
            const row = rows[index]
            if (row === undefined) return null
            return (
              <Row
                row={row}
                tabIndex={tabIndex}
                selected={row.path === selected}
                onKeyDown={onKey(row)}
                onToggle={() => toggle(row.path)}
                onOpen={() => (row.isRepository ? goTo('registries', entry.id, row.path) : toggle(row.path))}
              />
            )
          }}
        />
      )}
    </>
  )
}

interface RowProps {
  row: TreeRow
  tabIndex: 0 | -1
  selected: boolean
  onKeyDown: (event: KeyboardEvent) => void
  onToggle: () => void
  onOpen: () => void
}

function Row({ row, tabIndex, selected, onKeyDown, onToggle, onOpen }: RowProps) {
  const Chevron = row.expanded === true ? IconChevronDown : IconChevronRight
  return (
    <div
      role="treeitem"
      className={`${styles.row} ${row.isRepository ? styles.repository : ''}`}
      style={{ paddingLeft: 6 + row.depth * 14 }}
      tabIndex={tabIndex}
      data-row-focus
      aria-level={row.depth + 1}
      aria-expanded={row.expanded}
      aria-selected={selected}
      aria-label={row.path}
      title={row.path}
      onClick={onOpen}
      onKeyDown={(event) => {
        onKeyDown(event)
        if (event.key === 'Enter' || event.key === ' ') {
          event.preventDefault()
          onOpen()
        }
      }}
    >
      <span
        className={styles.chevron}
        onClick={(event) => {
          if (row.expanded === undefined) return
          event.stopPropagation()
          onToggle()
        }}
      >
        {row.expanded !== undefined && <Chevron size={13} aria-hidden />}
      </span>
      <span className={styles.name}>{row.name}</span>
    </div>
  )
}
