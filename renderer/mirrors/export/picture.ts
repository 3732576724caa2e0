import type { HeatFrame } from '../../parts/heat-map/frame.ts'
import type { LegendWords } from '../../parts/heat-map/legend.tsx'
import { rampSteps } from '../../parts/heat-map/model.ts'
import { paint } from '../../parts/heat-map/paint.ts'
import { type Palette, paletteOf } from '../../parts/heat-map/palette.ts'

/** Device pixels a pixel: sharp in a document whatever the screen was. */
const density = 2
const margin = 20
const headHeight = 54
const legendHeight = 34

export interface PictureWords {
  readonly title: string
  /** Which cluster, window and time. */
  readonly detail: string
  readonly legend: LegendWords
}

/** The map as it is shown, with what it is of above it and what colours mean below, as a PNG. */
export async function pictureOf(frame: HeatFrame, words: PictureWords): Promise<Blob> {
  const canvas = document.createElement('canvas')
  const rows = Math.min(frame.height, frame.geometry.headHeight + frame.layout.height)
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('this window cannot paint pictures')
  const palette = paletteOf(document.documentElement, context, density)
  context.font = `12.5px ${palette.sans}`
  const width = Math.ceil(Math.max(frame.width, 680, context.measureText(words.detail).width)) + 2 * margin
  const height = rows + headHeight + legendHeight + 2 * margin
  canvas.width = width * density
  canvas.height = height * density
  context.scale(density, density)
  context.fillStyle = palette.panel
  context.fillRect(0, 0, width, height)
  context.textBaseline = 'middle'
  context.textAlign = 'left'
  context.fillStyle = palette.ink
  context.font = `650 16px ${palette.sans}`
  context.fillText(words.title, margin, margin + 10)
  context.fillStyle = palette.ink2
  context.font = `12.5px ${palette.sans}`
  context.fillText(words.detail, margin, margin + 33)
  context.save()
  context.translate(margin, margin + headHeight)
  context.beginPath()
  context.rect(0, 0, frame.width, rows)
  context.clip()
  paint(context, { ...frame, height: rows, selected: undefined }, palette)
  context.restore()
  paintLegend(context, palette, words.legend, { x: margin, y: height - margin - 8 })
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob === null) reject(new Error('the picture is too large to be written'))
      else resolve(blob)
    }, 'image/png')
  })
}

function paintLegend(
  context: CanvasRenderingContext2D,
  palette: Palette,
  words: LegendWords,
  at: { x: number; y: number },
): void {
  let { x } = at
  context.font = `11.5px ${palette.sans}`
  context.textBaseline = 'middle'
  context.textAlign = 'left'
  const write = (text: string) => {
    context.fillStyle = palette.ink2
    context.fillText(text, x, at.y)
    x += context.measureText(text).width + 6
  }
  const swatch = (fill: string | CanvasPattern, width: number) => {
    context.fillStyle = fill
    context.fillRect(x, at.y - 5, width, 10)
    x += width
  }
  write(words.ramp)
  for (let step = 0; step < rampSteps; step += 1) swatch(palette.ramp[step] ?? palette.flat, 20)
  x += 6
  write(words.ends)
  x += 16
  write(words.length)
  x += 16
  swatch(palette.flat, 18)
  x += 6
  write(words.flat)
  x += 16
  swatch(palette.hatch, 18)
  x += 6
  write(words.hatched)
}
