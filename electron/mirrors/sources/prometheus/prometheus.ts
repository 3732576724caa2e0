import { setImmediate as turn } from 'node:timers/promises'
import { FailureError } from '../../../../shared/model/failure.ts'
import type { PrometheusSettings } from '../../../../shared/model/mirror-source.ts'
import type { AgentSample } from '../../metrics/sample.ts'
import type { MirrorSource, SourcePorts, SourceRound } from '../source.ts'
import { type ApiLimits, createApi } from './api.ts'
import { identify } from './identity.ts'
import { keyOf, type Target, targetOf } from './labels.ts'
import { noAgents, scrapingOf, standingOf } from './not-scraped.ts'
import { type PastLimits, readPast } from './past.ts'
import { createPods } from './pods.ts'
import { bareMatchers, queriesFor } from './queries.ts'
import { addReadings, type Moments, type Read, readTarget, resultsOf } from './read.ts'
import { isWorthAskingAgain } from './reading.ts'
import { createReasons } from './reasons.ts'

export interface PrometheusPorts extends SourcePorts {
  limits?: { api?: ApiLimits; past?: PastLimits }
}

/** What is not put into a history: nothing grows in it. */
const gauges = 'gauges'

/**
 * The agents a Prometheus scrapes, and what it kept of them: any server of its HTTP API (Prometheus, Thanos, Mimir,
 * VictoriaMetrics). The agents themselves are asked nothing, but for "who has it". Times are the samples' own, by
 * Prometheus' clock; `clockOffset` of a round says how far it is from ours. Throws `input-invalid` for a URL that
 * carries a user.
 */
export function openPrometheus(settings: PrometheusSettings, ports: PrometheusPorts): MirrorSource {
  const { clock } = ports
  const matchers = bareMatchers(settings.matchers)
  const api = createApi(settings, ports, ports.limits?.api)
  const queries = queriesFor(matchers)
  const pods = createPods(api, queries.pods)
  const reasons = createReasons(api)
  const naming = { source: ports.id, demo: ports.demo, mirrorPort: settings.mirrorPort }
  /** Targets of agents by their keys; those that stopped as well, as long as Prometheus tries to scrape them. */
  let known: ReadonlyMap<string, Target> | undefined
  const samples = new Map<string, AgentSample>()

  /** Who is there, when each was scraped last, and what Prometheus takes for the present. */
  const discover = async (signal: AbortSignal) => {
    const asked = clock.now()
    const times = await api.instant(queries.times, undefined, signal)
    const answered = clock.now()
    const now = times.series[0]?.points[0]?.at
    // those that stopped before we came are known by what is left of them
    const recent = known === undefined ? await api.instant(queries.recent, now, signal) : undefined
    const targets = new Map(known)
    for (const { labels } of [...(recent?.series ?? []), ...times.series]) {
      const target = targetOf(labels)
      targets.set(target.key, target)
    }
    return {
      now,
      targets,
      seen: new Map(
        times.series.map(({ labels, points }) => [keyOf(labels), Math.round((points[0]?.value ?? 0) * 1000)]),
      ),
      warnings: [...times.warnings, ...(recent?.warnings ?? [])],
      ...(now !== undefined ? { clockOffset: Math.round(now - (asked + answered) / 2) } : {}),
    }
  }

  const read = async (signal: AbortSignal): Promise<Omit<SourceRound, 'at' | 'way'>> => {
    const { now, targets, seen, warnings, ...offset } = await discover(signal)
    if (targets.size === 0) {
      known = targets
      return { failure: noAgents(api.host, matchers), agents: [], warnings }
    }
    const jobs = jobsOf(targets)
    const [up, scrapes] = await Promise.all([
      api.instant(queries.up(jobs), now, signal),
      api.instant(queries.scrapes, now, signal),
      pods.learn(targets.values(), now, signal),
    ])
    const moments: Moments = new Map()
    const said = new Set(warnings)
    // one after the other: of a large cluster each is tens of MiB
    for (const { name, query } of queries.parts(jobs)) {
      const answer = await api.instant(query, now, signal)
      for (const warning of answer.warnings) said.add(warning)
      await addReadings(moments, name, answer, now ?? 0)
    }
    const readings = moments.get(now ?? 0)
    const scraping = scrapingOf(api.host, { now, seen }, { up, scrapes, reasonOf: reasons.of })
    await reasons.learn(
      [...targets.values()].filter((target) => scraping.isUp(target) === false),
      signal,
    )
    const reads: Read[] = []
    for (const target of targets.values()) {
      const standing = standingOf(target, scraping)
      if (standing === 'gone') continue
      if (reads.length % 50 === 0) await turn()
      const pod = pods.placeOf(target)
      const base = { target, ...(pod !== undefined ? { pod } : {}) }
      reads.push(
        'kind' in standing
          ? { ...base, at: seen.get(target.key) ?? 0, alive: false, failure: standing }
          : readTarget({ ...base, at: standing.at }, readings?.get(target.key)?.readings ?? []),
      )
    }
    const identified = identify(reads, naming)
    // of several targets of one agent the others stay unknown: they are no agents when they stop
    known = new Map(identified.map(({ standing: { target } }) => [target.key, target]))
    const agents = resultsOf(identified, { host: api.host, warnings: [...said], samples })
    const failure = agents.length === 0 ? { failure: noAgents(api.host, matchers) } : {}
    return { agents, warnings: [...said], ...failure, ...offset }
  }

  return {
    round: async (signal) => {
      const at = clock.now()
      try {
        const first = await read(signal)
        const restarting = first.agents.some((result) => !result.ok && isWorthAskingAgain(result.failure))
        return { at, way: 'prometheus', ...(restarting ? await read(signal) : first) }
      } catch (error) {
        if (signal.aborted || !(error instanceof FailureError)) throw error
        return { at, way: 'prometheus', failure: error.failure, agents: [] }
      }
    },
    past: async function* (from, to, signal) {
      const { targets } = await discover(signal)
      if (targets.size === 0) return
      const parts = queries.parts(jobsOf(targets)).filter(({ name }) => name !== gauges)
      const limits = ports.limits?.past
      const { times } = queries
      yield* readPast(
        { api, times, parts, pods, naming, ...(limits ? { limits } : {}) },
        { from, to },
        signal,
      )
    },
    mirrorOf: ({ mirrorUrl }) =>
      mirrorUrl === undefined ? undefined : { url: mirrorUrl, transport: ports.transport },
    close: () => undefined,
  }
}

function jobsOf(targets: ReadonlyMap<string, Target>): string[] {
  return [...new Set([...targets.values()].map(({ job }) => job))].sort()
}
