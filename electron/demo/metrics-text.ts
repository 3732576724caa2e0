/** A metric family on its way into Prometheus' text format 0.0.4. */
export interface Family {
  name: string
  type: 'counter' | 'gauge' | 'histogram' | 'summary'
  help: string
  samples: Sample[]
}

export interface Sample {
  /** What stands behind the family's name: `_bucket`, `_sum`, `_count` of a histogram. */
  suffix?: string
  /** In the order they are printed. */
  labels: Record<string, string>
  value: number
}

/** The text as Go's client prints it: families by name, none without samples, LF only. */
export function metricsText(families: readonly Family[]): string {
  return families
    .filter(({ samples }) => samples.length > 0)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(familyText)
    .join('')
}

/** Samples of one histogram series; `shares` are the cumulative shares of `count` below each bound, rising to 1. */
export function histogram(
  labels: Record<string, string>,
  count: number,
  mean: number,
  bounds: readonly number[],
  shares: readonly number[],
): Sample[] {
  const buckets = bounds.map((bound, index) => ({
    suffix: '_bucket',
    labels: { ...labels, le: goNumber(bound) },
    value: Math.floor(count * (shares[index] ?? 1)),
  }))
  return [
    ...buckets,
    { suffix: '_bucket', labels: { ...labels, le: '+Inf' }, value: count },
    { suffix: '_sum', labels, value: count * mean },
    { suffix: '_count', labels, value: count },
  ]
}

/** Go's shortest `%g`: 1234567 is 1.234567e+06, 0.00005 is 5e-05. */
export function goNumber(value: number): string {
  // most are counts: the long way is for the others
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value)
  if (value === Infinity) return '+Inf'
  const [digits = '0', power = '0'] = value.toExponential().split('e')
  const exponent = Number(power)
  if (exponent >= -4 && exponent < 6) return String(value)
  const sign = exponent < 0 ? '-' : '+'
  return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`
}

function familyText({ name, type, help, samples }: Family): string {
  let text = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`
  for (const { suffix = '', labels, value } of samples) {
    let set = ''
    for (const label in labels)
      set += `${set === '' ? '{' : ','}${label}="${escapeLabel(labels[label] ?? '')}"`
    text += `${name}${suffix}${set}${set === '' ? '' : '}'} ${goNumber(value)}\n`
  }
  return text
}

function escapeLabel(text: string): string {
  if (!/[\\"\n]/.test(text)) return text
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
