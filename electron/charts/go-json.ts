/**
 * A value as Go's json.Marshal writes it: no spaces, map keys sorted by their bytes, and `<`, `>`, `&`,
 * U+2028 and U+2029 escaped (pkg.go.dev/encoding/json#Marshal). Objects keep the order they were made in:
 * a Go struct has an order of its own; give maps as `goMap`.
 */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** The same map with its keys in the order Go writes them. */
export function goMap<T>(map: Readonly<Record<string, T>>): Record<string, T> {
  const entries = Object.entries(map)
  entries.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  return Object.fromEntries(entries)
}

/** JSON of any depth with every map in Go's order. */
export function goValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(goValue)
  if (typeof value !== 'object' || value === null) return value
  return goMap(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, goValue(item)])))
}

/**
 * A YAML scalar where Go wants a string: sigs.k8s.io/yaml turns integers and booleans into text, and floats by
 * strconv.FormatFloat(f, 'g', -1, 32). So `appVersion: 1.10` is "1.1". Undefined for what is no scalar.
 */
export function goText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'bigint') {
    return value >= -(2n ** 63n) && value < 2n ** 64n ? String(value) : goFloat(Number(value))
  }
  return typeof value === 'number' ? goFloat(value) : undefined
}

/** The shortest digits that are the same 32-bit float; an exponent below -4 or from 6 on is written as one. */
function goFloat(value: number): string {
  const float = Math.fround(value)
  if (Number.isNaN(float)) return 'NaN'
  if (!Number.isFinite(float)) return float > 0 ? '+Inf' : '-Inf'
  if (Object.is(float, -0)) return '-0'
  let precision = 1
  while (Math.fround(Number(float.toPrecision(precision))) !== float) precision += 1
  const shortest = Number(float.toPrecision(precision))
  const [digits = '', power = '0'] = shortest.toExponential().split('e')
  const exponent = Number(power)
  if (exponent >= -4 && exponent < 6) return String(shortest)
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}
