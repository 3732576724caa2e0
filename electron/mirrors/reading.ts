import type { AgentReading, AnswerCounts, MirrorWindow } from '../../shared/model/mirror.ts'
import type { Collected } from './collected.ts'
import type { Growth, Range } from './history/history.ts'
import type { AnswerCount, Totals } from './metrics/sample.ts'

/** The part of the history a window is about; undefined is each agent's own time since its start. */
export function rangeOf(window: MirrorWindow, now: number): Range | undefined {
  if (window.kind === 'start') return undefined
  if (window.kind === 'last') return { from: now - window.seconds * 1000, to: now }
  return { from: window.from, to: Math.min(window.to, now) }
}

/**
 * What is shown of an agent. Since the agent's start it is the agent's own counters as they were read last; over a
 * range it is `growth`, and absent where nothing was measured in it, which is not zero.
 */
export function readingOf(
  collected: Collected,
  window: MirrorWindow,
  growth: Growth | undefined,
): AgentReading {
  const { agent, sample, sampledAt, failure } = collected
  // a look at the past is not about who answers now
  const ok = collected.ok || (window.kind === 'between' && growth !== undefined)
  return {
    ...agent,
    ok,
    ...(!ok && failure !== undefined ? { failure } : {}),
    ...(sampledAt !== undefined ? { scrapedAt: sampledAt } : {}),
    ...(sample?.startedAt !== undefined ? { startedAt: sample.startedAt } : {}),
    ...(sample?.lastSuccessAt !== undefined ? { lastSuccessAt: sample.lastSuccessAt } : {}),
    ...(window.kind === 'start' ? sinceStart(collected) : inRange(growth)),
  }
}

function sinceStart({ sample, sampledAt }: Collected) {
  if (sample === undefined || sampledAt === undefined) return { covered: 0, restarts: 0 }
  const covered = sample.startedAt === undefined ? 0 : Math.max(0, (sampledAt - sample.startedAt) / 1000)
  return { ...countsOf(sample), covered, restarts: 0 }
}

function inRange(growth: Growth | undefined) {
  if (growth === undefined) return { covered: 0, restarts: 0 }
  const { covered, restarts } = growth
  return { ...countsOf(growth), covered, restarts }
}

function countsOf({ counts, answers }: Totals): Pick<AgentReading, 'counts' | 'answers'> {
  return {
    counts: counts.filter(({ hits, misses }) => hits + misses > 0),
    ...(answers !== undefined ? { answers: classesOf(answers) } : {}),
  }
}

function classesOf(answers: readonly AnswerCount[]): AnswerCounts {
  const classes = { ok: 0, notFound: 0, serverFaults: 0, other: 0 }
  for (const { code, count } of answers) {
    if (code === '404') classes.notFound += count
    else if (code.startsWith('2')) classes.ok += count
    else if (code.startsWith('5')) classes.serverFaults += count
    else classes.other += count
  }
  return classes
}
