import { Skeleton } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SeriesPoint } from '../../../shared/model/mirror.ts'
import { formatCount, formatSpan } from '../../parts/format.ts'
import { rangeWords } from '../window-words.ts'
import { type Chart, type LineOf, mostOf, pathOf } from './chart.ts'
import styles from './node-chart.module.css'

const hits: LineOf = ({ hits: value }) => value
const misses: LineOf = ({ misses: value }) => value
const notFound: LineOf = ({ answers }) => answers?.notFound
const serverFaults: LineOf = ({ answers }) => answers?.serverFaults

/**
 * Hits and misses of one node step by step; 404s and 5xx in lanes and scales of their own, for one is normal, the other
 * a fault, and a few of these must show beside thousands of those. The pointer or the arrow keys read a step.
 */
export function NodeChart({ chart }: { chart: Chart | undefined }) {
  const { t, i18n } = useTranslation('drawer')
  const [read, setRead] = useState<number>()
  if (chart === undefined) return <Skeleton className={styles.waiting ?? ''} />
  const { points, gaps, restarts, from, step } = chart
  const index = read === undefined ? undefined : Math.min(read, points.length - 1)
  const words = index === undefined ? undefined : stepWords(index)

  function stepWords(at: number): string {
    const point: SeriesPoint | undefined = points[at]
    const begin = from + at * step
    const when = rangeWords({ from: begin, to: begin + step }, i18n.language)
    if (point?.hits === undefined) return t('chart.gap', { when })
    const count = (value = 0) => formatCount(value, i18n.language)
    return [
      t('chart.step', { when, hits: count(point.hits), misses: count(point.misses) }),
      ...(point.answers === undefined
        ? []
        : [
            t('chart.answers', {
              notFound: count(point.answers.notFound),
              faults: count(point.answers.serverFaults),
            }),
          ]),
      ...(point.restarts > 0 ? [t('chart.restarted')] : []),
    ].join(', ')
  }
  const place = placeIn(chart)
  return (
    <div className={styles.chart}>
      <div
        className={styles.lanes}
        tabIndex={0}
        role="slider"
        aria-label={t('chart.label')}
        aria-valuemin={0}
        aria-valuemax={points.length - 1}
        aria-valuenow={index ?? points.length - 1}
        aria-valuetext={words ?? t('chart.keys')}
        onPointerMove={(event) => {
          const box = event.currentTarget.getBoundingClientRect()
          const at = Math.floor(((event.clientX - box.left) / Math.max(1, box.width)) * points.length)
          setRead(Math.min(points.length - 1, Math.max(0, at)))
        }}
        onPointerLeave={() => setRead(undefined)}
        onBlur={() => setRead(undefined)}
        onKeyDown={(event) => {
          const next = readByKey(event.key, index, points.length)
          if (next === undefined) return
          event.preventDefault()
          setRead(next)
        }}
      >
        <Lane
          chart={chart}
          tall
          lines={[
            { of: hits, name: t('chart.hits'), className: styles.hits },
            { of: misses, name: t('chart.misses'), className: styles.misses },
          ]}
        />
        <Lane
          chart={chart}
          lines={[{ of: notFound, name: t('chart.notFound'), className: styles.notFound }]}
        />
        <Lane
          chart={chart}
          lines={[{ of: serverFaults, name: t('chart.serverFaults'), className: styles.faults }]}
        />
        {restarts.map((at) => (
          <div key={at} className={styles.restart} style={{ left: place(at) }} />
        ))}
        {index !== undefined && (
          <div className={styles.cursor} style={{ left: place(index), width: place(1) }} />
        )}
      </div>
      <p className={styles.said}>
        {words ??
          [
            rangeWords({ from, to: from + points.length * step }, i18n.language),
            t('chart.steps', { step: formatSpan(step, i18n.language) }),
            ...(gaps.length > 0 ? [t('chart.hatched')] : []),
            ...(restarts.length > 0 ? [t('chart.restarts', { count: restarts.length })] : []),
          ].join(' · ')}
      </p>
    </div>
  )
}

interface Line {
  of: LineOf
  name: string
  className: string | undefined
}

/** Lines on one scale, under their names and the most they reach. */
function Lane({ chart, lines, tall = false }: { chart: Chart; lines: readonly Line[]; tall?: boolean }) {
  const { t, i18n } = useTranslation('drawer')
  const most = mostOf(
    chart,
    lines.map(({ of }) => of),
  )
  const place = placeIn(chart)
  const measured = chart.points.some((point) => point !== undefined && lines[0]?.of(point) !== undefined)
  return (
    <>
      <div className={styles.head}>
        {lines.map(({ name, className }) => (
          <span key={name} className={styles.key}>
            <svg viewBox="0 0 14 6" aria-hidden>
              <path className={className} d="M0 3H14" />
            </svg>
            {name}
          </span>
        ))}
        <span className={styles.most}>
          {measured
            ? t('chart.most', { count: most, formatted: formatCount(most, i18n.language) })
            : t('noData')}
        </span>
      </div>
      <div className={styles.lane} data-tall={tall || undefined}>
        {chart.gaps.map(({ from, to }) => (
          <div key={from} className={styles.gap} style={{ left: place(from), width: place(to - from) }} />
        ))}
        <svg viewBox={`0 0 ${chart.points.length} 100`} preserveAspectRatio="none" aria-hidden>
          {lines.map(({ name, of, className }) => (
            <path key={name} className={className} d={pathOf(chart, of, most)} />
          ))}
        </svg>
      </div>
    </>
  )
}

/** Where a step begins, or how wide some are. */
function placeIn({ points }: Chart): (steps: number) => string {
  return (steps) => `${(steps / points.length) * 100}%`
}

function readByKey(key: string, before: number | undefined, length: number): number | undefined {
  switch (key) {
    case 'ArrowRight':
    case 'ArrowUp':
      return Math.min(length - 1, (before ?? -1) + 1)
    case 'ArrowLeft':
    case 'ArrowDown':
      return Math.max(0, (before ?? length) - 1)
    case 'Home':
      return 0
    case 'End':
      return length - 1
    default:
      return undefined
  }
}
