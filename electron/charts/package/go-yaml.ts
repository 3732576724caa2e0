import { scalarText, type YamlWriter, yamlWriter } from './go-yaml-scalar.ts'

/** What JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

const step = 2

/**
 * A map as sigs.k8s.io/yaml's Marshal writes it, byte for byte: keys in their natural order, lists not indented
 * below their key, long plain and quoted text folded after column 80 (go.yaml.in/yaml/v2, encode.go and emitterc.go).
 * `helm package` writes Chart.yaml and Chart.lock with it.
 */
export function goYaml(map: { readonly [key: string]: Json }): string {
  const writer = yamlWriter()
  writeNode(writer, map, -step, false)
  writer.indent(0)
  return writer.text()
}

function writeNode(writer: YamlWriter, value: Json, indent: number, isInMap: boolean): void {
  if (Array.isArray(value)) return writeList(writer, value as readonly Json[], indent, isInMap)
  if (typeof value === 'object' && value !== null) {
    return writeMap(writer, value as { readonly [key: string]: Json }, indent + step)
  }
  if (typeof value === 'string') return scalarText(writer, value, indent + step, false)
  writer.indicator(typeof value === 'number' ? goNumber(value) : String(value), { spaced: true })
}

function writeList(writer: YamlWriter, list: readonly Json[], indent: number, isInMap: boolean): void {
  if (list.length === 0) return writer.indicator('[]', { spaced: true })
  const own = isInMap && !writer.isIndention() ? indent : indent + step
  for (const item of list) {
    writer.indent(own)
    writer.indicator('-', { spaced: true, isIndention: true })
    writeNode(writer, item, own, false)
  }
}

function writeMap(writer: YamlWriter, map: { readonly [key: string]: Json }, indent: number): void {
  const keys = Object.keys(map).toSorted(naturalOrder)
  if (keys.length === 0) return writer.indicator('{}', { spaced: true })
  for (const key of keys) {
    writer.indent(indent)
    const isSimple = Buffer.byteLength(key) <= 128 && !/[\r\n\u0085\u2028\u2029]/.test(key)
    if (isSimple) {
      scalarText(writer, key, indent + step, true)
      writer.indicator(':', {})
    } else {
      writer.indicator('?', { spaced: true, isIndention: true })
      scalarText(writer, key, indent + step, false)
      writer.indent(indent)
      writer.indicator(':', { spaced: true, isIndention: true })
    }
    writeNode(writer, map[key] ?? null, indent, true)
  }
}

/** Go's order of keys: letters after everything else, and digits by the number they make (sorter.go). */
function naturalOrder(a: string, b: string): number {
  const [left, right] = [[...a], [...b]]
  const length = Math.min(left.length, right.length)
  for (let at = 0; at < length; at += 1) {
    const [l = '', r = ''] = [left[at], right[at]]
    if (l === r) continue
    const [isLeftLetter, isRightLetter] = [/\p{L}/u.test(l), /\p{L}/u.test(r)]
    if (isLeftLetter && isRightLetter) return codeOf(l) - codeOf(r)
    if (isLeftLetter || isRightLetter) return isRightLetter ? -1 : 1
    return compareNumbers(left, right, at) || codeOf(l) - codeOf(r)
  }
  return left.length - right.length
}

function compareNumbers(left: readonly string[], right: readonly string[], at: number): number {
  // a zero within a number counts: what is before it is the same on both sides
  const isWithin =
    (left[at] === '0' || right[at] === '0') && /[1-9]\p{Nd}*$/u.test(left.slice(0, at).join(''))
  const digits = (characters: readonly string[]): string =>
    /^\p{Nd}*/u.exec(characters.slice(at).join(''))?.[0] ?? ''
  const [l, r] = [digits(left), digits(right)]
  const numberOf = (text: string): bigint => {
    let value = isWithin ? 1n : 0n
    for (const digit of text) value = BigInt.asIntN(64, value * 10n + BigInt(codeOf(digit) - 48))
    return value
  }
  const [ln, rn] = [numberOf(l), numberOf(r)]
  if (ln !== rn) return ln < rn ? -1 : 1
  return [...l].length - [...r].length
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0
}

/** strconv.FormatFloat(value, 'g', -1, 64), and integers as they are. */
function goNumber(value: number): string {
  if (Number.isSafeInteger(value)) return String(value)
  const [digits = '', power = '0'] = value.toExponential().split('e')
  const exponent = Number(power)
  if (exponent >= -4 && exponent < 6) return String(value)
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}
