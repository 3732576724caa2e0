import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  type RefObject,
  useId,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import type { HeatFrame } from './frame.ts'
import { geometryOf, lettersOf, type Place, placeAt } from './geometry.ts'
import styles from './heat-map.module.css'
import { type Cursor, moved } from './keys.ts'
import { layoutOf, lineOfRow, type RowsLine } from './layout.ts'
import type { HeatCell, HeatColumn, HeatGroup, HeatRow } from './model.ts'
import { Overview } from './overview.tsx'
import { paint } from './paint.ts'
import { Tip, tipPlace } from './tip.tsx'
import { usePainting, useSize } from './use-painting.ts'
import { useWheelZoom, useZoom } from './use-zoom.ts'
import { ZoomButtons, zoomByKey, zoomStep, type ZoomWords } from './zoom-buttons.tsx'

/** What the tip and the screen reader say of a place: a row or a band, in a column or as a whole. */
export interface Described {
  readonly rows: readonly HeatRow[]
  readonly column: HeatColumn | undefined
  readonly cell: HeatCell | undefined
}

export interface HeatWords extends ZoomWords {
  /** Says what the picture is and where its numbers stand as a table. */
  readonly label: string
  /** Which keys do what. */
  readonly keys: string
  band(rows: number): string
  describe(place: Described): string
}

/** Lets the owner of the map see what it shows, for a picture of it. */
export interface HeatMapHandle {
  frame(): HeatFrame
}

/**
 * Rows by columns of any number on one canvas: colour is a ratio, length a volume. Arrow keys walk it, Enter or a click
 * opens a row; a band opens its rows. Ctrl or Cmd and the wheel zoom, as do `+`, `-` and `0`.
 */
export function HeatMap({
  columns,
  groups,
  selected,
  words,
  onOpen,
  handle,
  head,
  legend,
  empty,
}: {
  columns: readonly HeatColumn[]
  groups: readonly HeatGroup[]
  /** Id of the row whose details are open. */
  selected: string | undefined
  words: HeatWords
  onOpen: (row: string) => void
  handle?: RefObject<HeatMapHandle | null>
  /** Above the map: what belongs to it at the left, what its colours mean at the right. */
  head: ReactNode
  legend: ReactNode
  /** In the place of the map where there are no rows. */
  empty: ReactNode
}) {
  const scroller = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const keysId = useId()
  const size = useSize(scroller)
  const [pointer, setPointer] = useState<{ x: number; y: number }>()
  const [cursor, setCursor] = useState<Cursor>()
  const [focused, setFocused] = useState(false)
  const [scrolled, setScrolled] = useState({ scrollTop: 0, scrollLeft: 0 })

  const geometry = useMemo(() => {
    const rows = groups.flatMap((group) => group.rows)
    return geometryOf({
      width: size.width,
      columns,
      titleLetters: rows.reduce((longest, { title }) => Math.max(longest, lettersOf(title)), 9),
      noteLetters: rows.reduce((longest, { mark }) => Math.max(longest, lettersOf(mark?.words ?? '')), 0),
    })
  }, [groups, columns, size.width])
  const room = Math.max(0, size.height - geometry.headHeight)
  const zoom = useZoom(groups, room, scroller)
  const { rowHeight, settle } = zoom
  const layout = useMemo(
    () => layoutOf(groups, { rowHeight, columns: columns.length, bandTitle: words.band }),
    [groups, columns.length, rowHeight, words],
  )
  useWheelZoom(scroller, zoom, geometry.headHeight)

  const cursorLine = cursor === undefined ? undefined : lineOfRow(layout, cursor.row)
  const atCursor: Place | undefined =
    cursor === undefined || cursorLine === undefined || !focused
      ? undefined
      : {
          line: cursorLine,
          column: columns.length === 0 ? undefined : Math.min(cursor.column, columns.length - 1),
        }
  const under = (point: { x: number; y: number } | undefined): Place | undefined =>
    point === undefined
      ? undefined
      : placeAt(layout, geometry, { ...point, ...scrolled, columns: columns.length })
  const hovered = under(pointer)
  const frame: HeatFrame = { ...size, ...scrolled, layout, geometry, columns, selected }
  usePainting(canvas, size, (context, palette) =>
    paint(context, { ...frame, hovered, cursor: atCursor }, palette),
  )
  useImperativeHandle(handle, () => ({ frame: () => frame }))
  useLayoutEffect(() => settle(layout), [settle, layout])

  const open = (line: RowsLine) => {
    const [first] = line.rows
    if (first === undefined) return
    if (line.rows.length === 1) return onOpen(first.id)
    const middle = line.rows[line.rows.length >> 1] ?? first
    zoom.to(Math.max(rowHeight * zoomStep, Math.min(20, room / line.rows.length)), middle.id)
    setPointer(undefined)
  }

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.metaKey) return
    if (event.key === 'Escape' && cursor !== undefined) {
      event.stopPropagation()
      return setCursor(undefined)
    }
    if (event.key === 'Enter' && cursorLine !== undefined) {
      event.preventDefault()
      return open(cursorLine)
    }
    if (zoomByKey(event.key, zoom)) return event.preventDefault()
    const page = Math.max(1, Math.floor(room / layout.lineHeight) - 1)
    const next = moved(layout, cursor, event, { columns: columns.length, page })
    if (next === undefined) return
    event.preventDefault()
    setPointer(undefined)
    setCursor(next)
    const line = lineOfRow(layout, next.row)
    if (line !== undefined) reveal(scroller.current, { line, column: next.column }, geometry)
  }

  const toPoint = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect()
    return { x: event.clientX - box.left, y: event.clientY - box.top }
  }
  const told = hovered ?? atCursor
  const text = told === undefined ? '' : words.describe(describedBy(told, columns))
  const nothing = groups.every(({ rows }) => rows.length === 0)
  const overflows = room > 0 && layout.height > room + 1
  return (
    <div className={styles.map}>
      <div className={styles.head}>
        {head}
        <div className={styles.end}>
          {legend}
          <ZoomButtons zoom={zoom} words={words} />
        </div>
      </div>
      {nothing && empty}
      <div className={styles.frame} hidden={nothing}>
        <div
          ref={scroller}
          className={styles.scroller}
          onScroll={({ currentTarget: { scrollTop, scrollLeft } }) => {
            setPointer(undefined)
            setScrolled({ scrollTop, scrollLeft })
          }}
        >
          <div style={{ height: layout.height + geometry.headHeight, minWidth: geometry.width }}>
            <canvas
              ref={canvas}
              className={styles.canvas}
              style={size}
              tabIndex={0}
              role="application"
              aria-label={words.label}
              aria-describedby={keysId}
              data-opens={hovered !== undefined || undefined}
              onKeyDown={onKeyDown}
              onFocus={() => setFocused(true)}
              onBlur={() => setFocused(false)}
              onPointerMove={(event) => setPointer(toPoint(event))}
              onPointerLeave={() => setPointer(undefined)}
              onClick={(event) => {
                const box = event.currentTarget.getBoundingClientRect()
                const place = under({ x: event.clientX - box.left, y: event.clientY - box.top })
                if (place === undefined) return
                const [first] = place.line.rows
                if (first !== undefined) setCursor({ row: first.id, column: place.column ?? 0 })
                open(place.line)
              }}
            />
          </div>
        </div>
        {overflows && (
          <Overview
            groups={groups}
            columns={columns.length}
            layout={layout}
            headHeight={geometry.headHeight}
            room={room}
            scrollTop={scrolled.scrollTop}
            scroller={scroller}
          />
        )}
        <span id={keysId} className={styles.unseen}>
          {words.keys}
        </span>
        <span className={styles.unseen} aria-live="polite">
          {focused ? text : ''}
        </span>
        {told !== undefined && (
          <Tip text={text} at={tipPlace(hovered === undefined ? undefined : pointer, told, frame)} />
        )}
      </div>
    </div>
  )
}

function describedBy({ line, column }: Place, columns: readonly HeatColumn[]): Described {
  return {
    rows: line.rows,
    column: column === undefined ? undefined : columns[column],
    cell: column === undefined ? undefined : line.cells[column],
  }
}

/** Scrolls until a place is in view. */
function reveal(
  scroller: HTMLElement | null,
  { line, column = 0 }: Place,
  { headHeight, labelWidth, noteWidth, columnWidth }: ReturnType<typeof geometryOf>,
): void {
  if (scroller === null) return
  const room = scroller.clientHeight - headHeight
  const { scrollTop, scrollLeft } = scroller
  if (line.y < scrollTop) scroller.scrollTo({ top: Math.max(0, line.y - 26) })
  else if (line.y + line.height > scrollTop + room) {
    scroller.scrollTo({ top: line.y + line.height - room + 6 })
  }
  const left = column * columnWidth
  const wide = scroller.clientWidth - labelWidth - noteWidth
  if (left < scrollLeft) scroller.scrollTo({ left })
  else if (left + columnWidth > scrollLeft + wide) scroller.scrollTo({ left: left + columnWidth - wide })
}
