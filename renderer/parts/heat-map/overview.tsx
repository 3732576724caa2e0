import { memo, type PointerEvent, type RefObject, useMemo, useRef } from 'react'
import styles from './heat-map.module.css'
import { bandsOf, type HeatLayout } from './layout.ts'
import { type HeatCell, type HeatGroup, type HeatMark, stepOf, sumOfCells, worstMark } from './model.ts'
import type { Size } from './painter.ts'
import type { Palette } from './palette.ts'
import { usePainting, useSize } from './use-painting.ts'

/** Lines of the overview are at least so high; more rows than that are added up. */
const smallestLine = 2
const marksWidth = 6

/** All rows beside the map, where not all of them fit into it; dragging moves the map. The map has the keyboard. */
export function Overview({
  groups,
  columns,
  layout,
  headHeight,
  room,
  scrollTop,
  scroller,
}: {
  groups: readonly HeatGroup[]
  columns: number
  layout: HeatLayout
  headHeight: number
  /** Pixels of rows that the map shows, and where they begin. */
  room: number
  scrollTop: number
  scroller: RefObject<HTMLElement | null>
}) {
  const strip = useRef<HTMLDivElement>(null)
  const size = useSize(strip)
  const scale = layout.height === 0 ? 0 : size.height / layout.height
  const lines = useMemo(() => overviewOf(groups, columns, layout, scale), [groups, columns, layout, scale])

  const drag = (event: PointerEvent<HTMLDivElement>) => {
    const target = scroller.current
    if (target === null || event.buttons !== 1 || scale === 0) return
    if (event.type === 'pointerdown') event.currentTarget.setPointerCapture(event.pointerId)
    const y = event.clientY - event.currentTarget.getBoundingClientRect().top
    target.scrollTo({ top: y / scale - room / 2 })
  }

  return (
    <div className={styles.overview} style={{ marginTop: headHeight }} aria-hidden>
      <div ref={strip} className={styles.strip} onPointerDown={drag} onPointerMove={drag}>
        <Picture lines={lines} columns={columns} size={size} />
        <div className={styles.shown} style={{ top: scrollTop * scale, height: Math.max(8, room * scale) }} />
      </div>
    </div>
  )
}

/** What is under the frame: painted when the rows change, not when the map scrolls. */
const Picture = memo(function Picture({
  lines,
  columns,
  size,
}: {
  lines: readonly OverviewLine[]
  columns: number
  size: Size
}) {
  const canvas = useRef<HTMLCanvasElement>(null)
  usePainting(canvas, size, (context, palette) =>
    paintOverview(context, palette, { lines, columns, ...size }),
  )
  return <canvas ref={canvas} className={styles.stripCanvas} />
})

interface OverviewLine {
  readonly y: number
  readonly height: number
  readonly cells: readonly (HeatCell | undefined)[]
  readonly mark: HeatMark | undefined
}

/** Rows in lines of at least 2 px, where the map's layout has them. */
function overviewOf(
  groups: readonly HeatGroup[],
  columns: number,
  layout: HeatLayout,
  scale: number,
): OverviewLine[] {
  const rowHeight = (layout.lineHeight / layout.bandSize) * scale
  if (rowHeight <= 0) return []
  const bandSize = 2 ** Math.max(0, Math.ceil(Math.log2(smallestLine / rowHeight)))
  return groups.flatMap(({ rows }, group) => {
    const top = (layout.tops[group] ?? 0) * scale
    const bands = bandsOf(rows, bandSize)
    const tall = Math.ceil(rows.length / layout.bandSize) * layout.lineHeight * scale
    const height = tall / Math.max(1, bands.length)
    return bands.map((band, index) => ({
      y: top + index * height,
      height,
      cells: sumOfCells(band, columns),
      mark: worstMark(band),
    }))
  })
}

function paintOverview(
  context: CanvasRenderingContext2D,
  palette: Palette,
  {
    lines,
    columns,
    width,
    height,
  }: { lines: readonly OverviewLine[]; columns: number; width: number; height: number },
): void {
  context.fillStyle = palette.panel
  context.fillRect(0, 0, width, height)
  const columnWidth = (width - marksWidth) / Math.max(1, columns)
  for (const { y, height: lineHeight, cells, mark } of lines) {
    const high = Math.max(1, lineHeight - (lineHeight > 3 ? 1 : 0))
    for (const [column, cell] of cells.entries()) {
      context.fillStyle =
        cell === undefined
          ? palette.hatch
          : cell.whole === 0
            ? palette.flat
            : (palette.ramp[stepOf(cell.part / cell.whole)] ?? palette.flat)
      context.fillRect(column * columnWidth, y, Math.max(1, columnWidth - 0.5), high)
    }
    if (mark === undefined || mark.tone === 'info') continue
    context.fillStyle = palette[mark.tone]
    context.fillRect(width - marksWidth + 2, y, marksWidth - 2, Math.max(2, high))
  }
}
