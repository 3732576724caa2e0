import { createRequire } from 'node:module'
import { parseMetrics } from '../../electron/mirrors/metrics/parse.ts'
import { isWanted, readSpegel } from '../../electron/mirrors/metrics/spegel.ts'
import { agentText } from './agent-text.ts'
import { median } from './measure.ts'

const size = 250_000
const rounds = 41
/** Milliseconds each contender has in every round. */
const turn = 25
const contentType = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'

/** One way to read the bytes of a metrics text. */
interface Contender {
  name: string
  read: (bytes: Buffer) => unknown
}

// a CommonJS package whose types say that it is a module
const theirs = createRequire(import.meta.url)('parse-prometheus-text-format') as (text: string) => unknown

const split: Contender = { name: 'split into lines', read: (bytes) => bytes.toString('utf8').split('\n') }
const npm: Contender = {
  name: 'parse-prometheus-text-format',
  read: (bytes) => theirs(bytes.toString('utf8')),
}
const ours: readonly Contender[] = [
  { name: 'Chartroom, parsed', read: (bytes) => parseMetrics(bytes, isWanted, contentType) },
  { name: 'Chartroom, parsed and understood', read: (bytes) => readSpegel(bytes, contentType) },
]

/**
 * How fast the metrics of a v0.7.4 agent are read from their bytes: by us, by the npm package and by a mere split into
 * lines, in turns over the same text in one process; medians.
 */
export function parserSpeed(): string {
  const bytes = Buffer.from(agentText(size))
  const all = [split, ...ours, npm]
  const times = new Map<Contender, number[]>(all.map((contender) => [contender, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (const [contender, taken] of times) taken.push(secondsOf(contender, bytes))
  }
  const secondsBy = (contender: Contender) => median(times.get(contender) ?? [])
  const rows = all.map((contender) => {
    const seconds = secondsBy(contender)
    const ratios = [seconds / secondsBy(split), secondsBy(npm) / seconds].map((ratio) => ratio.toFixed(1))
    return `| ${[contender.name, (bytes.length / seconds / 1e6).toFixed(0), (seconds * 1000).toFixed(2), ...ratios].join(' | ')} |`
  })
  const lines = bytes.toString('latin1').split('\n').length - 1
  return [
    `One text of ${(bytes.length / 1000).toFixed(0)} kB and ${lines} lines, from its bytes; medians of ${rounds}:`,
    '',
    '| reader | MB/s | ms a text | times a split | times as fast as npm |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...rows,
  ].join('\n')
}

/** Seconds one text takes, over a turn. */
function secondsOf({ read }: Contender, bytes: Buffer): number {
  const start = performance.now()
  let texts = 0
  do {
    read(bytes)
    texts += 1
  } while (performance.now() - start < turn)
  return (performance.now() - start) / 1000 / texts
}
