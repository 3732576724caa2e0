import { UnstyledButton } from '@mantine/core'
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatCount } from '../parts/format.ts'
import { StatusMark } from '../parts/status-mark.tsx'
import type { AgentKey } from '../state/mirror-options.ts'
import {
  type CountColumn,
  countColumns,
  type CountOrder,
  type CountRow,
  countRowsOf,
  sortCountRows,
} from './count-rows.ts'
import styles from './counts-table.module.css'
import { keyOf, type NodeRow } from './node-rows.ts'

const rowHeight = 28

/** The map's numbers as a table that sorts; only the rows in view are in the document. */
export function CountsTable({
  rows: nodes,
  registries,
  selected,
  onSelect,
}: {
  rows: readonly NodeRow[]
  registries: readonly string[]
  selected: AgentKey | undefined
  onSelect: (agent: AgentKey) => void
}) {
  const { t } = useTranslation('mirrors')
  const [order, setOrder] = useState<CountOrder>({ column: 'node', descending: false })
  const zones = nodes.some(({ reading }) => reading.zone !== undefined)
  const columns = countColumns.filter((column) => column !== 'zone' || zones)
  const rows = useMemo(() => sortCountRows(countRowsOf(nodes, registries), order), [nodes, registries, order])
  const frame = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    initialRect: { width: 800, height: 600 },
  })
  const shown = virtual.getVirtualItems()
  const before = shown[0]?.start ?? 0
  const after = virtual.getTotalSize() - (shown.at(-1)?.end ?? 0)
  return (
    // a region that scrolls must be reachable by keyboard
    <div ref={frame} className={styles.frame} tabIndex={0} role="region" aria-label={t('table.label')}>
      <table className={styles.table} data-zones={zones} aria-rowcount={rows.length + 1}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column}
                scope="col"
                data-column={column}
                aria-sort={order.column === column ? (order.descending ? 'descending' : 'ascending') : 'none'}
              >
                <UnstyledButton
                  className={styles.sort}
                  title={aboutNode(column) ? t('table.wholeNode') : undefined}
                  aria-label={t('table.sortBy', { column: t(`table.${column}`) })}
                  onClick={() =>
                    setOrder({ column, descending: order.column === column ? !order.descending : false })
                  }
                >
                  {t(`table.${column}`)}
                  {order.column === column &&
                    (order.descending ? <IconArrowDown size={13} /> : <IconArrowUp size={13} />)}
                </UnstyledButton>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {before > 0 && (
            <tr aria-hidden>
              <td colSpan={columns.length} style={{ height: before }} />
            </tr>
          )}
          {shown.map((item) => {
            const row = rows[item.index]
            return row === undefined ? undefined : (
              <TableRow
                key={row.key}
                row={row}
                index={item.index}
                columns={columns}
                current={selected !== undefined && row.row.key === keyOf(selected)}
                onSelect={onSelect}
              />
            )
          })}
          {after > 0 && (
            <tr aria-hidden>
              <td colSpan={columns.length} style={{ height: after }} />
            </tr>
          )}
        </tbody>
      </table>
    </div>
  )
}

function aboutNode(column: CountColumn): boolean {
  return column === 'notFound' || column === 'serverFaults'
}

function TableRow({
  row,
  index,
  columns,
  current,
  onSelect,
}: {
  row: CountRow
  index: number
  columns: readonly CountColumn[]
  current: boolean
  onSelect: (agent: AgentKey) => void
}) {
  const { t, i18n } = useTranslation('mirrors')
  const { reading, finding } = row.row
  const number = (value: number | undefined) =>
    value === undefined ? t('table.noData') : formatCount(value, i18n.language)
  const nothing = t(row.requests === undefined ? 'table.noData' : 'table.none')
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent', maximumFractionDigits: 1 })
  const cells: Record<Exclude<CountColumn, 'node'>, React.ReactNode> = {
    zone: row.zone ?? '',
    registry: row.registry === undefined ? nothing : row.registry === '' ? t('map.noName') : row.registry,
    hits: number(row.hits),
    misses: number(row.misses),
    requests: number(row.requests),
    ratio: row.ratio === undefined ? nothing : percent.format(row.ratio),
    notFound: number(row.notFound),
    serverFaults: number(row.serverFaults),
    finding: finding && (
      <span className={styles.finding} data-severity={finding.severity}>
        <StatusMark tone={finding.severity === 'info' ? 'neutral' : finding.severity} />
        {t(`mark.${finding.rule}`)}
      </span>
    ),
  }
  return (
    <tr aria-rowindex={index + 2} data-current={current || undefined}>
      <th scope="row" data-column="node" title={reading.address}>
        <UnstyledButton
          className={styles.node}
          aria-current={current || undefined}
          onClick={() => onSelect({ source: reading.source, id: reading.id })}
        >
          {row.node}
        </UnstyledButton>
      </th>
      {columns.map(
        (column) =>
          column !== 'node' && (
            <td
              key={column}
              data-column={column}
              title={column === 'registry' || column === 'zone' ? row[column] : undefined}
            >
              {cells[column]}
            </td>
          ),
      )}
    </tr>
  )
}
