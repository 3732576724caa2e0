import { type KeyboardEvent, type PointerEvent, useState } from 'react'
import { type Brush, brushedByKey, brushOver, stepAt } from './brush.ts'
import type { Bar } from './span.ts'
import styles from './timeline-panel.module.css'

/**
 * Bars of the past, hits under misses, with a mark over steps that had 5xx. Dragging or the arrow keys choose a range;
 * with `scrubs` they choose one step. Escape lets go.
 */
export function TimelinePlot({
  bars,
  busy,
  brush,
  scrubs,
  label,
  said,
  onBrush,
  onHover,
  onEscape,
}: {
  bars: readonly Bar[]
  /** Nothing is known yet, which is not "no data". */
  busy: boolean
  brush: Brush | undefined
  scrubs: boolean
  label: string
  /** The choice in words. */
  said: string
  onBrush: (brush: Brush) => void
  onHover: (bar: Bar | undefined) => void
  onEscape: () => void
}) {
  const [drag, setDrag] = useState<{ anchor: number; at: number }>()
  const shown = drag === undefined ? brush : scrubs ? undefined : brushOver(drag.anchor, drag.at)
  const stepOf = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect()
    return stepAt(event.clientX - box.left, box.width, bars.length)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.stopPropagation()
      return onEscape()
    }
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const next = brushedByKey(brush, scrubs ? { key: event.key, shiftKey: false } : event, bars.length)
    if (next === undefined) return
    event.preventDefault()
    onBrush(next)
  }
  return (
    <div
      className={styles.plot}
      tabIndex={0}
      {...(scrubs
        ? {
            role: 'slider',
            'aria-valuemin': 0,
            'aria-valuemax': bars.length - 1,
            'aria-valuenow': brush?.from ?? 0,
            'aria-valuetext': said,
          }
        : { role: 'application' })}
      aria-label={label}
      aria-busy={busy}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        if (event.button !== 0) return
        event.currentTarget.setPointerCapture(event.pointerId)
        const at = stepOf(event)
        if (scrubs) onBrush(brushOver(at, at))
        setDrag({ anchor: at, at })
      }}
      onPointerMove={(event) => {
        const at = stepOf(event)
        onHover(bars[at])
        if (drag === undefined || at === drag.at) return
        if (scrubs) onBrush(brushOver(at, at))
        setDrag({ ...drag, at })
      }}
      onPointerUp={() => {
        if (drag !== undefined && !scrubs) onBrush(brushOver(drag.anchor, drag.at))
        setDrag(undefined)
      }}
      onPointerCancel={() => setDrag(undefined)}
      onPointerLeave={() => onHover(undefined)}
    >
      {!busy && <Bars bars={bars} />}
      {shown !== undefined && (
        <div
          className={styles.brush}
          style={{
            left: `${(shown.from / bars.length) * 100}%`,
            width: `${((shown.to - shown.from) / bars.length) * 100}%`,
          }}
        />
      )}
    </div>
  )
}

function Bars({ bars }: { bars: readonly Bar[] }) {
  return (
    <svg className={styles.bars} viewBox={`0 0 ${bars.length} 100`} preserveAspectRatio="none" aria-hidden>
      {bars.map((bar, index) => {
        if (bar.hits === undefined) {
          return <rect key={bar.at} className={styles.noData} x={index} y={97} width={1} height={3} />
        }
        const hits = bar.hitHeight * 86
        const misses = bar.missHeight * 86
        return (
          <g key={bar.at}>
            <rect className={styles.hits} x={index + 0.1} y={100 - hits} width={0.8} height={hits} />
            <rect
              className={styles.misses}
              x={index + 0.1}
              y={100 - hits - misses}
              width={0.8}
              height={misses}
            />
            {bar.serverFaults > 0 && (
              <rect className={styles.faults} x={index + 0.1} y={0} width={0.8} height={9} />
            )}
          </g>
        )
      })}
    </svg>
  )
}
