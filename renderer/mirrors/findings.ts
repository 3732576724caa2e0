import type { AgentReading } from '../../shared/model/mirror.ts'

export type FindingKind = 'no-answer' | 'server-faults' | 'never-hits' | 'never-asked' | 'restarted'

/** Something about an agent a person should look at. */
export interface Finding {
  readonly agent: string
  readonly kind: FindingKind
  readonly severity: 'bad' | 'warn'
  /** What the words need: requests since start, or 5xx answers since start. */
  readonly count: number
}

/** Requests below which "not one hit" says nothing: a first pull alone is a handful of misses. */
export const missesThatTell = 20

/** What stands out in one reading, most serious first. All of it is about the time since the agent's start. */
export function findingsOf(reading: AgentReading): Finding[] {
  const finding = (kind: FindingKind, severity: Finding['severity'], count = 0): Finding[] => [
    { agent: reading.agent, kind, severity, count },
  ]
  if (!reading.ok) return finding('no-answer', 'bad')
  const hits = reading.sinceStart.reduce((sum, count) => sum + count.hits, 0)
  const requests = reading.sinceStart.reduce((sum, count) => sum + count.hits + count.misses, 0)
  const faults = reading.serverFaults ?? 0
  return [
    ...(faults > 0 ? finding('server-faults', 'bad', faults) : []),
    ...(hits === 0 && requests >= missesThatTell ? finding('never-hits', 'bad', requests) : []),
    ...(requests === 0 ? finding('never-asked', 'warn') : []),
    ...(reading.interval?.reset === true ? finding('restarted', 'warn') : []),
  ]
}
