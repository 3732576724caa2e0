import type { Failure } from '../../../shared/model/failure.ts'
import type { AgentIdentity } from '../../../shared/model/mirror.ts'
import type { SourceState } from '../../../shared/model/mirror-source.ts'
import type { Transport } from '../../oci/ask.ts'
import type { AgentSample } from '../metrics/sample.ts'

/** One agent's part of a round. `at` is when the numbers were true, ms since 1970. */
export type AgentResult = { agent: AgentIdentity } & (
  | {
      ok: true
      at: number
      sample: AgentSample
      /** The agent's clock minus ours in ms, from the Date header; seconds are all it resolves. */
      clockOffset?: number
    }
  | { ok: false; failure: Failure }
)

export interface SourceRound {
  /** When the round began: one clock for all its agents, ms since 1970. */
  at: number
  way: SourceState['way']
  /** The source as a whole gave nothing: API unreachable, no permission, no pods, a query refused. */
  failure?: Failure
  /** In a stable order. With a failure these may be the agents known from before, or none. */
  agents: AgentResult[]
}

/** Where agents are found and how they are read. One open source is one cluster of the map. */
export interface MirrorSource {
  /** Asks everybody once. Throws only when `signal` cancels: all that goes wrong is in the round. */
  round(signal: AbortSignal): Promise<SourceRound>
  /** Readings from before the app was opened, oldest first, where the source keeps any. */
  past?(from: number, to: number, signal: AbortSignal): AsyncGenerator<AgentResult[], void>
  /**
   * How an agent's mirror is asked: its base URL, and a transport that carries what the way needs (a pod proxy's
   * credentials). Undefined where nothing leads there.
   */
  mirrorOf(agent: AgentIdentity): { url: string; transport: Transport } | undefined
  /** Calls `changed` whenever agents come or go; a round follows. */
  onChange?(changed: () => void): void
  close(): void
}
