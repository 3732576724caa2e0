/** A time axis that begins at zero. */
export interface Axis {
  /** Milliseconds at its end. */
  readonly end: number
  /** Round values from 0 on, `end` at most. */
  readonly ticks: readonly number[]
}

/** An axis that holds `extent` milliseconds, with at most `most` ticks at 1, 2 or 5 times a power of ten. */
export function axisOf(extent: number, most = 6): Axis {
  const end = Math.max(extent, 1)
  const rough = end / most
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power
  const ticks: number[] = []
  for (let tick = 0; tick <= end; tick += step) ticks.push(Number(tick.toPrecision(6)))
  return { end, ticks }
}
