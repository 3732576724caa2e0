import type { Finding } from '../../../shared/model/mirror-finding.ts'
import type { AgentIdentity } from '../../../shared/model/mirror.ts'
import type { Failure } from '../../../shared/model/failure.ts'
import type { Growth } from '../history/history.ts'
import type { AgentSample } from '../metrics/sample.ts'

/** What the rules know of one agent. */
export interface AgentCase {
  agent: AgentIdentity
  ok: boolean
  failure?: Failure
  /** The last good reading, and when it was. */
  sample?: AgentSample
  sampledAt?: number
  /** Its growth over the window the findings are about; absent where nothing was measured. */
  growth?: Growth
  /** Growth of the past day: for restarts, and for what must not come and go with the window shown. */
  day?: Growth
  /** Its clock minus ours, ms. */
  clockOffset?: number
}

/** One source at one moment, as the rules see it. */
export interface SourceCase {
  source: string
  at: number
  /** Length of the window in seconds; absent is since each agent's start. */
  seconds?: number
  agents: readonly AgentCase[]
}

/** A rule looks at a whole source: some say something only by comparing. */
export type Rule = (of: SourceCase) => Finding[]
