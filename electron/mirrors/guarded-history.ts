import { type Failure, FailureError } from '../../shared/model/failure.ts'
import { localFailure } from '../../shared/model/local-failure.ts'
import type { Log } from '../log.ts'
import type { History } from './history/history.ts'

/** A history whose trouble is said and never stops the map: what cannot be read is not there. */
export interface GuardedHistory extends History {
  /** Why nothing is kept at present: a full disk, a folder that cannot be written. */
  failure(): Failure | undefined
}

/** Opens the history at its first use. Trouble is logged once until it is over, and tried anew with every round. */
export function guardHistory(open: () => History, log: Log): GuardedHistory {
  let opened: History | undefined
  let failure: Failure | undefined

  const attempt = <T>(use: (history: History) => T, otherwise: T): T => {
    try {
      opened ??= open()
      return use(opened)
    } catch (error) {
      if (failure === undefined) log.warn({ err: error }, 'the history of the mirrors cannot be used')
      failure = failureOf(error)
      return otherwise
    }
  }

  return {
    record: (readings) => {
      if (attempt((history) => (history.record(readings), true), false)) failure = undefined
    },
    last: (source, agent) => attempt((history) => history.last(source, agent), undefined),
    growth: (source, range) => attempt((history) => history.growth(source, range), new Map()),
    growthOf: (source, agent, range) =>
      attempt((history) => history.growthOf(source, agent, range), undefined),
    series: (of, range, step) => attempt((history) => history.series(of, range, step), []),
    forget: (source) => attempt((history) => history.forget(source), undefined),
    close: () => {
      opened?.close()
      opened = undefined
    },
    failure: () => failure,
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof FailureError) return error.failure
  return localFailure(
    'internal',
    'scrape',
    'The history of the mirrors failed for a reason this app does not know.',
    {
      next: ['report-bug'],
    },
  )
}
