import { UnstyledButton } from '@mantine/core'
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { AgentReading } from '../../shared/model/mirror.ts'
import { formatCount } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import { shortAddress } from './addresses.ts'
import { type CountColumn, type CountOrder, type CountRow, countRowsOf, sortCountRows } from './count-rows.ts'
import styles from './counts-table.module.css'
import type { HitWindow } from './hit-map.ts'

const columns: readonly CountColumn[] = ['agent', 'registry', 'hits', 'misses', 'requests', 'ratio']
const rowHeight = 28

/** The map's numbers as a table that sorts; only the rows in view are in the document. */
export function CountsTable({ readings, window }: { readings: readonly AgentReading[]; window: HitWindow }) {
  const { t } = useTranslation('mirrors')
  const [order, setOrder] = useState<CountOrder>({ column: 'agent', descending: false })
  const rows = useMemo(() => sortCountRows(countRowsOf(readings, window), order), [readings, window, order])
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
    <Panel flush className={styles.panel}>
      {/* a region that scrolls must be reachable by keyboard */}
      <div ref={frame} className={styles.frame} tabIndex={0} role="region" aria-label={t('table.label')}>
        <table className={styles.table} aria-rowcount={rows.length + 1}>
          <thead>
            <tr>
              {columns.map((column) => (
                <th
                  key={column}
                  scope="col"
                  data-column={column}
                  aria-sort={
                    order.column === column ? (order.descending ? 'descending' : 'ascending') : 'none'
                  }
                >
                  <UnstyledButton
                    className={styles.sort}
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
                <TableRow key={`${row.agent} ${row.registry ?? ''}`} row={row} index={item.index} />
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
    </Panel>
  )
}

function TableRow({ row, index }: { row: CountRow; index: number }) {
  const { t, i18n } = useTranslation('mirrors')
  const number = (value: number | undefined) =>
    value === undefined ? t('table.noData') : formatCount(value, i18n.language)
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent', maximumFractionDigits: 1 })
  return (
    <tr aria-rowindex={index + 2}>
      <th scope="row" data-column="agent" title={row.agent}>
        {shortAddress(row.agent)}
      </th>
      <td data-column="registry" title={row.registry}>
        {row.registry === undefined
          ? t(row.requests === undefined ? 'table.noData' : 'table.none')
          : row.registry === ''
            ? t('map.noName')
            : row.registry}
      </td>
      <td>{number(row.hits)}</td>
      <td>{number(row.misses)}</td>
      <td>{number(row.requests)}</td>
      <td>
        {row.ratio === undefined
          ? t(row.requests === undefined ? 'table.noData' : 'table.none')
          : percent.format(row.ratio)}
      </td>
    </tr>
  )
}
