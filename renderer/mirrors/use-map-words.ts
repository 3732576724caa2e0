import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { FindingRule } from '../../shared/model/mirror-finding.ts'
import type { MirrorView } from '../../shared/model/mirror.ts'
import { formatCount } from '../parts/format.ts'
import type { Described, HeatWords } from '../parts/heat-map/heat-map.tsx'
import type { LegendWords } from '../parts/heat-map/legend.tsx'
import type { Grouping } from '../state/mirror-options.ts'
import type { NodeGroup } from './arrange.ts'
import { type NodeRow, totalsOf } from './node-rows.ts'
import { windowWords } from './window-words.ts'

interface MapWords {
  readonly words: HeatWords
  readonly legend: LegendWords
  nameOf(registry: string): string
  groupTitle(group: NodeGroup): string | undefined
  markWords(rule: FindingRule): string
}

/** Everything the map says, in the reader's language: the same as long as the view and the language are. */
export function useMapWords(view: MirrorView, rows: readonly NodeRow[], grouping: Grouping): MapWords {
  const { t, i18n } = useTranslation('mirrors')
  return useMemo(() => {
    const { language } = i18n
    const count = (value: number) => formatCount(value, language)
    const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 })
    const byKey = new Map(rows.map((row) => [row.key, row]))
    const window = windowWords(t, view.window, language)
    const time = new Intl.DateTimeFormat(language, { timeStyle: 'short', hourCycle: 'h23' })

    const numbers = ({ hits, misses }: { hits: number; misses: number }): string =>
      hits + misses === 0
        ? t('map.noRequests')
        : t('map.numbers', {
            hits: count(hits),
            misses: count(misses),
            ratio: percent.format(hits / (hits + misses)),
          })

    const describe = ({ rows: shown, column, cell }: Described): string => {
      const nodes = shown.flatMap(({ id }) => byKey.get(id) ?? [])
      const [first] = nodes
      if (first === undefined) return ''
      const measured = nodes.filter(({ totals }) => totals !== undefined)
      const name =
        nodes.length === 1
          ? first.reading.name
          : t('map.bandOf', {
              count: nodes.length,
              first: first.reading.name,
              last: nodes.at(-1)?.reading.name,
            })
      const whole =
        column === undefined
          ? measured.length > 0 && totalsOf(measured.map(({ totals }) => totals ?? { hits: 0, misses: 0 }))
          : cell && { hits: cell.part, misses: cell.whole - cell.part }
      const stale = nodes.length === 1 && !first.reading.ok ? first.reading.scrapedAt : undefined
      return [
        column === undefined ? name : t('map.place', { node: name, registry: column.title }),
        whole === undefined || whole === false ? t('map.noData') : numbers(whole),
        window,
        measured.length > 0 && measured.length < nodes.length
          ? t('map.measured', { measured: count(measured.length), of: count(nodes.length) })
          : undefined,
        stale === undefined ? undefined : t('map.lastSeen', { time: time.format(stale) }),
        ...marksOf(shown, column).map((mark) => t('map.marked', { mark })),
      ]
        .filter((line) => line !== undefined)
        .join('\n')
    }

    return {
      words: {
        label: t('map.label'),
        keys: t('map.keys'),
        zoomIn: t('map.zoomIn'),
        zoomOut: t('map.zoomOut'),
        fit: t('map.fit'),
        band: (nodes) => t('map.band', { count: nodes, formatted: count(nodes) }),
        describe,
      },
      legend: {
        ramp: t('legend.ramp'),
        ends: t('legend.ends'),
        length: t('legend.length'),
        flat: t('legend.flat'),
        hatched: t('legend.hatched'),
      },
      nameOf: (registry) => (registry === '' ? t('map.noName') : registry),
      groupTitle: ({ label, rows }) => {
        if (grouping === 'none') return undefined
        const title =
          label === undefined ? t(`group.without.${grouping}`) : t(`group.of.${grouping}`, { label })
        const answering = rows.filter(({ reading }) => reading.ok).length
        return t(answering === rows.length ? 'group.head' : 'group.headSome', {
          title,
          count: rows.length,
          formatted: count(rows.length),
          answering: count(answering),
        })
      },
      markWords: (rule) => t(`mark.${rule}`),
    }
  }, [t, i18n, view.window, rows, grouping])
}

/** What stands at the end of the rows and at the head of the column, each once. */
function marksOf(rows: Described['rows'], column: Described['column']): string[] {
  return [
    ...new Set([...rows, ...(column === undefined ? [] : [column])].flatMap(({ mark }) => mark?.words ?? [])),
  ].slice(0, 3)
}
