/** Steps of the timeline that are chosen: from `from` up to, not with, `to`. */
export interface Brush {
  readonly from: number
  readonly to: number
}

/** The step at `x` of a width in pixels. */
export function stepAt(x: number, width: number, count: number): number {
  if (width <= 0) return 0
  return Math.max(0, Math.min(count - 1, Math.floor((x / width) * count)))
}

/** From one step to another, both chosen, whichever way it was drawn. */
export function brushOver(a: number, b: number): Brush {
  return { from: Math.min(a, b), to: Math.max(a, b) + 1 }
}

/**
 * What a key makes of the choice: arrows move it, with Shift they move its end, Home and End lead to the ends of the
 * timeline. Without a choice an arrow chooses the newest step. Undefined for any other key.
 */
export function brushedByKey(
  brush: Brush | undefined,
  { key, shiftKey }: { key: string; shiftKey: boolean },
  count: number,
): Brush | undefined {
  const by = { ArrowLeft: -1, ArrowRight: 1, Home: -count, End: count }[key]
  if (by === undefined || count === 0) return undefined
  if (brush === undefined) return { from: count - 1, to: count }
  if (shiftKey) return { from: brush.from, to: clamp(brush.to + by, brush.from + 1, count) }
  const length = brush.to - brush.from
  const from = clamp(brush.from + by, 0, count - length)
  return { from, to: from + length }
}

/** The steps a range of time covers, as far as they are on the timeline; undefined where none is. */
export function brushOf(
  range: { from: number; to: number },
  timeline: { from: number; to: number },
  step: number,
): Brush | undefined {
  const count = Math.round((timeline.to - timeline.from) / step)
  const from = clamp(Math.floor((range.from - timeline.from) / step), 0, count)
  const to = clamp(Math.ceil((range.to - timeline.from) / step), 0, count)
  return to > from ? { from, to } : undefined
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most))
}
