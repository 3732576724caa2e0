import type { StoredChart } from './intake.ts'

/**
 * When a chart was made, as its manifest says it in RFC 3339. Of a file it is the file's own time in the zone of this
 * machine: that is what `helm push` writes (pkg/pusher, ocipusher.go), so both give one manifest for one file. A chart
 * that came without such a time gets that of its newest entry, in UTC: the same everywhere.
 */
export function createdOf({ modified, newest }: Pick<StoredChart, 'modified' | 'newest'>): string {
  return modified === undefined ? rfc3339(newest, 0) : rfc3339(modified, offsetAt(modified))
}

/** Minutes this machine's clock is ahead of UTC at that time. */
function offsetAt(time: number): number {
  return -new Date(time).getTimezoneOffset()
}

/** Without fractions of a second, as Go's time.RFC3339. */
function rfc3339(time: number, offset: number): string {
  const seconds = Math.floor(time / 1000)
  const local = new Date((seconds + offset * 60) * 1000).toISOString().slice(0, -'.000Z'.length)
  if (offset === 0) return `${local}Z`
  const minutes = Math.abs(offset)
  return `${local}${offset < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`
}

function two(value: number): string {
  return String(Math.floor(value)).padStart(2, '0')
}
