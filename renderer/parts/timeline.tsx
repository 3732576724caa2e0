import type { CSSProperties } from 'react'
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
  /** Under it: what came of it. */
  readonly note?: string | undefined
}

/** Percent of the narrowest track that a letter beside a bar needs. */
const roomForLetter = 3.3

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
        return (
          <li key={entry.id} data-tone={entry.tone} className={styles.entry}>
            <span className={styles.title} title={entry.title}>
              {entry.title}
            </span>
            <span className={styles.track}>
              <span
                className={styles.bar}
                style={{ left: `min(${left}%, 100% - 8px)`, width: `${width}%` }}
                aria-hidden
              />
              <span
                className={styles.text}
                style={placeOfWords(left, left + width, entry.text.length * roomForLetter)}
              >
                {entry.text}
              </span>
            </span>
            {entry.note !== undefined && <span className={styles.note}>{entry.note}</span>}
          </li>
        )
      })}
    </ol>
  )
}

/** After the bar where there is room, else before it; a bar that leaves room on neither side holds them itself. */
function placeOfWords(left: number, right: number, room: number): CSSProperties {
  if (right <= 100 - room) return { left: `calc(max(${right}%, ${left}% + 8px) + 7px)` }
  if (left >= room) return { right: `calc(${100 - left}% + 7px)` }
  return { right: `calc(${100 - right}% + 7px)` }
}
