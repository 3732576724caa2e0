import type { HeatFrame } from './frame.ts'
import type { Place } from './geometry.ts'
import styles from './heat-map.module.css'

interface TipPlace {
  readonly left: number
  readonly top: number
  readonly below: boolean
}

/** Above the pointer, or above the cell the keyboard is in; under it where there is no room above. */
export function tipPlace(
  pointer: { x: number; y: number } | undefined,
  { line, column = 0 }: Place,
  { geometry, width, scrollTop, scrollLeft }: HeatFrame,
): TipPlace {
  const x = pointer?.x ?? geometry.labelWidth + (column + 0.5) * geometry.columnWidth - scrollLeft
  const top = geometry.headHeight + line.y - scrollTop
  const left = Math.max(172, Math.min(x, width - 172))
  return top > 104 ? { left, top, below: false } : { left, top: top + line.height, below: true }
}

/** What a place says, beside it; a screen reader hears it elsewhere. */
export function Tip({ text, at }: { text: string; at: TipPlace }) {
  return (
    <div className={styles.tip} style={{ left: at.left, top: at.top }} data-below={at.below} aria-hidden>
      {text}
    </div>
  )
}
