import type { HeatMark } from './model.ts'
import type { Palette } from './palette.ts'

/** A mark: a disc, a triangle or a ring by its tone, so that it differs in shape too, and its words. */
export function paintMark(
  context: CanvasRenderingContext2D,
  mark: HeatMark,
  { x, y, size, words, palette }: { x: number; y: number; size: number; words: boolean; palette: Palette },
): void {
  const colour = palette[mark.tone]
  const half = size / 2
  context.fillStyle = colour
  context.strokeStyle = colour
  context.beginPath()
  if (mark.tone === 'warn') {
    context.moveTo(x + half, y - half - 0.5)
    context.lineTo(x + size + 0.5, y + half)
    context.lineTo(x - 0.5, y + half)
    context.closePath()
    context.fill()
  } else {
    context.arc(x + half, y, mark.tone === 'info' ? half - 0.5 : half, 0, Math.PI * 2)
    if (mark.tone === 'info') {
      context.lineWidth = 1.5
      context.stroke()
    } else {
      context.fill()
    }
  }
  if (!words) return
  context.font = `650 11.5px ${palette.sans}`
  context.textAlign = 'left'
  context.fillText(mark.words, x + size + 6, y)
}
