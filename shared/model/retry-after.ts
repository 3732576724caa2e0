/**
 * Seconds that a Retry-After header asks to wait (RFC 9110, 10.2.3): a number of them, or a date, which counts from
 * `now` (milliseconds since 1970). Never negative. Undefined where there is no such header or it cannot be read.
 */
export function retryAfterSeconds(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? ''
  if (/^\d{1,9}$/.test(text)) return Number(text)
  const date = text.endsWith('GMT') ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) || Number.isNaN(now) ? undefined : Math.max(0, Math.ceil((date - now) / 1000))
}
