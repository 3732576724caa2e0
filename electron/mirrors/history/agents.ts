import type { AgentSample } from '../metrics/sample.ts'
import type { Grown } from './grown.ts'
import type { Recorded } from './history.ts'
import { intervalTo } from './interval.ts'
import type { KnownSource } from './known-sources.ts'
import { aheadAtMost } from './retention.ts'
import { readSample, sampleBytes } from './sample-bytes.ts'
import type { Sql } from './store.ts'
import { tallyOf, totalsOf } from './tally.ts'

/** The last reading of an agent. */
interface Kept {
  id: number
  /** ms since 1970. */
  at: number
  sample: AgentSample
}

export function lastReading(sql: Sql, { id, names }: KnownSource, agent: string): Kept | undefined {
  const row = sql('SELECT id, at, sample FROM agent WHERE source = ? AND name = ?').get(id, agent)
  return (
    row && {
      id: Number(row['id']),
      at: Number(row['at']),
      sample: readSample(row['sample'] as Uint8Array, names),
    }
  )
}

export function agentId(sql: Sql, source: KnownSource, name: string): number | undefined {
  const row = sql('SELECT id FROM agent WHERE source = ? AND name = ?').get(source.id, name)
  return row && Number(row['id'])
}

/** Keeps a reading as the last of its agent, if it is younger. Returns what grew since the one before. */
export function takeReading(
  sql: Sql,
  source: KnownSource,
  reading: Recorded,
  now: number,
): Grown | undefined {
  const { id, names } = source
  const at = Math.floor(reading.at)
  const before = lastReading(sql, source, reading.agent)
  if (!(at <= now + aheadAtMost) || (before !== undefined && at <= before.at)) return undefined
  const tally = tallyOf(reading.sample, names)
  const bytes = sampleBytes(reading.sample, tally, names)
  // compared as it is kept: what is not told apart is summed in both
  const sample = { ...reading.sample, ...totalsOf(tally, names) }
  const agent = before?.id ?? addAgent(sql, id, reading.agent)
  sql('UPDATE agent SET at = ?, sample = ? WHERE id = ?').run(at, bytes, agent)
  source.newest = Math.max(source.newest, at)
  const interval = intervalTo(at, sample, before)
  return interval && { agent, interval }
}

function addAgent(sql: Sql, source: number, name: string): number {
  return Number(sql('INSERT INTO agent (source, name) VALUES (?, ?)').run(source, name).lastInsertRowid)
}
