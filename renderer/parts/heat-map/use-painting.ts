import { type RefObject, useLayoutEffect, useRef, useState } from 'react'
import { type Painter, type Size, startPainter } from './painter.ts'
import type { Palette } from './palette.ts'

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

/** Paints a canvas of a size after every rendering, once a frame at most. */
export function usePainting(
  canvas: RefObject<HTMLCanvasElement | null>,
  { width, height }: Size,
  draw: (context: CanvasRenderingContext2D, palette: Palette) => void,
): void {
  const latest = useRef(draw)
  const painter = useRef<Painter>(undefined)
  useLayoutEffect(() => {
    latest.current = draw
    painter.current?.schedule()
  })
  useLayoutEffect(() => {
    const target = canvas.current
    // every pixel is painted, which makes putting it on screen cheaper
    const context = target?.getContext('2d', { alpha: false }) ?? undefined
    if (target === null || context === undefined || width === 0 || height === 0) return undefined
    const started = startPainter(target, context, { width, height }, (on, palette) =>
      latest.current(on, palette),
    )
    painter.current = started
    return () => {
      started.stop()
      painter.current = undefined
    }
  }, [canvas, width, height])
}
