import type { Geometry, Place } from './geometry.ts'
import { type HeatLayout, type Line, lineIndexAt } from './layout.ts'
import type { HeatColumn } from './model.ts'

/** All that one picture of the map shows; pixels. */
export interface HeatFrame {
  readonly width: number
  readonly height: number
  readonly scrollTop: number
  readonly scrollLeft: number
  readonly layout: HeatLayout
  readonly geometry: Geometry
  readonly columns: readonly HeatColumn[]
  /** Under the pointer. */
  readonly hovered?: Place | undefined
  /** Where the keyboard is. */
  readonly cursor?: Place | undefined
  /** Id of the row whose details are open. */
  readonly selected?: string | undefined
}

/** Pixels between the titles and the marks. */
export function columnsWidth({ width, geometry, columns }: HeatFrame): number {
  const room = width - geometry.labelWidth - geometry.noteWidth
  return Math.max(0, Math.min(room, columns.length * geometry.columnWidth))
}

/** The lines that a viewport shows, the cut ones at its edges among them. */
export function linesInView({ layout, geometry, scrollTop, height }: HeatFrame): readonly Line[] {
  const first = lineIndexAt(layout, scrollTop)
  const last = lineIndexAt(layout, scrollTop + height - geometry.headHeight)
  return layout.lines.slice(first, last + 1)
}
