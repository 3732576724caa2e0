import { type HeatLayout, lineIndexAt, type RowsLine } from './layout.ts'
import type { HeatColumn } from './model.ts'

/** Where things are from left to right, and how high the heads of the columns are; pixels. */
export interface Geometry {
  /** Titles of rows: they stay while the columns scroll. */
  readonly labelWidth: number
  readonly columnWidth: number
  /** Marks: they stay as well. */
  readonly noteWidth: number
  readonly headHeight: number
  /** Heads stand aslant where the columns are too narrow for words. */
  readonly aslant: boolean
  /** Of everything, more than the viewport where the columns do not fit. */
  readonly width: number
}

/** Width of a letter of the row titles: JetBrains Mono at 12 px. */
const letterWidth = 7.2
const noteLetterWidth = 6.4
const smallestColumn = 26
const largestColumn = 132
/** Columns narrower than this have their heads aslant. */
const headFits = 58

/** Shares the width out: titles and marks get what their words need, the columns the rest. */
export function geometryOf(of: {
  width: number
  columns: readonly HeatColumn[]
  /** Letters of the longest title of a row, and of the longest words of a mark; 0 where there is none. */
  titleLetters: number
  noteLetters: number
}): Geometry {
  const labelWidth = Math.min(190, Math.max(56, Math.ceil(of.titleLetters * letterWidth) + 14))
  const noteWidth =
    of.noteLetters === 0 ? 12 : Math.min(170, Math.ceil(of.noteLetters * noteLetterWidth) + 26)
  const count = of.columns.length
  const share = count === 0 ? 0 : (of.width - labelWidth - noteWidth) / count
  const columnWidth = Math.min(largestColumn, Math.max(smallestColumn, share))
  const aslant = columnWidth < headFits
  const width = labelWidth + count * columnWidth + noteWidth
  return { labelWidth, columnWidth, noteWidth, headHeight: aslant ? 74 : 30, aslant, width }
}

/** A line and a column, the column undefined over the titles and the marks. */
export interface Place {
  readonly line: RowsLine
  readonly column: number | undefined
}

/** What is at a point of the viewport, in pixels from its upper left corner. */
export function placeAt(
  layout: HeatLayout,
  geometry: Geometry,
  at: { x: number; y: number; scrollTop: number; scrollLeft: number; columns: number },
): Place | undefined {
  if (at.y < geometry.headHeight) return undefined
  const y = at.y - geometry.headHeight + at.scrollTop
  const line = layout.lines[lineIndexAt(layout, y)]
  if (line === undefined || line.kind === 'group' || y < line.y) return undefined
  if (at.x < geometry.labelWidth) return { line, column: undefined }
  const column = Math.floor((at.x + at.scrollLeft - geometry.labelWidth) / geometry.columnWidth)
  return { line, column: column < at.columns ? column : undefined }
}

/** Letters of a text; those of Chinese, Japanese and Korean take the room of two. */
export function lettersOf(text: string): number {
  return text.length + (text.match(/[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uff60]/g)?.length ?? 0)
}

/** A title in so many pixels: what is left out is in its middle, for names of nodes differ at both ends. */
export function shortened(title: string, width: number): string {
  const letters = Math.floor(width / letterWidth)
  if (title.length <= letters) return title
  const kept = Math.max(2, letters - 1)
  const start = Math.ceil(kept / 2)
  return `${title.slice(0, start)}…${title.slice(title.length - (kept - start))}`
}
