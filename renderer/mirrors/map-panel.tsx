import { type ReactNode, type RefObject, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { MirrorView } from '../../shared/model/mirror.ts'
import { EmptyState } from '../parts/empty-state.tsx'
import { HeatMap, type HeatMapHandle } from '../parts/heat-map/heat-map.tsx'
import { HeatLegend } from '../parts/heat-map/legend.tsx'
import type { AgentKey, Grouping } from '../state/mirror-options.ts'
import { grouped } from './arrange.ts'
import { columnMark, heatGroupsOf } from './heat-groups.ts'
import styles from './map-panel.module.css'
import { keyOf, type NodeRow } from './node-rows.ts'
import { useMapWords } from './use-map-words.ts'

/** Nodes by registries as a picture, and what its colours mean. */
export function MapPanel({
  view,
  rows,
  registries,
  hidden,
  grouping,
  selected,
  onSelect,
  handle,
  head,
}: {
  view: MirrorView
  /** Filtered and sorted. */
  rows: readonly NodeRow[]
  registries: readonly string[]
  /** Registries there is no column for. */
  hidden: number
  grouping: Grouping
  selected: AgentKey | undefined
  onSelect: (agent: AgentKey) => void
  handle: RefObject<HeatMapHandle | null>
  /** Above the map. */
  head: ReactNode
}) {
  const { t } = useTranslation('mirrors')
  const { words, legend, nameOf, groupTitle, markWords } = useMapWords(view, rows, grouping)
  const groups = useMemo(
    () => heatGroupsOf(grouped(rows, grouping), registries, { groupTitle, markWords }),
    [rows, grouping, registries, groupTitle, markWords],
  )
  const columns = useMemo(
    () =>
      registries.map((registry) => ({
        id: registry,
        title: nameOf(registry),
        mark: columnMark(view.findings, registry, markWords),
      })),
    [registries, nameOf, markWords, view.findings],
  )
  const hint =
    registries.length === 0
      ? t(view.agents.some(({ counts }) => counts !== undefined) ? 'map.noRegistry' : 'map.noMeasure')
      : hidden > 0
        ? t('map.hidden', { count: hidden })
        : undefined
  return (
    <div className={styles.map}>
      {hint !== undefined && (
        <p className={styles.hint} role="status">
          {hint}
        </p>
      )}
      <HeatMap
        columns={columns}
        groups={groups}
        selected={selected && keyOf(selected)}
        words={words}
        onOpen={(key) => {
          const row = rows.find((one) => one.key === key)
          if (row !== undefined) onSelect({ source: row.reading.source, id: row.reading.id })
        }}
        handle={handle}
        head={head}
        legend={<HeatLegend words={legend} />}
        empty={<EmptyState title={t('filter.nothing')} />}
      />
    </div>
  )
}
