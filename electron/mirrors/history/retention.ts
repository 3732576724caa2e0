import type { Sql } from './store.ts'
import { longestStep, stepOf, tiers } from './tiers.ts'

/** How far a clock may be ahead of ours, ms. */
export const aheadAtMost = 5 * 60_000

/** Pages that are given back to the disk at a time. */
const pagesAtOnce = 5000

/** From when on each tier is complete, ms since 1970. */
export function completeSince(sql: Sql): number[] {
  const rows = sql('SELECT tier, since FROM complete').all()
  const since = new Map(rows.map((row) => [Number(row['tier']), Number(row['since'])]))
  return tiers.map((_, tier) => since.get(tier) ?? 0)
}

/** Takes back what a clock recorded that was ahead, so that what comes now is not older. False where it was not. */
export function undoFuture(sql: Sql, now: number): boolean {
  const newest = sql('SELECT max(newest) AS newest FROM source').get()?.['newest']
  if (Number(newest) <= now + aheadAtMost) return false
  sql('DELETE FROM step WHERE at >= ?').run(now)
  sql('DELETE FROM gap WHERE until > ?').run(now)
  // before now, which is when this round may be of
  sql('UPDATE agent SET at = ?1 WHERE at > ?1').run(now - 1)
  sql('UPDATE source SET newest = ?1 WHERE newest > ?1').run(now)
  // at once, though what was let go of this hour is missing in its finer steps
  sql('UPDATE complete SET since = min(since, ?)').run(stepOf(now, longestStep))
  return true
}

/** Lets go what is older than it is kept. */
export function expire(sql: Sql, now: number): void {
  const since = completeSince(sql)
  for (const [tier, { kept, coarser }] of tiers.entries()) {
    const oldest = Math.floor((now - kept) / coarser) * coarser
    if (oldest <= (since[tier] ?? 0)) continue
    dropBefore(sql, tier, oldest)
    if (tier === tiers.length - 1) sql('DELETE FROM agent WHERE at < ?').run(oldest)
    giveBack(sql)
  }
}

/** Lets the oldest go, the finest first, until what is left needs at most `maxBytes`. */
export function shrink(sql: Sql, maxBytes: number): void {
  for (const [tier, { coarser }] of tiers.entries()) {
    while (usedBytes(sql) > maxBytes) {
      const oldest = sql('SELECT min(at) AS at FROM step WHERE tier = ?').get(tier)?.['at']
      if (typeof oldest !== 'number') break
      dropBefore(sql, tier, Math.floor(oldest / coarser) * coarser + coarser)
    }
  }
  if (usedBytes(sql) > maxBytes) sql('DELETE FROM gap').run()
}

/** Gives pages that hold nothing back to the disk, some at a time. */
export function giveBack(sql: Sql): void {
  sql(`PRAGMA incremental_vacuum(${pagesAtOnce})`).all()
}

function dropBefore(sql: Sql, tier: number, since: number): void {
  sql('DELETE FROM step WHERE tier = ? AND at < ?').run(tier, since)
  // a gap of this tier alone is in the steps that are left
  sql('DELETE FROM gap WHERE finest = ? AND until <= ?').run(tier + 1, since)
  sql('INSERT OR REPLACE INTO complete (tier, since) VALUES (?, ?)').run(tier, since)
}

/** Pages that hold something; the others are written before the file grows. */
function usedBytes(sql: Sql): number {
  const [pages, free, size] = ['page_count', 'freelist_count', 'page_size'].map((name) =>
    Number(sql(`PRAGMA ${name}`).get()?.[name]),
  ) as [number, number, number]
  return (pages - free) * size
}
