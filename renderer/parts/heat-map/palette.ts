import { rampSteps } from './model.ts'

/** The colours of a theme, and the patterns made of them. */
export interface Palette {
  readonly ramp: readonly string[]
  readonly flat: string
  readonly track: string
  readonly hatch: string | CanvasPattern
  readonly panel: string
  readonly line: string
  readonly ink: string
  readonly ink2: string
  readonly accent: string
  /** Under the row and the column the pointer is in. */
  readonly cross: string
  readonly bad: string
  readonly warn: string
  readonly info: string
  readonly sans: string
  readonly mono: string
}

/** Reads the palette off the variables an element inherits; `ratio` is device pixels a pixel. */
export function paletteOf(element: Element, context: CanvasRenderingContext2D, ratio: number): Palette {
  const style = getComputedStyle(element)
  const read = (name: string) => style.getPropertyValue(name).trim()
  return {
    ramp: Array.from({ length: rampSteps }, (_, step) => read(`--heat-${step}`)),
    flat: read('--heat-flat'),
    track: read('--heat-track'),
    hatch: hatchOf(context, read('--heat-hatch'), ratio),
    panel: read('--panel'),
    line: read('--line'),
    ink: read('--ink'),
    ink2: read('--ink-2'),
    accent: read('--accent'),
    cross: read('--sunk'),
    bad: read('--bad-ink'),
    warn: read('--warn-ink'),
    info: read('--ink-2'),
    sans: read('--sans'),
    mono: read('--mono'),
  }
}

/** Thin lines from lower left to upper right, 6 px apart; their colour alone where no pattern can be made. */
function hatchOf(context: CanvasRenderingContext2D, colour: string, ratio: number): string | CanvasPattern {
  const tile = document.createElement('canvas')
  const side = Math.round(6 * ratio)
  tile.width = side
  tile.height = side
  const inside = tile.getContext('2d')
  if (inside === null) return colour
  inside.strokeStyle = colour
  inside.lineWidth = ratio
  for (const shift of [-side, 0, side]) {
    inside.beginPath()
    inside.moveTo(shift - 1, side + 1)
    inside.lineTo(shift + side + 1, -1)
    inside.stroke()
  }
  const pattern = context.createPattern(tile, 'repeat')
  pattern?.setTransform(new DOMMatrix().scale(1 / ratio))
  return pattern ?? colour
}
