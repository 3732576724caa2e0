import type { Finding, FindingCause, FindingStep } from '../../../shared/model/mirror-finding.ts'
import type { SourceCase } from './case.ts'
import { type Answering, answering } from './counts.ts'
import { finding } from './finding.ts'

/** Restarts in a day that an update or a drained node does not explain, and those nobody can live with. */
const again = 3
const always = 10

const day = 86_400

/** The memory limit of Spegel's chart, and the part of it at which the kernel is near, bytes. */
const memoryLimit = 128 * 1024 * 1024
const nearLimit = 0.8 * memoryLimit

/** Seconds by which a restart may be noticed later than it was. */
const noticedWithin = 600

type Cause = FindingCause<'restarts'>

const steps: Record<Cause, FindingStep[]> = {
  seldom: ['read-agent-log'],
  again: ['read-agent-log', 'check-memory-limit'],
  memory: ['check-memory-limit', 'read-agent-log'],
  'several-agents': ['check-addresses'],
}

/**
 * Agents that began anew: counts since start are young, and what a restart lost is not in any window. One in the window
 * shown informs (in the past day, where that is since the start); 3 in the past day warn, 10 are bad. Memory is named
 * first where an agent holds 80 % of the chart's limit of 128 MiB (notes/spegel.md 4, v0.1.0). Counters that fall
 * although the process that answers is older than the time watched are not restarts: several agents answer at one
 * address, such as a Service in front of them (notes/spegel.md 1.7).
 */
export function restarts(of: SourceCase): Finding[] {
  const restarted = answering(of).filter((one) => shownRestarts(one, of) > 0 || dayRestarts(one) >= again)
  return [...Map.groupBy(restarted, (one) => causeOf(one, of))].map(([cause, agents]) => {
    const inDay = Math.max(...agents.map(dayRestarts))
    const shown = Math.max(...agents.map((one) => shownRestarts(one, of)))
    return finding(of, {
      rule: 'restarts',
      severity: severityOf(cause, inDay),
      cause,
      agents,
      facts: {
        restarts: Math.max(inDay, shown),
        since: inDay >= shown ? 'day' : 'window',
        residentMiB: Math.round(Math.max(...agents.map(({ sample }) => sample.resident ?? 0)) / 1024 / 1024),
        limitMiB: memoryLimit / 1024 / 1024,
      },
      says:
        cause === 'several-agents'
          ? 'counters fall although the process did not begin anew; several agents seem to answer at this address.'
          : `began anew up to ${Math.max(inDay, shown)} times ${inDay >= shown ? 'in the past day' : 'in the window'}.`,
      next: steps[cause],
    })
  })
}

function shownRestarts(one: Answering, of: SourceCase): number {
  return of.seconds === undefined ? dayRestarts(one) : (one.growth?.restarts ?? 0)
}

function dayRestarts(one: Answering): number {
  return one.day?.restarts ?? 0
}

function causeOf(one: Answering, of: SourceCase): Cause {
  if (startedBeforeAll(one, of)) return 'several-agents'
  if (dayRestarts(one) < again) return 'seldom'
  return (one.sample.resident ?? 0) >= nearLimit ? 'memory' : 'again'
}

/** Whether the process that answers now was there before the first of the restarts could have been seen. */
function startedBeforeAll(one: Answering, of: SourceCase): boolean {
  const { startedAt } = one.sample
  if (startedAt === undefined) return false
  const shown = shownRestarts(one, of) > 0 ? (of.seconds ?? day) : 0
  const watched = Math.max(shown, dayRestarts(one) > 0 ? day : 0) + noticedWithin
  return startedAt - (one.clockOffset ?? 0) < of.at - watched * 1000
}

function severityOf(cause: Cause, inDay: number): Finding['severity'] {
  if (cause === 'several-agents') return 'warn'
  if (inDay >= always) return 'bad'
  return inDay >= again ? 'warn' : 'info'
}
