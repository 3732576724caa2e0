import { CloseButton, Skeleton } from '@mantine/core'
import { useEffect, useLayoutEffect, useMemo, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { MirrorView } from '../../../shared/model/mirror.ts'
import { FailurePanel } from '../../parts/failure-panel.tsx'
import { formatAgo, formatSpan } from '../../parts/format.ts'
import { Panel } from '../../parts/panel.tsx'
import { StatusBadge, type Tone } from '../../parts/status-badge.tsx'
import { failureOf } from '../../state/failure-of.ts'
import { FindingItem } from '../findings/finding-item.tsx'
import type { NodeRow } from '../node-rows.ts'
import { windowWords } from '../window-words.ts'
import { chartOf } from './chart.ts'
import { NodeChart } from './node-chart.tsx'
import { NodeCounts } from './node-counts.tsx'
import styles from './node-drawer.module.css'
import { NodePlace } from './node-place.tsx'
import { NodePresent } from './node-present.tsx'
import { useNode } from './use-node.ts'

/** Everything about one node: how it does, what stands out, its counts over the window, how it stands now. Keyed by node. */
export function NodeDrawer({ row, view, onClose }: { row: NodeRow; view: MirrorView; onClose: () => void }) {
  const { t, i18n } = useTranslation(['drawer', 'common'])
  const { t: mirrors } = useTranslation('mirrors')
  const { reading } = row
  const { detail, series } = useNode(reading, view)
  const chart = useMemo(() => series.data && chartOf(series.data), [series.data])
  const known = detail.data
  const frame = useDrawerFocus()
  const findings = view.findings.filter(
    ({ source, agents }) => source === reading.source && agents.includes(reading.id),
  )
  const windowSaid =
    known === undefined
      ? ''
      : known.window.kind === 'start'
        ? t('sinceStart')
        : windowWords(mirrors, known.window, i18n.language)
  return (
    <div ref={frame} className={styles.frame}>
      <Panel
        flush
        className={styles.panel}
        aria-label={t('label', { node: reading.name })}
        aria-busy={detail.isFetching}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          event.stopPropagation()
          onClose()
        }}
      >
        <div className={styles.head}>
          <h2 className={styles.name}>{reading.name}</h2>
          {reading.demo && <StatusBadge tone="accent">{t('common:demo')}</StatusBadge>}
          <StateBadge row={row} />
          <CloseButton size="sm" aria-label={t('common:close')} onClick={onClose} />
        </div>
        {/* a region that scrolls must be reachable by keyboard */}
        <div
          className={styles.scroll}
          tabIndex={0}
          role="region"
          aria-label={t('all', { node: reading.name })}
        >
          <NodePlace reading={reading} sourceName={row.sourceName} detail={known?.detail} at={view.at} />
          {!reading.ok && reading.failure !== undefined && (
            <div className={styles.part}>
              <p className={styles.seen}>
                {reading.scrapedAt === undefined
                  ? t('neverSeen')
                  : t('lastSeen', { ago: formatAgo(view.at - reading.scrapedAt, i18n.language) })}
              </p>
              <FailurePanel failure={reading.failure} />
            </div>
          )}
          {findings.length > 0 && (
            <ul className={styles.findings} aria-label={t('findings')}>
              {findings.map((finding) => (
                <FindingItem
                  key={finding.id}
                  finding={finding}
                  sourceName={row.sourceName}
                  nodes={[]}
                  current={false}
                  onSelect={onClose}
                  whole
                />
              ))}
            </ul>
          )}
          <section className={styles.part} aria-label={t('counts.title')}>
            <h3 className={styles.title}>
              {t('counts.title')}
              <span>{windowSaid}</span>
            </h3>
            {known !== undefined && known.window.kind !== 'start' && (
              <Covered reading={known.detail.reading} window={known.window} />
            )}
            {series.isError ? (
              <FailurePanel failure={failureOf(series.error)} onRetry={() => void series.refetch()} />
            ) : (
              <NodeChart chart={chart} />
            )}
            {detail.isError ? (
              <FailurePanel failure={failureOf(detail.error)} onRetry={() => void detail.refetch()} />
            ) : known === undefined ? (
              <Rows count={9} />
            ) : (
              <NodeCounts detail={known.detail} />
            )}
          </section>
          {!detail.isError && (
            <section className={styles.part} aria-label={t('present.title')}>
              <h3 className={styles.title}>
                {t('present.title')}
                <span>
                  {reading.scrapedAt !== undefined &&
                    t('present.read', { ago: formatAgo(view.at - reading.scrapedAt, i18n.language) })}
                </span>
              </h3>
              {known === undefined ? (
                <Rows count={6} />
              ) : (
                <NodePresent detail={known.detail} at={known.at} others={othersOf(view, reading.source)} />
              )}
            </section>
          )}
        </div>
      </Panel>
    </div>
  )
}

/** The worst that stands out, or whether it answers. */
function StateBadge({ row: { finding, reading } }: { row: NodeRow }) {
  const { t } = useTranslation(['mirrors', 'drawer'])
  if (finding !== undefined) {
    const tone: Tone = finding.severity === 'info' ? 'neutral' : finding.severity
    return <StatusBadge tone={tone}>{t(`mark.${finding.rule}`)}</StatusBadge>
  }
  return reading.ok ? (
    <StatusBadge tone="ok">{t('drawer:answers')}</StatusBadge>
  ) : (
    <StatusBadge tone="bad">{t('mark.no-answer')}</StatusBadge>
  )
}

/** Said where a good part of the window was not measured. */
function Covered({
  reading: { covered },
  window,
}: {
  reading: { covered: number }
  window: { kind: 'last'; seconds: number } | { kind: 'between'; from: number; to: number }
}) {
  const { t, i18n } = useTranslation('drawer')
  const seconds = window.kind === 'last' ? window.seconds : (window.to - window.from) / 1000
  if (covered > seconds * 0.95 - 30) return null
  return (
    <p className="note">
      {covered === 0
        ? t('counts.uncovered')
        : t('counts.covered', {
            time: formatSpan(covered * 1000, i18n.language),
            of: formatSpan(seconds * 1000, i18n.language),
          })}
    </p>
  )
}

/** Rows of the size that is to come. */
function Rows({ count }: { count: number }) {
  return Array.from({ length: count }, (_, row) => <Skeleton key={row} height={17} mt={9} radius={3} />)
}

/** Other agents of its source: those it could be connected to. */
function othersOf(view: MirrorView, source: string): number {
  return view.agents.filter((agent) => agent.source === source).length - 1
}

/**
 * Shows a drawer that opens below the map, and gives the focus back to what it was opened from when it closes with the
 * focus in it.
 */
function useDrawerFocus() {
  const frame = useRef<HTMLDivElement>(null)
  useEffect(() => {
    frame.current?.scrollIntoView?.({ block: 'nearest' })
  }, [])
  useLayoutEffect(() => {
    const opener = document.activeElement
    const drawer = frame.current
    return () => {
      if (drawer?.contains(document.activeElement) !== true) return
      if (opener instanceof HTMLElement && !drawer.contains(opener)) opener.focus()
    }
  }, [])
  return frame
}
