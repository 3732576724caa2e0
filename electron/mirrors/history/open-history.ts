import type { Failure } from '../../../shared/model/failure.ts'
import type { Clock } from '../../ports.ts'
import type { History } from './history.ts'

export interface HistoryPorts {
  /** Where mirrors.sqlite is kept; made when it is not there. */
  directory: string
  clock: Clock
  /** Over it the oldest fine steps go first. */
  maxBytes?: number
  /** Told when the file was of no use, was moved aside and a new one begun. */
  onTrouble?: (failure: Failure) => void
}

/** Opens the history of a profile. Throws a FailureError where there can be none: no room, no permission. */
export function openHistory(ports: HistoryPorts): History {
  throw new Error(`not yet: ${ports.directory}`)
}
