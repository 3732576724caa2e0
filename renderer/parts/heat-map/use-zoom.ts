import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react'
import {
  defaultRowHeight,
  fittingRowHeight,
  type HeatLayout,
  largestRowHeight,
  lineIndexAt,
  lineOfRow,
} from './layout.ts'
import type { HeatGroup } from './model.ts'

/** A row that keeps its place on screen while the rows around it grow or shrink. */
interface Anchor {
  readonly row: string
  /** Pixels from the upper edge of the rows to the middle of its line. */
  readonly at: number
}

export interface Zoom {
  /** Pixels a row. */
  readonly rowHeight: number
  readonly fitted: boolean
  readonly canGrow: boolean
  readonly canShrink: boolean
  /** Larger than 1 makes rows higher; what is at `at` pixels from the upper edge of the rows stays there. */
  by(factor: number, at?: number): void
  fit(): void
  /** To rows of this height, with a row in the middle. */
  to(rowHeight: number, row: string): void
  /** Call it with the layout made of `rowHeight`: puts the scroll bar where the anchor wants it. */
  settle(layout: HeatLayout): void
}

/** Pixels; `fit` shows all rows, `readable` does so where they can be read: nobody has zoomed yet. */
type Wanted = number | 'fit' | 'readable'

/** Rows that fit at this height can be read. */
const readable = 14

function rowHeightOf(wanted: Wanted, fitting: number): number {
  if (wanted === 'fit') return fitting
  if (wanted === 'readable') return fitting < readable ? defaultRowHeight : fitting
  return Math.max(wanted, fitting)
}

/** How high a row is: between the height at which all rows fit and 44 px. `viewport` is what rows have room in. */
export function useZoom(
  groups: readonly HeatGroup[],
  viewport: number,
  scroller: RefObject<HTMLElement | null>,
): Zoom {
  const [wanted, setWanted] = useState<Wanted>('readable')
  const anchor = useRef<Anchor>(undefined)
  const laidOut = useRef<HeatLayout>(undefined)
  const fitting = viewport > 0 ? fittingRowHeight(groups, viewport) : defaultRowHeight
  const rowHeight = rowHeightOf(wanted, fitting)

  const keep = useCallback(
    (at: number) => {
      const layout = laidOut.current
      if (layout === undefined || scroller.current === null) return
      const from = lineIndexAt(layout, scroller.current.scrollTop + at)
      const line = layout.lines.slice(from).find(({ kind }) => kind === 'rows') ?? layout.lines.at(-1)
      if (line?.kind !== 'rows' || line.rows[0] === undefined) return
      anchor.current = {
        row: line.rows[0].id,
        at: line.y + line.height / 2 - scroller.current.scrollTop,
      }
    },
    [scroller],
  )

  return {
    rowHeight,
    fitted: rowHeight <= fitting,
    canGrow: rowHeight < largestRowHeight,
    canShrink: rowHeight > fitting,
    by: (factor, at = viewport / 2) => {
      keep(at)
      const next = Math.min(largestRowHeight, rowHeight * factor)
      setWanted(next <= fitting ? 'fit' : next)
    },
    fit: () => setWanted('fit'),
    to: (height, row) => {
      anchor.current = { row, at: viewport / 2 }
      setWanted(Math.min(largestRowHeight, height))
    },
    settle: (layout) => {
      laidOut.current = layout
      const kept = anchor.current
      if (kept === undefined || scroller.current === null) return
      anchor.current = undefined
      const line = lineOfRow(layout, kept.row)
      if (line !== undefined) scroller.current.scrollTo({ top: line.y + line.height / 2 - kept.at })
    },
  }
}

/** Ctrl or Cmd and the wheel, as maps have it; React's own wheel events cannot keep the page from zooming. */
export function useWheelZoom(element: RefObject<HTMLElement | null>, zoom: Zoom, headHeight: number): void {
  const latest = useRef({ zoom, headHeight })
  useLayoutEffect(() => {
    latest.current = { zoom, headHeight }
  })
  useLayoutEffect(() => {
    const target = element.current
    if (target === null) return undefined
    const turn = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return
      event.preventDefault()
      const { zoom, headHeight } = latest.current
      const at = event.clientY - target.getBoundingClientRect().top - headHeight
      zoom.by(Math.exp(-Math.max(-60, Math.min(60, event.deltaY)) / 240), at)
    }
    target.addEventListener('wheel', turn, { passive: false })
    return () => target.removeEventListener('wheel', turn)
  }, [element])
}
