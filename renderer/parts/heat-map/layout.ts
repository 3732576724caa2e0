import { type HeatCell, type HeatGroup, type HeatMark, type HeatRow, sumOfCells, worstMark } from './model.ts'

/** The head of a group. */
export interface GroupLine {
  readonly kind: 'group'
  readonly y: number
  readonly height: number
  readonly title: string
  readonly count: number
}

/** One row, or a band: consecutive rows of one group, added up. */
export interface RowsLine {
  readonly kind: 'rows'
  readonly y: number
  readonly height: number
  readonly rows: readonly HeatRow[]
  readonly title: string
  readonly cells: readonly (HeatCell | undefined)[]
  readonly mark: HeatMark | undefined
}

export type Line = GroupLine | RowsLine

export interface HeatLayout {
  /** From top to bottom, without a gap that a pixel could fall through but between groups. */
  readonly lines: readonly Line[]
  /** Of all lines, pixels. */
  readonly height: number
  /** Rows in a line; 1 where every row has its own. */
  readonly bandSize: number
  readonly lineHeight: number
  /** Where the rows of each group begin. */
  readonly tops: readonly number[]
  /** Requests of the busiest cell, which lengths are measured by. */
  readonly busiest: number
}

export const defaultRowHeight = 20
export const largestRowHeight = 44
/** Below so many pixels a row of its own would smear. */
const smallestRowHeight = 5
/** A band is at least so high: its words have to be read. */
const smallestBandHeight = 12
const groupGap = 10
const groupHead = 20

/** Rows in a line, at most, at a height a row: 1, or a power of two, so that zooming changes bands in few steps. */
export function bandSizeAt(rowHeight: number): number {
  if (rowHeight >= smallestRowHeight) return 1
  return 2 ** Math.ceil(Math.log2(smallestBandHeight / rowHeight))
}

/**
 * Lays out rows at a height a row, in pixels. Rows that would be lower than 5 px are added up to bands of
 * consecutive rows, never over the border of a group. `bandTitle` names a band by its number of rows.
 */
export function layoutOf(
  groups: readonly HeatGroup[],
  {
    rowHeight,
    columns,
    bandTitle,
  }: { rowHeight: number; columns: number; bandTitle: (rows: number) => string },
): HeatLayout {
  const bandSize = bandSizeAt(rowHeight)
  const lineHeight = bandSize * rowHeight
  const lines: Line[] = []
  const tops: number[] = []
  let y = 0
  let busiest = 0
  for (const [index, group] of groups.entries()) {
    if (index > 0) y += groupGap
    if (group.title !== undefined) {
      lines.push({ kind: 'group', y, height: groupHead, title: group.title, count: group.rows.length })
      y += groupHead
    }
    tops.push(y)
    for (const rows of bandsOf(group.rows, bandSize)) {
      const line = lineOf(rows, columns, bandTitle)
      for (const cell of line.cells) busiest = Math.max(busiest, cell?.whole ?? 0)
      lines.push({ kind: 'rows', y, height: lineHeight, ...line })
      y += lineHeight
    }
  }
  return { lines, height: y, bandSize, lineHeight, tops, busiest }
}

/** Rows in bands of at most `size`, all of one group as large as the others: their lengths are compared. */
export function bandsOf(rows: readonly HeatRow[], size: number): (readonly HeatRow[])[] {
  const count = Math.ceil(rows.length / size)
  return Array.from({ length: count }, (_, index) =>
    rows.slice(Math.floor((index * rows.length) / count), Math.floor(((index + 1) * rows.length) / count)),
  )
}

function lineOf(
  rows: readonly HeatRow[],
  columns: number,
  bandTitle: (rows: number) => string,
): Omit<RowsLine, 'kind' | 'y' | 'height'> {
  const [only] = rows
  if (only !== undefined && rows.length === 1) {
    return { rows, title: only.title, cells: only.cells, mark: only.mark }
  }
  return { rows, title: bandTitle(rows.length), cells: sumOfCells(rows, columns), mark: worstMark(rows) }
}

/** Pixels that the groups take at a height a row, without laying them out. */
export function heightAt(groups: readonly HeatGroup[], rowHeight: number): number {
  const bandSize = bandSizeAt(rowHeight)
  return groups.reduce(
    (height, { title, rows }, index) =>
      height +
      (index > 0 ? groupGap : 0) +
      (title === undefined ? 0 : groupHead) +
      Math.ceil(rows.length / bandSize) * bandSize * rowHeight,
    0,
  )
}

/** The largest height a row, 20 px at most, at which all rows fit; where none does, one band a group. */
export function fittingRowHeight(groups: readonly HeatGroup[], viewport: number): number {
  const largest = Math.max(1, ...groups.map(({ rows }) => rows.length))
  const smallest = smallestBandHeight / 2 ** Math.ceil(Math.log2(largest))
  // not quite monotonous, for the last band of a group may be half empty: so it is tried, not solved
  for (let rowHeight = defaultRowHeight; rowHeight > smallest; rowHeight *= 0.98) {
    if (heightAt(groups, rowHeight) <= viewport) return rowHeight
  }
  return Math.min(smallest, defaultRowHeight)
}

/** Index of the line at `y`, or of the first below it; the number of lines where there is none. */
export function lineIndexAt({ lines }: HeatLayout, y: number): number {
  let low = 0
  let high = lines.length
  while (low < high) {
    const middle = (low + high) >> 1
    const line = lines[middle]
    if (line !== undefined && line.y + line.height <= y) low = middle + 1
    else high = middle
  }
  return low
}

/** The line a row is in. */
export function lineOfRow({ lines }: HeatLayout, id: string): RowsLine | undefined {
  return lines.find(
    (line): line is RowsLine => line.kind === 'rows' && line.rows.some((row) => row.id === id),
  )
}
