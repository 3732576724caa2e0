import { columnsWidth, type HeatFrame, linesInView } from './frame.ts'
import { type Geometry, type Place, shortened } from './geometry.ts'
import type { GroupLine, Line, RowsLine } from './layout.ts'
import { type HeatCell, lengthOf, stepOf } from './model.ts'
import { paintHeads } from './paint-heads.ts'
import { paintMark } from './paint-mark.ts'
import type { Palette } from './palette.ts'

type Context = CanvasRenderingContext2D

/** Words of a line need so much height; lower lines share them out. */
const wordsHeight = 12

/** Paints the viewport: only lines that are in it cost anything. The context is scaled to pixels already. */
export function paint(context: Context, frame: HeatFrame, palette: Palette): void {
  const { width, height, geometry, layout } = frame
  context.fillStyle = palette.panel
  context.fillRect(0, 0, width, height)
  const lines = linesInView(frame)

  context.save()
  clipTo(context, 0, geometry.headHeight, width, height - geometry.headHeight)
  context.translate(0, geometry.headHeight - frame.scrollTop)
  paintCross(context, frame, lines, palette)
  context.save()
  clipTo(context, geometry.labelWidth, frame.scrollTop, columnsWidth(frame), height)
  context.translate(geometry.labelWidth - frame.scrollLeft, 0)
  for (const line of lines) if (line.kind === 'rows') paintCells(context, frame, line, palette)
  paintOutline(context, frame, frame.cursor, palette.ink, palette)
  paintOutline(context, frame, frame.hovered, palette.ink, palette)
  context.restore()
  paintWords(context, frame, lines, palette)
  context.restore()

  paintHeads(context, frame, palette)
  if (layout.height > height - geometry.headHeight && frame.scrollTop > 0) {
    context.fillStyle = palette.line
    context.fillRect(0, geometry.headHeight - 1, width, 1)
  }
}

function clipTo(context: Context, x: number, y: number, width: number, height: number): void {
  context.beginPath()
  context.rect(x, y, width, height)
  context.clip()
}

/** The row and the column the pointer or the keyboard is in, and the row that is open. */
function paintCross(context: Context, frame: HeatFrame, lines: readonly Line[], palette: Palette): void {
  const { geometry, scrollTop, scrollLeft, width, height } = frame
  context.fillStyle = palette.cross
  for (const line of lines) {
    if (line.kind === 'rows' && isSelected(frame, line)) context.fillRect(0, line.y, width, line.height)
  }
  const at = frame.hovered ?? frame.cursor
  if (at === undefined) return
  context.fillRect(0, at.line.y, width, at.line.height)
  if (at.column === undefined) return
  const x = geometry.labelWidth - scrollLeft + at.column * geometry.columnWidth
  const left = Math.max(x, geometry.labelWidth)
  context.fillRect(left, scrollTop, Math.max(0, x + geometry.columnWidth - left), height)
}

function paintCells(context: Context, frame: HeatFrame, line: RowsLine, palette: Palette): void {
  const { geometry, layout, scrollLeft } = frame
  const box = boxOf(line, geometry)
  const from = Math.max(0, Math.floor(scrollLeft / geometry.columnWidth))
  const to = Math.min(line.cells.length, Math.ceil((scrollLeft + frame.width) / geometry.columnWidth))
  for (let column = from; column < to; column += 1) {
    paintCell(
      context,
      line.cells[column],
      { ...box, x: column * geometry.columnWidth },
      layout.busiest,
      palette,
    )
  }
}

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** A cell keeps 3 px from its neighbours, less where rows are low. */
function boxOf(line: RowsLine, geometry: Geometry): Omit<Box, 'x'> {
  const gap = line.height >= 12 ? 3 : line.height >= 8 ? 2 : 1
  const y = Math.round(line.y + (gap === 3 ? 1 : 0))
  return {
    y,
    width: geometry.columnWidth - 3,
    height: Math.max(1, Math.round(line.y + line.height) - gap - y + (gap === 3 ? 1 : 0)),
  }
}

function paintCell(
  context: Context,
  cell: HeatCell | undefined,
  { x, y, width, height }: Box,
  busiest: number,
  palette: Palette,
): void {
  if (cell === undefined) {
    context.fillStyle = palette.hatch
    context.fillRect(x, y, width, height)
    return
  }
  if (cell.whole === 0) {
    context.fillStyle = palette.flat
    fillRounded(context, x, y, width, height)
    return
  }
  context.fillStyle = palette.track
  fillRounded(context, x, y, width, height)
  context.fillStyle = palette.ramp[stepOf(cell.part / cell.whole)] ?? palette.flat
  fillRounded(context, x, y, Math.min(width, Math.max(4, width * lengthOf(cell, busiest))), height)
}

/** Rounded corners cost time and cannot be seen in low rows. */
function fillRounded(context: Context, x: number, y: number, width: number, height: number): void {
  if (height < 9) {
    context.fillRect(x, y, width, height)
    return
  }
  context.beginPath()
  context.roundRect(x, y, width, height, 3)
  context.fill()
}

function paintOutline(
  context: Context,
  { geometry }: HeatFrame,
  place: Place | undefined,
  colour: string,
  palette: Palette,
): void {
  if (place?.column === undefined) return
  const { y, width, height } = boxOf(place.line, geometry)
  const x = place.column * geometry.columnWidth
  // a ring of the ground between the cell and its outline keeps the colour of the cell readable
  for (const [stroke, lineWidth] of [
    [palette.panel, 4],
    [colour, 2],
  ] as const) {
    context.strokeStyle = stroke
    context.lineWidth = lineWidth
    context.beginPath()
    context.roundRect(x - 1.5, y - 1.5, width + 3, height + 3, 4)
    context.stroke()
  }
}

/** Heads of groups, titles of rows and their marks; where rows are low, as many as can be read. */
function paintWords(context: Context, frame: HeatFrame, lines: readonly Line[], palette: Palette): void {
  const { geometry } = frame
  const noteLeft = geometry.labelWidth + columnsWidth(frame)
  context.textBaseline = 'middle'
  let titleFrom = -Infinity
  let markFrom = -Infinity
  const here: RowsLine[] = []
  for (const line of lines) {
    if (line.kind === 'group') {
      paintGroupHead(context, line, palette)
      titleFrom = line.y + line.height - 2
      continue
    }
    const middle = middleOf(line)
    if (isHere(frame, line)) here.push(line)
    else if (middle - wordsHeight / 2 >= titleFrom - 1) {
      titleFrom = middle + wordsHeight / 2
      paintTitle(context, frame, line, { font: '12px', colour: palette.ink2, palette })
    }
    if (line.mark !== undefined) {
      const words = middle - wordsHeight / 2 >= markFrom - 1
      if (words) markFrom = middle + wordsHeight / 2
      paintMark(context, line.mark, {
        x: noteLeft + 4,
        y: middle,
        size: Math.min(7, Math.max(3, line.height - 2)),
        words,
        palette,
      })
    }
  }
  for (const line of here) {
    // where rows are low it stands over its neighbours' titles
    context.fillStyle = palette.panel
    if (line.height < wordsHeight) context.fillRect(0, middleOf(line) - 9, geometry.labelWidth - 2, 18)
    paintTitle(context, frame, line, { font: '700 12px', colour: palette.ink, palette })
  }
}

function paintTitle(
  context: Context,
  { geometry }: HeatFrame,
  line: RowsLine,
  { font, colour, palette }: { font: string; colour: string; palette: Palette },
): void {
  context.font = `${font} ${palette.mono}`
  context.textAlign = 'right'
  context.fillStyle = colour
  context.fillText(shortened(line.title, geometry.labelWidth - 12), geometry.labelWidth - 8, middleOf(line))
}

function middleOf({ y, height }: RowsLine): number {
  return Math.round(y + height / 2)
}

function isSelected({ selected }: HeatFrame, line: RowsLine): boolean {
  return selected !== undefined && line.rows.some(({ id }) => id === selected)
}

function isHere(frame: HeatFrame, line: RowsLine): boolean {
  const { hovered, cursor } = frame
  return (hovered ?? cursor)?.line === line || isSelected(frame, line)
}

function paintGroupHead(context: Context, line: GroupLine, palette: Palette): void {
  context.font = `600 11.5px ${palette.sans}`
  context.textAlign = 'left'
  context.fillStyle = palette.ink2
  context.fillText(line.title, 2, Math.round(line.y + line.height / 2))
}
