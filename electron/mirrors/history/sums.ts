import type { AnswerCounts, SeriesPoint } from '../../../shared/model/mirror.ts'
import type { Names } from './names.ts'
import { codeAndMethod, type Tally } from './tally.ts'

/** The numbers of a series: over all registries, answers by their class. */
export interface Sums extends AnswerCounts {
  covered: number
  restarts: number
  hits: number
  misses: number
  /** How often an agent measured answers. */
  answered: number
}

export const sumNames = [
  'covered',
  'restarts',
  'hits',
  'misses',
  'answered',
  'ok',
  'notFound',
  'serverFaults',
  'other',
] as const

export function emptySums(): Sums {
  return {
    covered: 0,
    restarts: 0,
    hits: 0,
    misses: 0,
    answered: 0,
    ok: 0,
    notFound: 0,
    serverFaults: 0,
    other: 0,
  }
}

/** Changes `sums` and returns it. */
export function addSums(sums: Sums, more: Sums): Sums {
  for (const name of sumNames) sums[name] += more[name]
  return sums
}

/** Over all registries. */
export function addToSums(sums: Sums, tally: Tally, names: Names): void {
  sums.covered += tally.covered
  sums.restarts += tally.restarts
  for (const { hits, misses } of tally.counts.values()) {
    sums.hits += hits
    sums.misses += misses
  }
  if (tally.answers === undefined) return
  sums.answered += 1
  for (const [answer, count] of tally.answers) sums[classOf(names.text(answer))] += count
}

/** A 404 is a mirror's normal answer and a 5xx a fault: never one class. */
function classOf(answer: string): keyof AnswerCounts {
  const { code } = codeAndMethod(answer)
  if (code === '404') return 'notFound'
  if (code.startsWith('2')) return 'ok'
  return code.startsWith('5') ? 'serverFaults' : 'other'
}

/** Counts are absent where nothing was measured, and answers where no agent measures them. */
export function pointOf(at: number, sums: Sums): SeriesPoint {
  const { covered, restarts, hits, misses, answered, ok, notFound, serverFaults, other } = sums
  if (covered === 0) return { at, restarts }
  const answers = { ok, notFound, serverFaults, other }
  return { at, restarts, hits, misses, ...(answered > 0 ? { answers } : {}) }
}
