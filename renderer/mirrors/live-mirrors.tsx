import { useHotkeys } from '@mantine/hooks'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type ReactNode, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SourceEntry } from '../../shared/model/mirror-source.ts'
import type { MirrorView } from '../../shared/model/mirror.ts'
import { FailurePanel } from '../parts/failure-panel.tsx'
import { formatCount } from '../parts/format.ts'
import type { HeatMapHandle } from '../parts/heat-map/heat-map.tsx'
import { Panel } from '../parts/panel.tsx'
import { failureOf } from '../state/failure-of.ts'
import { type AgentKey, windowOf } from '../state/mirror-options.ts'
import { useMirrorOptions } from '../state/mirrors-provider.tsx'
import { useConnection, useWire } from '../state/wire.tsx'
import { filtered, groupingOf, inOrderOf, sorted, usefulGroupings } from './arrange.ts'
import { countRowsOf } from './count-rows.ts'
import { CountsTable } from './counts-table.tsx'
import { NodeDrawer } from './drawer/node-drawer.tsx'
import { ExportMenu } from './export/export-menu.tsx'
import { usePicture } from './export/use-picture.ts'
import { FilterHead } from './filter-head.tsx'
import { FindingChip } from './findings/finding-chip.tsx'
import { FindingsPanel } from './findings/findings-panel.tsx'
import { openedFinding, rowsOf } from './findings/narrowed.ts'
import { MapPanel } from './map-panel.tsx'
import styles from './mirrors-screen.module.css'
import { keyOf, nodeRowsOf } from './node-rows.ts'
import { columnsOf } from './registries.ts'
import { SourceStrip } from './source-strip.tsx'
import { TimelinePanel } from './timeline/timeline-panel.tsx'
import { usePlayback } from './timeline/use-playback.ts'
import { Toolbar } from './toolbar.tsx'
import { useKnownRegistries } from './use-known-registries.ts'
import { useView } from './use-view.ts'

/** The map, the table and the timeline of one cluster or of all, live, paused or played back. Keyed by the cluster. */
export function LiveMirrors({
  sources,
  chosen,
  waiting,
  onView,
  children,
}: {
  sources: readonly SourceEntry[]
  /** Undefined: all of them together. */
  chosen: SourceEntry | undefined
  /** What stands here until the first view is there. */
  waiting: ReactNode
  onView: (view: MirrorView | undefined) => void
  /** At the end of the toolbar. */
  children?: ReactNode
}) {
  const { t, i18n } = useTranslation('mirrors')
  const { client, query } = useWire()
  const { generation } = useConnection()
  const options = useMirrorOptions((state) => state)
  const settings = useQuery(query.settings.get.queryOptions())
  const [attempt, setAttempt] = useState(0)
  const asked = useMemo(() => (chosen === undefined ? undefined : [chosen.id]), [chosen])
  const newest = useRef(0)
  const playback = usePlayback(asked, () => newest.current)
  const live = !options.paused && playback.day === undefined
  const { view, failure } = useView(
    { window: windowOf(options), ...(asked === undefined ? {} : { sources: asked }) },
    // another list of sources (edited here, or the demo's) is asked at once, not a round later
    { live, occasion: `${generation} ${attempt} ${JSON.stringify(sources)}` },
  )
  const shown = playback.view ?? view
  useEffect(() => {
    if (view !== undefined) newest.current = view.at
    onView(view)
  }, [view, onView])
  const refresh = useMutation({
    mutationFn: () => client.mirrors.refresh(),
    onSuccess: () => setAttempt((before) => before + 1),
  })
  const toLive = () => {
    if (playback.day !== undefined) playback.stop()
    else options.set({ range: undefined })
  }
  const select = (selected: AgentKey | undefined) => options.set({ selected })
  useHotkeys([['Escape', () => (options.selected === undefined ? toLive() : select(undefined))]])

  const known = useKnownRegistries(shown)
  const filter = useDeferredValue(options.filter)
  const nameOf = (registry: string) => (registry === '' ? t('map.noName') : registry)
  const rows = useMemo(() => (shown === undefined ? [] : nodeRowsOf(shown)), [shown])
  const finding = shown?.findings.find(({ id }) => id === options.finding)
  const narrowed = useMemo(() => rowsOf(rows, finding), [rows, finding])
  const columns = useMemo(() => columnsOf(known), [known])
  // the table has all registries, the map the busiest
  const left = filtered(narrowed, options.view === 'map' ? columns.shown : [...known.keys()], filter, nameOf)
  const order = useMemo(
    () => (view === undefined ? [] : sorted(nodeRowsOf(view), options.sort)),
    [view, options.sort],
  )
  // rows that jump from moment to moment cannot be followed
  const arranged = useMemo(
    () => (playback.day === undefined ? sorted(left.rows, options.sort) : inOrderOf(left.rows, order)),
    [left.rows, options.sort, playback.day, order],
  )
  const groupings = useMemo(() => usefulGroupings(rows), [rows])
  const grouping = groupingOf(options.grouping, groupings)
  const map = useRef<HeatMapHandle>(null)
  const picture = usePicture(map, shown, nameOfAll(chosen, sources) ?? t('allClusters'))
  const selectedRow = rows.find(
    ({ key }) => options.selected !== undefined && key === keyOf(options.selected),
  )

  const again = () => setAttempt(attempt + 1)
  const problem = playback.failure ?? failure ?? (refresh.isError ? failureOf(refresh.error) : undefined)
  const seconds = settings.data?.scrapeSeconds
  const count = (value: number) => formatCount(value, i18n.language)
  if (shown === undefined)
    return problem === undefined ? waiting : <FailurePanel failure={problem} onRetry={again} />
  const head = (
    <FilterHead
      filter={options.filter}
      onFilter={(filter) => options.set({ filter })}
      count={t(arranged.length === rows.length ? 'filter.count' : 'filter.some', {
        count: rows.length,
        formatted: count(rows.length),
        shown: count(arranged.length),
      })}
    >
      {finding !== undefined && (
        <FindingChip finding={finding} onClose={() => options.set({ finding: undefined })} />
      )}
    </FilterHead>
  )
  return (
    <div className={styles.screen}>
      <Toolbar
        options={{ ...options, range: playback.frame ?? options.range }}
        onWindow={(change) => {
          playback.stop()
          options.set(change)
        }}
        grouping={grouping}
        groupings={groupings}
        state={
          playback.day !== undefined
            ? t('state.playback')
            : options.paused
              ? t('state.paused', { time: timeOf(shown, i18n.language) })
              : options.range !== undefined
                ? t('state.range')
                : seconds !== undefined && t('state.live', { seconds })
        }
        refreshing={refresh.isPending}
        onRefresh={() => refresh.mutate()}
      >
        <ExportMenu
          view={shown}
          rows={() => countRowsOf(arranged, left.registries)}
          picture={options.view === 'map' ? picture : undefined}
        />
        {children}
      </Toolbar>
      {problem !== undefined && <FailurePanel failure={problem} onRetry={again} />}
      <SourceStrip
        sources={shown.sources}
        opened={shown.agents.length === 0}
        onRetry={() => refresh.mutate()}
      />
      {shown.agents.length > 0 && (
        <div className={styles.columns}>
          <div className={styles.main}>
            <Panel flush className={styles.picture} aria-label={t(`view.${options.view}`)}>
              {options.view === 'map' ? (
                <MapPanel
                  view={shown}
                  rows={arranged}
                  registries={left.registries}
                  hidden={columns.hidden}
                  grouping={grouping}
                  selected={options.selected}
                  onSelect={select}
                  handle={map}
                  head={head}
                />
              ) : (
                <>
                  <div className={styles.tableHead}>{head}</div>
                  <CountsTable
                    rows={arranged}
                    registries={left.registries}
                    selected={options.selected}
                    onSelect={select}
                  />
                </>
              )}
            </Panel>
            <TimelinePanel
              sources={asked}
              now={view?.at ?? shown.at}
              preset={options.preset}
              range={options.range}
              onRange={(range) => options.set({ range })}
              playback={playback}
            />
          </div>
          <div className={styles.aside}>
            {selectedRow !== undefined && (
              <NodeDrawer
                key={selectedRow.key}
                row={selectedRow}
                view={shown}
                onClose={() => select(undefined)}
              />
            )}
            <FindingsPanel
              view={shown}
              current={finding?.id}
              onOpen={(opened) => options.set(openedFinding(opened, finding?.id))}
              onSelect={select}
            />
          </div>
        </div>
      )}
    </div>
  )
}

/** Of the one cluster that is shown; undefined where there are several. */
function nameOfAll(chosen: SourceEntry | undefined, sources: readonly SourceEntry[]): string | undefined {
  return chosen?.name ?? (sources.length === 1 ? sources[0]?.name : undefined)
}

function timeOf({ at }: MirrorView, language: string): string {
  return new Intl.DateTimeFormat(language, { timeStyle: 'medium', hourCycle: 'h23' }).format(at)
}
