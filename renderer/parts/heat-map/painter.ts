import { type Palette, paletteOf } from './palette.ts'

export interface Size {
  readonly width: number
  readonly height: number
}

/** Keeps a canvas painted. */
export interface Painter {
  /** Paints before the next frame, once however often it is called. */
  schedule(): void
  stop(): void
}

/**
 * Paints a canvas of a size in CSS pixels now, when it is scheduled, and when the theme, a font or the density of the
 * screen changes. `draw` gets a context that is scaled to CSS pixels.
 */
export function startPainter(
  canvas: HTMLCanvasElement,
  context: CanvasRenderingContext2D,
  { width, height }: Size,
  draw: (context: CanvasRenderingContext2D, palette: Palette) => void,
): Painter {
  let palette: Palette | undefined
  let waiting: number | undefined

  const paintNow = (): void => {
    waiting = undefined
    const ratio = window.devicePixelRatio
    const wide = Math.round(width * ratio)
    const high = Math.round(height * ratio)
    if (canvas.width !== wide || canvas.height !== high) {
      // setting a size clears the canvas even where it is the same
      canvas.width = wide
      canvas.height = high
      palette = undefined
    }
    palette ??= paletteOf(canvas, context, ratio)
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    draw(context, palette)
  }
  const schedule = (): void => {
    waiting ??= requestAnimationFrame(paintNow)
  }
  const anew = (): void => {
    palette = undefined
    schedule()
  }

  const theme = new MutationObserver(anew)
  theme.observe(document.documentElement, { attributeFilter: ['data-mantine-color-scheme'] })
  window.addEventListener('resize', anew)
  const fonts: FontFaceSet | undefined = document.fonts
  fonts?.addEventListener('loadingdone', anew)
  // a canvas that was resized is empty: it is painted before anybody sees it
  paintNow()
  return {
    schedule,
    stop: () => {
      if (waiting !== undefined) cancelAnimationFrame(waiting)
      theme.disconnect()
      window.removeEventListener('resize', anew)
      fonts?.removeEventListener('loadingdone', anew)
    },
  }
}
