import { refuse } from '../archive-refusals.ts'

const format = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)$/

/**
 * A time of a Chart.lock as Go writes what it read: RFC 3339 with as many digits below the second as say something.
 * Absent is Go's first time. Throws a FailureError of kind `chart-invalid` for what Go does not read.
 */
export function goTime(text: string | undefined): string {
  if (text === undefined) return '0001-01-01T00:00:00Z'
  const [, year, month, day, hours, minutes, seconds, fraction = '', zone = 'Z'] = format.exec(text) ?? []
  const date = new Date(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`)
  if (Number.isNaN(date.getTime()) || date.getUTCDate() !== Number(day)) {
    throw refuse('chart-invalid', `Chart.lock was generated at no time: "${text.slice(0, 100)}".`)
  }
  const below = fraction.slice(0, 9).replace(/0+$/, '')
  const offset = /^[+-]00:00$/.test(zone) ? 'Z' : zone
  return `${year}-${month}-${day}T${hours}:${minutes}:${seconds}${below === '' ? '' : `.${below}`}${offset}`
}
