import type { Failure } from '../../../shared/model/failure.ts'
import type { Clock } from '../../ports.ts'

/** Milliseconds an agent is left alone at most. */
const longest = 5 * 60_000
/** Agents that are asked although all are to be left alone: then it may well be the way that is cut. */
const probes = 16

interface Failing {
  failure: Failure
  /** How often it failed in a row. */
  times: number
  /** Rounds since it was asked. */
  waited: number
  askedAt: number
}

/** Leaves agents that keep failing alone: for 1, 2, 4 … rounds and at most 5 minutes. */
export interface BackOff {
  /** Those of `ids` that are asked in this round. */
  due(ids: readonly string[]): ReadonlySet<string>
  /** What an agent that is left alone failed with. */
  failureOf(id: string): Failure | undefined
  failed(id: string, failure: Failure): void
  answered(id: string): void
  /** Nobody is left alone any more. */
  forget(): void
}

export function createBackOff(clock: Clock): BackOff {
  const failing = new Map<string, Failing>()

  const isDue = (id: string): boolean => {
    const known = failing.get(id)
    if (known === undefined) return true
    known.waited += 1
    return known.waited >= 2 ** (known.times - 1) || clock.now() - known.askedAt >= longest
  }

  return {
    due: (ids) => {
      const present = new Set(ids)
      for (const id of failing.keys()) if (!present.has(id)) failing.delete(id)
      const due = new Set(ids.filter(isDue))
      return due.size > 0 ? due : new Set(ids.slice(0, probes))
    },
    failureOf: (id) => failing.get(id)?.failure,
    failed: (id, failure) => {
      const times = (failing.get(id)?.times ?? 0) + 1
      failing.set(id, { failure, times, waited: 0, askedAt: clock.now() })
    },
    answered: (id) => void failing.delete(id),
    forget: () => failing.clear(),
  }
}
