import type { MirrorWindow } from '../../../shared/model/mirror.ts'
import type { CountRow } from '../count-rows.ts'

type Value = string | number | undefined

const head = [
  'source',
  'node',
  'address',
  'zone',
  'pool',
  'registry',
  'hits',
  'misses',
  'requests',
  'hit_ratio',
  'node_404',
  'node_5xx',
  'finding',
  'answers',
  'covered_seconds',
  'window',
  'measured_at',
]

/**
 * The table as RFC 4180 has it: CRLF, quotes where they are needed. An empty field is no data, 0 is zero. Names are the
 * clients' and nodes' own: one that a spreadsheet would take for a formula gets an apostrophe before it.
 */
export function csvOf(rows: readonly CountRow[], of: { at: number; window: MirrorWindow }): string {
  const window = windowName(of.window)
  const at = new Date(of.at).toISOString()
  const lines = rows.map(({ row, ...count }): Value[] => [
    row.sourceName,
    count.node,
    row.reading.address,
    count.zone,
    row.reading.pool,
    count.registry,
    count.hits,
    count.misses,
    count.requests,
    count.ratio === undefined ? undefined : Number(count.ratio.toFixed(4)),
    count.notFound,
    count.serverFaults,
    count.finding,
    row.reading.ok ? 'yes' : 'no',
    Math.round(row.reading.covered),
    window,
    at,
  ])
  return [head, ...lines].map((line) => `${line.map(field).join(',')}\r\n`).join('')
}

function field(value: Value): string {
  if (value === undefined) return ''
  if (typeof value === 'number') return String(value)
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

function windowName(window: MirrorWindow): string {
  switch (window.kind) {
    case 'start':
      return 'since agent start'
    case 'last':
      return `last ${window.seconds} s`
    case 'between':
      return `${new Date(window.from).toISOString()}/${new Date(window.to).toISOString()}`
  }
}
