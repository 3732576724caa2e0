import { axisOf } from './axis.ts'
import styles from './timeline.module.css'
import type { Tone } from './waterfall-layout.ts'

/** One thing that took time, on a line of its own. */
export interface TimelineEntry {
  readonly id: string
  readonly title: string
  /** Milliseconds on the axis. */
  readonly start: number
  readonly duration: number
  readonly tone: Tone
  /** Beside the bar: the outcome in words. */
  readonly text: string
}

/** Where, in percent of the track, words beside a bar would run out of room and stand before it instead. */
const wordsFlipAt = 62

/** Entries in the order given, each with a bar on one common time axis. `extent` in ms; longer entries widen it. */
export function Timeline({
  label,
  entries,
  extent = 0,
}: {
  label: string
  entries: readonly TimelineEntry[]
  extent?: number
}) {
  const { end } = axisOf(Math.max(extent, ...entries.map((entry) => entry.start + entry.duration)))
  return (
    <ol aria-label={label} className={styles.list}>
      {entries.map((entry) => {
        const left = (entry.start / end) * 100
        const width = (entry.duration / end) * 100
        const flipped = left + width > wordsFlipAt
        return (
          <li key={entry.id} data-tone={entry.tone} className={styles.entry}>
            <span className={styles.title} title={entry.title}>
              {entry.title}
            </span>
            <span className={styles.track}>
              <span className={styles.bar} style={{ left: `${left}%`, width: `${width}%` }} aria-hidden />
              <span
                className={styles.text}
                style={
                  flipped
                    ? { right: `calc(${100 - left}% + 7px)` }
                    : { left: `calc(max(${left + width}%, ${left}% + 8px) + 7px)` }
                }
              >
                {entry.text}
              </span>
            </span>
          </li>
        )
      })}
    </ol>
  )
}
