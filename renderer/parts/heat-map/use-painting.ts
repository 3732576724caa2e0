import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { type Palette, paletteOf } from './palette.ts'

export interface Size {
  readonly width: number
  readonly height: number
}

/** The inner size of an element, without its scroll bars; zero until it is there. */
export function useSize(element: RefObject<HTMLElement | null>): Size {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 })
  useLayoutEffect(() => {
    const target = element.current
    if (target === null) return undefined
    const measure = () =>
      setSize((before) =>
        before.width === target.clientWidth && before.height === target.clientHeight
          ? before
          : { width: target.clientWidth, height: target.clientHeight },
      )
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(target)
    return () => observer.disconnect()
  }, [element])
  return size
}

/**
 * Paints a canvas of a size after every rendering and whenever the function it gives back is called, once a frame at
 * most; anew when the theme, a font or the density of the screen changes. `draw` gets a context scaled to CSS pixels.
 */
export function usePainting(
  canvas: RefObject<HTMLCanvasElement | null>,
  { width, height }: Size,
  draw: (context: CanvasRenderingContext2D, palette: Palette) => void,
): () => void {
  const latest = useRef(draw)
  const waiting = useRef<number>(undefined)
  const palette = useRef<Palette>(undefined)

  const paintNow = useCallback(() => {
    waiting.current = undefined
    const target = canvas.current
    const context = target?.getContext('2d') ?? undefined
    if (target === null || context === undefined || width === 0 || height === 0) return
    const ratio = window.devicePixelRatio
    const wide = Math.round(width * ratio)
    const high = Math.round(height * ratio)
    if (target.width !== wide || target.height !== high) {
      // setting a size clears the canvas even where it is the same
      target.width = wide
      target.height = high
      palette.current = undefined
    }
    palette.current ??= paletteOf(target, context, ratio)
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    latest.current(context, palette.current)
  }, [canvas, width, height])

  const schedule = useCallback(() => {
    waiting.current ??= requestAnimationFrame(paintNow)
  }, [paintNow])

  useLayoutEffect(() => {
    latest.current = draw
    schedule()
  })

  // a canvas that was resized is empty: it is painted before anybody sees it
  useLayoutEffect(paintNow, [paintNow])

  useEffect(() => {
    const repaint = () => {
      palette.current = undefined
      schedule()
    }
    const theme = new MutationObserver(repaint)
    theme.observe(document.documentElement, { attributeFilter: ['data-mantine-color-scheme'] })
    window.addEventListener('resize', repaint)
    const fonts: FontFaceSet | undefined = document.fonts
    fonts?.addEventListener('loadingdone', repaint)
    return () => {
      theme.disconnect()
      window.removeEventListener('resize', repaint)
      fonts?.removeEventListener('loadingdone', repaint)
      if (waiting.current !== undefined) cancelAnimationFrame(waiting.current)
      waiting.current = undefined
    }
  }, [schedule])

  return schedule
}
