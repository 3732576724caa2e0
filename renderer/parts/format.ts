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

/** A count with the language's separators. */
export function formatCount(count: number, language: string): string {
  return new Intl.NumberFormat(language).format(count)
}

/** The first 12 digits of a digest, without its algorithm: enough to tell two apart by eye. */
export function shortDigest(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1).slice(0, 12)
}
