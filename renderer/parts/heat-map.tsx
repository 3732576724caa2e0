import { type KeyboardEvent, memo, type ReactNode, useCallback, useRef, useState } from 'react'
import styles from './heat-map.module.css'

export interface HeatCell {
  /** `hatched`: no data. `flat`: measured, and nothing there. `value`: a colour and a length. */
  readonly tone: 'hatched' | 'flat' | 'value'
  /** 0 to 1: where on the ramp. */
  readonly value?: number
  /** 0 to 1: how much of the cell is filled. */
  readonly length?: number
  /** The numbers in words: what a screen reader says and the tip shows. */
  readonly label: string
}

export interface HeatRow {
  readonly id: string
  readonly title: string
  readonly cells: readonly HeatCell[]
  /** At the end of the row. */
  readonly note?: ReactNode
  /** A full-width row below this one. */
  readonly below?: ReactNode
}

interface Place {
  readonly row: number
  readonly column: number
}

/** Steps of the ramp; the colours are in the style sheet, `--heat-0` to `--heat-5`. */
export const rampSteps = 6

/** A grid of cells whose colour and length say two things. Arrow keys walk it; a tip follows pointer and focus. */
export function HeatMap({
  label,
  corner,
  columns,
  rows,
  noteTitle,
}: {
  label: string
  /** Heading of the row titles. */
  corner: string
  columns: readonly string[]
  rows: readonly HeatRow[]
  /** Heading of the notes. */
  noteTitle: string
}) {
  const grid = useRef<HTMLTableElement>(null)
  const [current, setCurrent] = useState<Place>({ row: 0, column: 0 })
  const [tip, setTip] = useState<{ text: string; left: number; top: number }>()
  const here = clamp(current, rows.length, columns.length)

  const showTip = useCallback((cell: HTMLElement | undefined) => {
    const text = cell?.getAttribute('aria-label')
    if (cell === undefined || text === null || text === undefined) return setTip(undefined)
    const box = cell.getBoundingClientRect()
    setTip({ text, left: box.left + box.width / 2, top: box.top })
  }, [])

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') return setTip(undefined)
    if (cellOf(event.target) === undefined) return
    const next = clamp(moved(here, event, rows.length, columns.length), rows.length, columns.length)
    if (next.row === here.row && next.column === here.column) return
    event.preventDefault()
    setCurrent(next)
    grid.current?.querySelector<HTMLElement>(`[data-cell="${next.row}:${next.column}"]`)?.focus()
  }

  return (
    <div className={styles.frame} onScroll={() => setTip(undefined)}>
      <table
        ref={grid}
        role="grid"
        aria-label={label}
        data-columns={columns.length}
        className={styles.grid}
        onKeyDown={onKeyDown}
        onFocus={(event) => {
          const cell = cellOf(event.target)
          if (cell !== undefined) setCurrent(placeOf(cell))
          showTip(cell)
        }}
        onBlur={() => setTip(undefined)}
        onMouseOver={(event) => showTip(cellOf(event.target))}
        onMouseLeave={() => setTip(undefined)}
      >
        <thead>
          <tr>
            <th scope="col" className={styles.corner}>
              {corner}
            </th>
            {columns.map((column) => (
              <th key={column} scope="col" className={styles.column} title={column}>
                {column}
              </th>
            ))}
            <th scope="col" className={styles.noteHead}>
              {noteTitle}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <MapRow
              key={row.id}
              row={row}
              index={index}
              reachable={index === here.row ? here.column : undefined}
            />
          ))}
        </tbody>
      </table>
      {tip !== undefined && (
        <div className={styles.tip} style={{ left: tip.left, top: tip.top }} aria-hidden>
          {tip.text}
        </div>
      )}
    </div>
  )
}

const MapRow = memo(function MapRow({
  row,
  index,
  reachable,
}: {
  row: HeatRow
  index: number
  /** The one cell of the grid the Tab key reaches, if it is in this row. */
  reachable: number | undefined
}) {
  return (
    <>
      <tr>
        <th scope="row" className={styles.title} title={row.title}>
          {row.title}
        </th>
        {row.cells.map((cell, column) => (
          <td
            // a column has no identity of its own beside its place
            key={column}
            role="gridcell"
            data-cell={`${index}:${column}`}
            data-tone={cell.tone}
            tabIndex={column === reachable ? 0 : -1}
            aria-label={cell.label}
            className={styles.cell}
          >
            {cell.tone === 'value' && (
              <span
                className={styles.fill}
                style={{
                  width: `${Math.max(4, (cell.length ?? 0) * 100)}%`,
                  background: `var(--heat-${stepOf(cell.value ?? 0)})`,
                }}
              />
            )}
          </td>
        ))}
        <td className={styles.note}>{row.note}</td>
      </tr>
      {row.below !== undefined && (
        <tr>
          <td colSpan={row.cells.length + 2} className={styles.below}>
            {row.below}
          </td>
        </tr>
      )}
    </>
  )
})

/** What colours and lengths mean, in the words it is given. */
export function HeatLegend({
  ramp,
  rampEnds,
  length,
  flat,
  hatched,
}: {
  ramp: string
  rampEnds: string
  length: string
  flat: string
  hatched: string
}) {
  return (
    <div className={styles.legend}>
      <span className={styles.entry}>
        {ramp}
        <span className={styles.ramp} aria-hidden>
          {Array.from({ length: rampSteps }, (_, step) => (
            <span key={step} style={{ background: `var(--heat-${step})` }} />
          ))}
        </span>
        {rampEnds}
      </span>
      <span className={styles.entry}>{length}</span>
      <span className={styles.entry}>
        <span className={styles.swatch} data-tone="flat" aria-hidden />
        {flat}
      </span>
      <span className={styles.entry}>
        <span className={styles.swatch} data-tone="hatched" aria-hidden />
        {hatched}
      </span>
    </div>
  )
}

/** The step of the ramp a value from 0 to 1 falls into. */
export function stepOf(value: number): number {
  return Math.min(rampSteps - 1, Math.max(0, Math.floor(value * rampSteps)))
}

function cellOf(target: EventTarget): HTMLElement | undefined {
  return target instanceof Element ? (target.closest<HTMLElement>('[data-cell]') ?? undefined) : undefined
}

function placeOf(cell: HTMLElement): Place {
  const [row = 0, column = 0] = (cell.dataset['cell'] ?? '').split(':').map(Number)
  return { row, column }
}

function clamp({ row, column }: Place, rows: number, columns: number): Place {
  return {
    row: Math.max(0, Math.min(row, rows - 1)),
    column: Math.max(0, Math.min(column, columns - 1)),
  }
}

/** Where a key leads in a grid (WAI-ARIA grid pattern). */
function moved({ row, column }: Place, event: KeyboardEvent, rows: number, columns: number): Place {
  switch (event.key) {
    case 'ArrowUp':
      return { row: row - 1, column }
    case 'ArrowDown':
      return { row: row + 1, column }
    case 'ArrowLeft':
      return { row, column: column - 1 }
    case 'ArrowRight':
      return { row, column: column + 1 }
    case 'Home':
      return { row: event.ctrlKey ? 0 : row, column: 0 }
    case 'End':
      return { row: event.ctrlKey ? rows - 1 : row, column: columns - 1 }
    case 'PageUp':
      return { row: row - 10, column }
    case 'PageDown':
      return { row: row + 10, column }
    default:
      return { row, column }
  }
}
