const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** Bytes in the unit that reads best, steps of 1000: `38 kB`, `1.4 MB`. */
export function formatBytes(bytes: number, language: string): string {
  let step = 0
  let value = bytes
  while (value >= 999.5 && step < byteUnits.length - 1) {
    value /= 1000
    step += 1
  }
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: step > 0 && value < 10 ? 1 : 0 })
  return `${number.format(value)} ${byteUnits[step] ?? ''}`
}

/** Milliseconds as `41 ms` or `2.4 sec`, in the language's own short units. */
export function formatDuration(milliseconds: number, language: string): string {
  const seconds = milliseconds >= 999.5
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: seconds ? 'second' : 'millisecond',
    unitDisplay: 'short',
    maximumFractionDigits: seconds ? 1 : 0,
  }).format(seconds ? milliseconds / 1000 : milliseconds)
}

const spans = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const

/** The largest unit a time fills once, rounded down to it: `6 days`, `2 hr`, `45 sec`. */
export function formatSpan(milliseconds: number, language: string): string {
  const [unit, length] = spanOf(milliseconds)
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' }).format(
    Math.floor(Math.max(0, milliseconds) / length),
  )
}

/** How long ago a moment was: `4 minutes ago`. One that is not past yet is now: clocks are apart. */
export function formatAgo(milliseconds: number, language: string): string {
  const [unit, length] = spanOf(milliseconds)
  return new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(
    -Math.floor(Math.max(0, milliseconds) / length),
    unit,
  )
}

function spanOf(milliseconds: number): (typeof spans)[number] {
  return spans.find(([, length]) => milliseconds >= length) ?? spans[3]
}

/** A count with the language's separators. */
export function formatCount(count: number, language: string): string {
  // a formatter of one's own would be made anew for every count
  return count.toLocaleString(language)
}

/** The first 12 digits of a digest, without its algorithm: enough to tell two apart by eye. */
export function shortDigest(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1).slice(0, 12)
}
