import type { Clock } from '../../ports.ts'

/** Milliseconds between two reports, and how far back the rate looks. */
const interval = 100
const span = 3_000
/** A leap of that share of all bytes is reported at once: nothing may follow it, where the way gets stuck. */
const leap = 0.1
/** Milliseconds of observation before a rate is told: the first bytes only fill buffers. */
const enough = 500

/** Bytes sent of `total`; `rate` in bytes a second and `secondsLeft` once there is something to tell them from. */
export interface Progress {
  sent: number
  total: number
  rate?: number
  secondsLeft?: number
}

/** Turns byte counts into reports, ten a second and ten for leaps at most; the first and the last are never left out. */
export function createProgress(parts: {
  total: number
  clock: Clock
  report: (progress: Progress) => void
}): { at(sent: number): void } {
  const { total, clock, report } = parts
  let samples: Array<{ time: number; sent: number }> = []
  return {
    at: (sent) => {
      const time = clock.now()
      const last = samples.at(-1)
      if (last !== undefined && last.sent === sent) return
      // fewer bytes than before: a try that failed begins anew
      if (last !== undefined && sent < last.sent) samples = []
      else if (last !== undefined && sent < total) {
        if (time - last.time < interval && sent - last.sent < total * leap) return
      }
      samples.push({ time, sent })
      while (samples.length > 2 && time - (samples[1]?.time ?? time) >= span) samples.shift()
      report({ sent, total, ...pace(samples, total) })
    },
  }
}

function pace(
  samples: ReadonlyArray<{ time: number; sent: number }>,
  total: number,
): Pick<Progress, 'rate' | 'secondsLeft'> {
  const [first] = samples
  const last = samples.at(-1)
  if (first === undefined || last === undefined || last.time - first.time < enough) return {}
  const rate = ((last.sent - first.sent) * 1000) / (last.time - first.time)
  return rate > 0 ? { rate, secondsLeft: (total - last.sent) / rate } : {}
}
