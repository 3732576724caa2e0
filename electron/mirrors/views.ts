import { localFailure } from '../../shared/model/local-failure.ts'
import type { Finding } from '../../shared/model/mirror-finding.ts'
import type { AgentReading, MirrorView, MirrorWindow } from '../../shared/model/mirror.ts'
import type { Clock } from '../ports.ts'
import type { Collected } from './collected.ts'
import type { AgentCase, SourceCase } from './findings/case.ts'
import { findingsOf } from './findings/findings.ts'
import type { Member } from './fleet.ts'
import type { GuardedHistory } from './guarded-history.ts'
import type { Growth } from './history/history.ts'
import { rangeOf, readingOf } from './reading.ts'

const day = 86_400_000
/** Milliseconds for which the growth of a day is not reckoned anew: that is a lot of rows, and it moves slowly. */
const dayStays = 60_000

/** Makes what is shown out of what collectors and history know. */
export interface Views {
  view(members: readonly Member[], window: MirrorWindow): MirrorView
  /** One agent with all its histograms; undefined where the source does not know it. */
  caseOf(
    member: Member,
    id: string,
    window: MirrorWindow,
  ): { case: AgentCase; reading: AgentReading } | undefined
  /** The source and what it counted are gone. */
  forget(source: string): void
}

export function createViews({ history, clock }: { history: GuardedHistory; clock: Clock }): Views {
  const days = new Map<string, { at: number; growth: Map<string, Growth> }>()

  const dayOf = (source: string, now: number): Map<string, Growth> => {
    const known = days.get(source)
    if (known !== undefined && known.growth.size > 0 && Math.abs(now - known.at) < dayStays) {
      return known.growth
    }
    const growth = history.growth(source, { from: now - day, to: now })
    days.set(source, { at: now, growth })
    return growth
  }

  /** By the clock the readings of a source are timed by. */
  const nowOf = ({ collector }: Member): number => clock.now() + (collector.state().clockOffset ?? 0)

  const viewOf = (
    { entry, collector }: Member,
    window: MirrorWindow,
    now: number,
  ): { agents: AgentReading[]; findings: Finding[] } => {
    const range = rangeOf(window, now)
    const growth = range === undefined ? new Map<string, Growth>() : history.growth(entry.id, range)
    const pastDay = dayOf(entry.id, now)
    const present = collector.agents()
    const known = window.kind === 'between' ? [...present, ...gone(entry, present, growth)] : present
    const agents = known.map((each) => readingOf(each, window, growth.get(each.agent.id)))
    const cases = present.map((each) =>
      agentCase(each, { growth: growth.get(each.agent.id), day: pastDay.get(each.agent.id) }),
    )
    const of: SourceCase = {
      source: entry.id,
      at: range?.to ?? now,
      ...(range !== undefined ? { seconds: (range.to - range.from) / 1000 } : {}),
      agents: cases,
    }
    return { agents, findings: findingsOf(of) }
  }

  return {
    view: (members, window) => {
      const at = clock.now()
      const made = members.map((member) => viewOf(member, window, nowOf(member)))
      const historyFailure = history.failure()
      return {
        at,
        window,
        sources: members.map(({ collector }) => collector.state()),
        agents: made.flatMap(({ agents }) => agents),
        findings: made.flatMap(({ findings }) => findings).toSorted(bySeverity),
        ...(historyFailure !== undefined ? { historyFailure } : {}),
      }
    },
    caseOf: (member, id, window) => {
      const { entry, collector } = member
      const now = nowOf(member)
      const found = collector.agents().find(({ agent }) => agent.id === id)
      if (found === undefined) return undefined
      const range = rangeOf(window, now)
      const growth = range === undefined ? undefined : history.growthOf(entry.id, id, range)
      return {
        case: agentCase(found, { growth, day: dayOf(entry.id, now).get(id) }),
        reading: readingOf(found, window, growth),
      }
    },
    forget: (source) => {
      days.delete(source)
      history.forget(source)
    },
  }
}

function agentCase(
  { agent, ok, failure, sample, sampledAt, clockOffset }: Collected,
  { growth, day: ofDay }: { growth: Growth | undefined; day: Growth | undefined },
): AgentCase {
  return {
    agent,
    ok,
    ...(failure !== undefined ? { failure } : {}),
    ...(sample !== undefined ? { sample } : {}),
    ...(sampledAt !== undefined ? { sampledAt } : {}),
    ...(growth !== undefined ? { growth } : {}),
    ...(ofDay !== undefined ? { day: ofDay } : {}),
    ...(clockOffset !== undefined ? { clockOffset } : {}),
  }
}

/** Agents that were measured in a look at the past and are not there any more. */
function gone(
  { id: source, demo }: Member['entry'],
  present: readonly Collected[],
  growth: ReadonlyMap<string, Growth>,
): Collected[] {
  const known = new Set(present.map(({ agent }) => agent.id))
  return [...growth.keys()]
    .filter((id) => !known.has(id))
    .map((id) => ({
      agent: { source, id, name: id, address: id, demo },
      ok: false,
      failure: localFailure('no-such-item', 'scrape', 'This agent is not there any more.'),
    }))
}

const ranks = { bad: 0, warn: 1, info: 2 }

function bySeverity(one: Finding, other: Finding): number {
  return ranks[one.severity] - ranks[other.severity]
}
