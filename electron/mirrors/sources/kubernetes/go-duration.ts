const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** Milliseconds of a duration as Go prints and reads it (`20ms`, `1m30s`), or undefined where it is none. */
export function goMilliseconds(text: string): number | undefined {
  const part = /([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)/y
  let sum = 0
  while (part.lastIndex < text.length) {
    const [, amount, unit = ''] = part.exec(text) ?? []
    if (amount === undefined) return undefined
    sum += Number(amount) * (units[unit] ?? 0)
  }
  return text === '' ? undefined : sum
}
