import type { Failure } from '../../../shared/model/failure.ts'
import type { AgentIdentity } from '../../../shared/model/mirror.ts'
import type { SourceState } from '../../../shared/model/mirror-source.ts'
import type { Transport } from '../../oci/ask.ts'
import type { Connection } from '../../oci/connection.ts'
import type { Environment } from '../../credentials/helper.ts'
import type { Clock } from '../../ports.ts'
import type { AgentSample } from '../metrics/sample.ts'

/** Who asks, its secret read from the vault already. */
export type SourceCredential =
  | { kind: 'basic'; username: string; password: string }
  | { kind: 'bearer'; token: string }

/** What every source is opened with. */
export interface SourcePorts {
  /** Its id in the list: `source` of every agent it finds. */
  id: string
  /** Simulated: every agent is labelled. */
  demo: boolean
  transport: Transport
  /** TLS of the hosts the source was saved for; goes into the `connection` of every ask to them and to no other. */
  connection?: Connection
  /** Likewise for these hosts alone. */
  credential?: SourceCredential
  clock: Clock
  /** HOME, KUBECONFIG, HTTPS_PROXY and what an exec plugin of a kubeconfig may need. */
  env: Environment
  /** A number from 0 up to 1, as Math.random gives it: spreads what would come at once. */
  random: () => number
}

/** The Authorization header of a credential. */
export function authorizationOf(credential: SourceCredential): string {
  if (credential.kind === 'bearer') return `Bearer ${credential.token}`
  return `Basic ${Buffer.from(`${credential.username}:${credential.password}`, 'utf8').toString('base64')}`
}

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
  /** What the source says of its own answer, in its words: a Prometheus that has only a part of the metrics. */
  warnings?: string[]
  /** The source's clock minus ours, ms: the times of its readings are by its clock. */
  clockOffset?: number
  /** In a stable order. With a failure these may be the agents known from before, or none. */
  agents: AgentResult[]
}

/** How a round is wanted. */
export interface RoundAsked {
  /** Those too that are left alone for a while because they keep failing: the user wants to know now. */
  everybody?: boolean
  /** Hears of an agent as soon as it answered or failed, so that one that hangs keeps no other off the map. */
  onResult?: (result: AgentResult) => void
}

/** Where agents are found and how they are read. One open source is one cluster of the map. */
export interface MirrorSource {
  /** Asks all agents once. Throws only when `signal` cancels: all that goes wrong is in the round. */
  round(signal: AbortSignal, asked?: RoundAsked): Promise<SourceRound>
  /**
   * Readings from before the app was opened, each agent's oldest first, where the source keeps any; a failure is thrown
   * as a FailureError. Times are ms since 1970.
   */
  past?(from: number, to: number, signal: AbortSignal): AsyncGenerator<AgentResult[], void>
  /**
   * How an agent's mirror is asked: its base URL, and a transport that carries what the way needs (a pod proxy's
   * credentials). Undefined where nothing leads there.
   */
  mirrorOf(agent: AgentIdentity): { url: string; transport: Transport } | undefined
  /** Likewise for what else its metrics' listener answers: the URL of its /metrics, and what carries the way's needs. */
  metricsOf?(agent: AgentIdentity): { url: string; transport: Transport } | undefined
  /** Calls `changed` whenever agents come or go; a round follows. */
  onChange?(changed: () => void): void
  close(): void
}
