/** `quiet` is normal and not worth a colour; only `bad` is drawn with a thick outline. */
export type Tone = 'quiet' | 'good' | 'bad'

/** One request on the time axis. */
export interface Bar {
  readonly id: string
  readonly lane: string
  /** Milliseconds on the axis. */
  readonly start: number
  readonly duration: number
  readonly tone: Tone
  /** Inside the bar: a status code. */
  readonly text: string
  /** Under the bar: the step. */
  readonly caption: string
}

export interface Lane {
  readonly id: string
  readonly title: string
  readonly note: string
}

/** A bar in pixels; `row` counts from 0 inside its lane. */
export interface PlacedBar extends Bar {
  readonly x: number
  readonly width: number
  readonly row: number
}

export interface PlacedLane extends Lane {
  readonly rows: number
  readonly bars: readonly PlacedBar[]
}

/** Pixels a bar has at least, so that its status code can be read. */
export const narrowestBar = 34
const letter = 5.8
const gap = 6

/**
 * Places bars on `width` pixels that stand for `end` milliseconds. A bar begins where its request began, always;
 * where it or its caption would touch the one before, it moves down a row instead of along the time axis.
 */
export function placeBars(
  lanes: readonly Lane[],
  bars: readonly Bar[],
  end: number,
  width: number,
): PlacedLane[] {
  return lanes.map((lane) => {
    const rowEnds: number[] = []
    const placed = bars
      .filter((bar) => bar.lane === lane.id)
      .sort((a, b) => a.start - b.start)
      .map((bar): PlacedBar => {
        const barWidth = Math.max((bar.duration / end) * width, narrowestBar)
        const boxWidth = Math.max(barWidth, bar.caption.length * letter)
        // what would stick out at the right end is pulled in: its caption must be readable
        const x = Math.max(0, Math.min((bar.start / end) * width, width - boxWidth))
        const free = rowEnds.findIndex((rowEnd) => rowEnd + gap <= x)
        const row = free === -1 ? rowEnds.length : free
        rowEnds[row] = x + boxWidth
        return { ...bar, x, width: barWidth, row }
      })
    return { ...lane, rows: Math.max(1, rowEnds.length), bars: placed }
  })
}
