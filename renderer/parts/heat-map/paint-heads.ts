import { columnsWidth, type HeatFrame } from './frame.ts'
import { paintMark } from './paint-mark.ts'
import type { Palette } from './palette.ts'

type Context = CanvasRenderingContext2D

const lean = -Math.PI / 4
/** Of a head that stands aslant, along its slant. */
const longestAslant = 88
const markWidth = 11

/** The names of the columns above them: upright where they fit, else aslant; too long ones lose their end. */
export function paintHeads(context: Context, frame: HeatFrame, palette: Palette): void {
  const { geometry, columns, scrollLeft } = frame
  const here = (frame.hovered ?? frame.cursor)?.column
  context.save()
  context.beginPath()
  // aslant, the last head reaches over the marks
  const right = geometry.labelWidth + columnsWidth(frame) + (geometry.aslant ? geometry.noteWidth : 0)
  context.rect(geometry.labelWidth - 2, 0, right - geometry.labelWidth + 2, geometry.headHeight)
  context.clip()
  context.textBaseline = 'alphabetic'
  context.textAlign = 'left'
  for (const [index, column] of columns.entries()) {
    const x = geometry.labelWidth - scrollLeft + index * geometry.columnWidth
    if (x + geometry.columnWidth < geometry.labelWidth || x > frame.width) continue
    context.font = `${index === here ? 750 : 600} 11.5px ${palette.sans}`
    context.fillStyle = index === here ? palette.ink : palette.ink2
    context.save()
    if (geometry.aslant) {
      context.translate(x + geometry.columnWidth / 2 + 1, geometry.headHeight - 8)
      context.rotate(lean)
    } else {
      context.translate(x + 2, geometry.headHeight - 11)
    }
    const room = geometry.aslant
      ? Math.min(longestAslant, (frame.width - x - geometry.columnWidth / 2 - 14) * Math.SQRT2)
      : geometry.columnWidth - 8
    const start = column.mark === undefined ? 0 : markWidth
    context.fillText(fitted(context, column.title, room - start), start, 0)
    if (column.mark !== undefined) {
      paintMark(context, column.mark, { x: 0, y: -4, size: 7, words: false, palette })
    }
    context.restore()
  }
  context.restore()
}

/** A name in so many pixels; what is left out is its end. */
function fitted(context: Context, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text
  let low = 1
  let high = text.length
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (context.measureText(`${text.slice(0, middle)}…`).width <= width) low = middle
    else high = middle - 1
  }
  return `${text.slice(0, low)}…`
}
