/** Words that are no text when they are not quoted (go.yaml.in/yaml/v2, resolve.go). */
const words: ReadonlySet<string> = new Set(
  [
    ['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'],
    ['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'],
    ['', '~', 'null', 'Null', 'NULL', '.nan', '.NaN', '.NAN'],
    ['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF', '-.inf', '-.Inf', '-.INF'],
  ].flat(),
)

const float = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/
const base60 = /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/
const integer = /^(?<sign>[+-]?)(?<digits>0[xX][\da-fA-F]+|0[oO][0-7]+|0[bB][01]+|\d+)$/
const timestamp =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d)| (\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?)?$/

/** Whether Go's YAML reads it as text without quotes; numbers to base 60, which others read, are not let through. */
export function isPlainText(value: string): boolean {
  if (words.has(value) || base60.test(value)) return false
  if (!/^[-+.\d]/.test(value)) return true
  if (value.startsWith('.')) return !isFloat(value.replaceAll(/(?<=\d)_(?=\d)/g, ''))
  if (isTimestamp(value)) return false
  const bare = value.replaceAll('_', '')
  return !isFloat(bare) && !isInteger(bare)
}

function isFloat(value: string): boolean {
  return float.test(value) && Number.isFinite(Number(value))
}

/** One that fits 64 bits; octal ones with a leading zero only are floats, and have been seen before. */
function isInteger(value: string): boolean {
  const { sign, digits } = integer.exec(value)?.groups ?? {}
  if (digits === undefined) return false
  const size = BigInt(digits)
  if (sign === '-') return size <= 2n ** 63n
  return size < 2n ** (sign === '' ? 64n : 63n)
}

function isTimestamp(value: string): boolean {
  const found = timestamp.exec(value)
  if (found === null) return false
  const [year = 0, month = 0, day = 0, ...time] = found.slice(1).map((part) => Number(part ?? 0))
  const date = new Date(Date.UTC(2000, month - 1, day))
  date.setUTCFullYear(year)
  const isDate = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && month >= 1
  const [hours = 0, minutes = 0, seconds = 0] = time.slice(found[7] === undefined ? 0 : 3)
  return isDate && hours < 24 && minutes < 60 && seconds < 60
}
