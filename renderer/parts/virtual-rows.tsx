import { useVirtualizer } from '@tanstack/react-virtual'
import { type HTMLAttributes, type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import styles from './virtual-rows.module.css'

interface VirtualRowsProps extends Omit<HTMLAttributes<HTMLDivElement>, 'children'> {
  count: number
  /** Pixels; every row has the same. */
  rowHeight: number
  keyOf: (index: number) => string
  /** The row that Tab reaches first, for instance the selected one; -1 for the first. */
  start: number
  /** A row. Exactly one element in it takes `tabIndex` and `data-row-focus`. */
  renderRow: (index: number, tabIndex: 0 | -1) => ReactNode
  /** True while the list moves: a row may wait with what is costly. */
  onScrolling?: (scrolling: boolean) => void
}

/**
 * A list of any length of which only the visible rows exist. Tab enters it once; the arrow keys, Home, End and
 * the page keys move inside.
 */
export function VirtualRows(props: VirtualRowsProps) {
  const { count, rowHeight, keyOf, start, renderRow, onScrolling, className = '', ...rest } = props
  const box = useRef<HTMLDivElement>(null)
  const [moved, setMoved] = useState<number>()
  const wanted = useRef<number>(undefined)
  const rows = useVirtualizer({
    count,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    getItemKey: keyOf,
    overscan: 6,
    onChange: (instance) => onScrolling?.(instance.isScrolling),
  })
  const active = Math.min(Math.max(moved ?? start, 0), Math.max(count - 1, 0))

  useEffect(() => {
    if (start < 0) return
    setMoved(undefined)
    rows.scrollToIndex(start)
  }, [start, rows])

  // the row the keys went to may only exist after the next rendering
  useEffect(() => {
    if (wanted.current === undefined) return
    const target = box.current?.querySelector(`[data-index="${wanted.current}"] [data-row-focus]`)
    if (target instanceof HTMLElement) {
      wanted.current = undefined
      target.focus({ preventScroll: true })
    }
  })

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    rest.onKeyDown?.(event)
    if (event.defaultPrevented) return
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? rowHeight) / rowHeight) - 1)
    const steps: Record<string, number> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: count - 1,
    }
    const step = steps[event.key]
    if (step === undefined) return
    event.preventDefault()
    const next = Math.min(Math.max(step, 0), count - 1)
    wanted.current = next
    setMoved(next)
    rows.scrollToIndex(next)
  }

  return (
    <div {...rest} ref={box} className={`${styles.box} ${className}`} onKeyDown={onKeyDown}>
      <div className={styles.all} role="presentation" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => (
          <div
            key={item.key}
            role="presentation"
            className={styles.row}
            data-index={item.index}
            style={{ height: rowHeight, transform: `translateY(${item.start}px)` }}
          >
            {renderRow(item.index, item.index === active ? 0 : -1)}
          </div>
        ))}
      </div>
    </div>
  )
}
