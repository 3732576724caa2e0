import { setImmediate as turn } from 'node:timers/promises'
import { type Failure, FailureError } from '../../../../shared/model/failure.ts'
import type { AgentSample } from '../../metrics/sample.ts'
import type { AgentResult } from '../source.ts'
import { breath, type QueryAnswer } from './answer.ts'
import type { Identified, Standing } from './identity.ts'
import { keyOf, type Labels, ownLabelsOf } from './labels.ts'
import { leftOut } from './partial.ts'
import type { Part } from './queries.ts'
import { type Reading, readingsSay } from './reading.ts'

/** A target at one moment: what its scrape said, or why nothing is known of it now. */
export type Read = Standing & ({ sample: AgentSample } | { failure: Failure })

/** The readings of one target at one moment. */
export interface TargetReadings {
  labels: Labels
  readings: Reading[]
}

/** Readings by moment, ms since 1970, and target. */
export type Moments = Map<number, Map<string, TargetReadings>>

/**
 * Adds the answer to a part. Where all parts were asked for one moment, that is `only`: not every server repeats it to
 * the millisecond.
 */
export async function addReadings(
  moments: Moments,
  part: Part['name'],
  { series }: QueryAnswer,
  only?: number,
): Promise<void> {
  for (const [index, { labels, points }] of series.entries()) {
    if (index % breath === 0) await turn()
    const key = keyOf(labels)
    const name = labels['__name__'] ?? ''
    const own = ownLabelsOf(labels)
    for (const { at, value } of points) {
      const moment = only ?? at
      const targets = moments.get(moment) ?? new Map<string, TargetReadings>()
      moments.set(moment, targets)
      const target = targets.get(key) ?? { labels, readings: [] }
      targets.set(key, target)
      target.readings.push({ part, name, labels: own, value })
    }
  }
}

/** What a living target's readings say. */
export function readTarget(
  standing: Pick<Standing, 'target' | 'pod' | 'at'>,
  readings: readonly Reading[],
): Read {
  try {
    const sample = readingsSay(readings)
    const { startedAt, traits } = sample
    const isMixed = traits.includes('kubelet_node_name')
    return { ...standing, alive: true, isMixed, sample, ...(startedAt !== undefined ? { startedAt } : {}) }
  } catch (error) {
    if (!(error instanceof FailureError)) throw error
    return { ...standing, alive: true, failure: error.failure }
  }
}

/**
 * What is known of each agent. `samples` has the last one of each by its id and is kept up to date: it tells what an
 * answer with `warnings` left out.
 */
export function resultsOf(
  identified: ReadonlyArray<Identified<Read>>,
  {
    host,
    warnings,
    samples,
  }: { host: string; warnings: readonly string[]; samples: Map<string, AgentSample> },
): AgentResult[] {
  return identified.map(({ agent, standing }): AgentResult => {
    if ('failure' in standing) return { agent, ok: false, failure: standing.failure }
    const { at, sample } = standing
    const before = samples.get(agent.id)
    const failure =
      warnings.length > 0 && before !== undefined ? leftOut(before, sample, { host, warnings }) : undefined
    if (failure !== undefined) return { agent, ok: false, failure }
    samples.set(agent.id, sample)
    return { agent, ok: true, at, sample }
  })
}
