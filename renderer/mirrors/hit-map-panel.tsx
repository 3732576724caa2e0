import { UnstyledButton } from '@mantine/core'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { AgentReading } from '../../shared/model/mirror.ts'
import { FailurePanel } from '../parts/failure-panel.tsx'
import { formatCount } from '../parts/format.ts'
import { type HeatCell, HeatLegend, HeatMap, type HeatRow } from '../parts/heat-map.tsx'
import { Panel } from '../parts/panel.tsx'
import { shortAddress } from './addresses.ts'
import { findingsOf } from './findings.ts'
import { type HitCell, type HitWindow, hitMapOf } from './hit-map.ts'
import styles from './hit-map-panel.module.css'

/** Nodes by registries. An agent that does not answer opens its Failure under its row. */
export function HitMapPanel({ readings, window }: { readings: readonly AgentReading[]; window: HitWindow }) {
  const { t, i18n } = useTranslation('mirrors')
  const [opened, setOpened] = useState<string>()

  const map = useMemo(() => hitMapOf(readings, window), [readings, window])
  const named = (registry: string) => (registry === '' ? t('map.noName') : registry)
  const count = (value: number) => formatCount(value, i18n.language)
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent', maximumFractionDigits: 0 })
  const heatCell = (cell: HitCell, agent: string, column: number): HeatCell => {
    const words = { agent, registry: named(map.registries[column] ?? ''), window: t(`window.${window}`) }
    switch (cell.state) {
      case 'no-data':
        return { tone: 'hatched', label: t('map.cellNoData', words) }
      case 'no-requests':
        return { tone: 'flat', label: t('map.cellNone', words) }
      case 'counted':
        return {
          tone: 'value',
          value: cell.ratio,
          length: cell.length,
          label: t('map.cell', {
            ...words,
            hits: count(cell.hits),
            misses: count(cell.misses),
            ratio: percent.format(cell.ratio),
          }),
        }
    }
  }
  const rows = map.rows.map((row, index): HeatRow => {
    const reading = readings[index]
    const failure = reading?.failure
    const open = opened === row.agent
    return {
      id: row.agent,
      title: shortAddress(row.agent),
      cells: row.cells.map((cell, column) => heatCell(cell, row.agent, column)),
      note: reading !== undefined && (
        <RowNote reading={reading} open={open} onToggle={() => setOpened(open ? undefined : row.agent)} />
      ),
      ...(open && failure !== undefined ? { below: <FailurePanel failure={failure} /> } : {}),
    }
  })
  const hints = [
    map.registries.length === 0 && readings.some(({ ok }) => ok) ? t('map.noRegistry') : undefined,
    window === 'interval' && readings.every((reading) => reading.interval === undefined)
      ? t('map.firstInterval')
      : undefined,
    map.hidden > 0 ? t('map.hidden', { count: map.hidden }) : undefined,
  ].filter((hint) => hint !== undefined)

  return (
    <Panel className={styles.panel} aria-label={t('map.label')}>
      {hints.map((hint) => (
        <p key={hint} className={styles.hint} role="status">
          {hint}
        </p>
      ))}
      <HeatMap
        label={t('map.label')}
        corner={t('map.node')}
        noteTitle={t('map.note')}
        columns={map.registries.map(named)}
        rows={rows}
      />
      <HeatLegend
        ramp={t('legend.ramp')}
        rampEnds={t('legend.ends')}
        length={t('legend.length')}
        flat={t('legend.flat')}
        hatched={t('legend.hatched')}
      />
    </Panel>
  )
}

/** The most serious finding in two words; a button where there is a Failure to show. */
function RowNote({
  reading,
  open,
  onToggle,
}: {
  reading: AgentReading
  open: boolean
  onToggle: () => void
}) {
  const { t } = useTranslation('mirrors')
  const [first] = findingsOf(reading)
  if (first === undefined) return undefined
  const words = t(`finding.short.${first.kind}`)
  if (reading.failure === undefined) {
    return (
      <span className={styles.note} data-severity={first.severity}>
        {words}
      </span>
    )
  }
  return (
    <UnstyledButton
      className={styles.note}
      data-severity={first.severity}
      aria-expanded={open}
      aria-label={`${words}: ${t('finding.show', { agent: reading.agent })}`}
      onClick={onToggle}
    >
      {words} <span aria-hidden>{open ? '▴' : '▾'}</span>
    </UnstyledButton>
  )
}
